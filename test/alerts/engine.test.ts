import { describe, expect, it } from 'vitest';
import type { Told } from '../../src/actors/act.ts';
import { AlertDesk } from '../../src/actors/alerts/alert-desk.ts';
import { NoAlertMemory } from '../../src/actors/alerts/alert-memory.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import type { Facts } from '../../src/alerts/facts.ts';
import { ALERT_RULES } from '../../src/alerts/rules.ts';
import { dec } from '../../src/domain/decimal.ts';
import { accountFacts, cause, daemonFacts, facts, gatewayFacts, position, strategyFacts, trade } from './facts.ts';
import { AlertScene, FakeChannel, settled } from './scene.ts';

const HOUR = 3_600_000;
const strategy = (changes: Parameters<typeof strategyFacts>[0]): Facts =>
  facts({ strategies: [strategyFacts(changes)] });
const daemon = (changes: Parameters<typeof daemonFacts>[0]): Facts => facts({ daemon: daemonFacts(changes) });

/** By rule: its key, and facts on which it holds. */
const HOLDING: Readonly<Record<string, readonly [key: string, bad: Facts]>> = {
  strategy_down: ['strategy_down:ema-cross', strategy({ healthy: false, state: 'unresponsive' })],
  strategy_halted: ['strategy_halted:ema-cross', strategy({ state: 'halted', causes: [cause()] })],
  strategy_failed: ['strategy_failed:ema-cross', strategy({ state: 'failed' })],
  book_equity_drop: ['book_equity_drop:paper', facts({ accounts: [accountFacts({ index: dec('0.9499') })] })],
  equity_floor: ['equity_floor:ema-cross', strategy({ equity: dec(9000) })],
  no_trades: ['no_trades:ema-cross', strategy({ quietMs: 9 * HOUR, expectTradesEveryMs: 8 * HOUR })],
  rejection_rate: ['rejection_rate:ema-cross', strategy({ submitted15m: 20, rejected15m: 10 })],
  gateway_down: ['gateway_down:paper', facts({ gateways: [gatewayFacts({ state: 'down' })] })],
  halt_incomplete: ['halt_incomplete:ema-cross', strategy({ haltLeft: ['o1'] })],
  flatten_failed: ['flatten_failed:ema-cross', strategy({ flattenLeft: ['EURUSD'] })],
  order_unknown: ['order_unknown:ema-cross', strategy({ unknownOrders: ['o1'] })],
  book_mismatch: ['book_mismatch:ema-cross', strategy({ mismatches: ['EURUSD 1 and 2'] })],
  journal_failed: ['journal_failed:daemon', daemon({ journalOk: false })],
  stop_not_fired: ['stop_not_fired:ema-cross', strategy({ positions: [position({ markPrice: dec(1) })] })],
  stale_feed: ['stale_feed:ema-cross', strategy({ stale: ['EURUSD'] })],
  headroom_low: [
    'headroom_low:ema-cross',
    strategy({
      headroom: [
        { rule: 'maxDrawdown', limit: dec('0.05'), used: dec('0.045'), remaining: null, remainingMoney: null },
      ],
    }),
  ],
  unprotected_position: ['unprotected_position:ema-cross', strategy({ positions: [position({ bareMs: 400_000 })] })],
  disk_low: ['disk_low:daemon', daemon({ freeBytes: 1 })],
  journal_slow: ['journal_slow:daemon', daemon({ syncP99: 0.5 })],
  high_slippage: [
    'high_slippage:ema-cross',
    strategy({ highSlippage: dec('0.001'), highSlippage5m: 1, lastTrades: [trade({ slippage: dec('0.002') })] }),
  ],
};

describe.each(ALERT_RULES.filter(({ scope }) => scope !== 'outside').map((rule) => [rule.id, rule] as const))(
  'the rule %s',
  (id, rule) => {
    const [key, bad] = HOLDING[id]!;
    const waits = rule.forMs / 1000;
    const keeps = rule.keepFiringMs / 1000;

    it('fires once its condition has held for long enough, is told once, and is resolved and told once', async () => {
      const scene = new AlertScene();
      scene.now = bad;
      if (waits > 0) {
        await scene.pass(waits);
        expect(scene.state(key)).toBe('pending');
      }
      await scene.pass(1);
      expect(scene.state(key)).toBe('firing');
      await scene.pass(8);
      expect(scene.first.titles).toEqual([`[${rule.severity}] ${id}: ${key.slice(id.length + 1)}`]);
      scene.now = facts();
      await scene.pass(keeps);
      if (keeps > 0) expect(scene.state(key)).toBe('firing');
      await scene.pass(1);
      expect(scene.state(key)).toBe('resolved');
      await scene.pass(60);
      expect(scene.first.titles.slice(1)).toEqual([`[RESOLVED] ${id}: ${key.slice(id.length + 1)}`]);
      expect(scene.faults).toEqual([]);
    });

    it('tells nobody of a condition that ends a second too soon', async () => {
      if (waits === 0) return;
      const scene = new AlertScene();
      scene.now = bad;
      await scene.pass(waits);
      scene.now = facts();
      await scene.pass(120);
      expect(scene.first.arrived).toEqual([]);
      expect(scene.state(key)).toBe('inactive');
    });
  },
);

it('keeps the last 200 of the alerts whose strategies have come and gone, and has told of each', async () => {
  const scene = new AlertScene();
  for (let round = 0; round < 220; round++) {
    scene.now = facts({ strategies: [strategyFacts({ strategy: `guest-${round}`, state: 'failed' })] });
    await scene.pass(1);
  }
  scene.now = facts();
  await scene.pass(60);
  expect(scene.engine.views()).toHaveLength(200);
  expect(scene.engine.history(1)[0]).toMatchObject({ target: 'guest-219', to: 'resolved' });
});

describe('an alert', () => {
  it('carries what it is about: figures, inputs, page and command', async () => {
    const scene = new AlertScene();
    scene.now = HOLDING['equity_floor']![1];
    await scene.pass(1);
    expect(scene.engine.views()).toMatchObject([
      {
        id: 'equity_floor',
        key: 'equity_floor:ema-cross',
        severity: 'P2',
        state: 'firing',
        strategy: 'ema-cross',
        measured: dec(9000),
        limit: dec(9500),
        runbook: 'docs/runbooks/equity_floor.md',
        command: 'qkt status ema-cross',
        acknowledged: null,
        silencedBy: null,
        inhibitedBy: null,
      },
    ]);
    expect(scene.events).toEqual([
      { type: 'alert', id: 'equity_floor', severity: 'P2', state: 'firing', strategy: 'ema-cross' },
    ]);
  });

  it('names the command of what is in force now', async () => {
    const scene = new AlertScene();
    const commandWith = async (...scopes: readonly string[]) => {
      scene.now = strategy({ causes: scopes.map((scope) => cause({ scope })) });
      await scene.pass(1);
      return scene.engine.views()[0]!.command;
    };
    expect(await commandWith('strategy', 'book')).toBe('qkt resume --all --dry-run');
    expect(await commandWith('strategy')).toBe('qkt resume ema-cross --dry-run');
  });

  it('keeps its state while an input is missing', async () => {
    const scene = new AlertScene();
    scene.now = HOLDING['book_equity_drop']![1];
    await scene.pass(3);
    scene.now = facts({ accounts: [accountFacts({ index: null })] });
    await scene.pass(60);
    expect(scene.state('book_equity_drop:paper')).toBe('firing');
    expect(scene.first.arrived).toHaveLength(1);
  });

  it('counts a strategy that does not answer as one that does not run', async () => {
    const scene = new AlertScene();
    scene.now = strategy({ healthy: null });
    await scene.pass(62);
    expect(scene.state('strategy_down:ema-cross')).toBe('firing');
  });

  it('of a rule of one’s own fires beyond its limit, and not on it', async () => {
    const own = new Map([
      [
        'deep',
        { field: 'drawdown.ratio', above: dec('0.04'), forMs: 30_000, keepFiringMs: 0, severity: 'P2' as const },
      ],
    ]);
    const scene = new AlertScene({ own });
    scene.now = strategy({ drawdown: dec('0.04') });
    await scene.pass(40);
    expect(scene.state('deep:ema-cross')).toBe('inactive');
    scene.now = strategy({ drawdown: dec('0.0401') });
    await scene.pass(29);
    expect(scene.state('deep:ema-cross')).toBe('pending');
    await scene.pass(2);
    expect(scene.state('deep:ema-cross')).toBe('firing');
  });

  it('heeds what is changed for one strategy alone', async () => {
    const scene = new AlertScene({ perStrategy: new Map([['gold', { equity_floor: { limit: dec('0.8') } }]]) });
    scene.now = facts({
      strategies: [strategyFacts({ equity: dec(9000) }), strategyFacts({ strategy: 'gold', equity: dec(9000) })],
    });
    await scene.pass(2);
    expect(scene.engine.views().map(({ key }) => key)).toEqual(['equity_floor:ema-cross']);
  });

  it('ends with its strategy: what is stopped or removed pages nobody', async () => {
    const scene = new AlertScene();
    scene.now = strategy({ healthy: false, state: 'draining', shouldRun: false });
    await scene.pass(120);
    scene.now = strategy({ healthy: false, state: 'stopped', shouldRun: false });
    await scene.pass(120);
    scene.now = facts({ strategies: [], gateways: [gatewayFacts({ strategies: [] })] });
    await scene.pass(120);
    scene.now = strategy({ healthy: false, state: 'starting' });
    await scene.pass(20);
    scene.now = facts();
    await scene.pass(120);
    expect(scene.first.arrived).toEqual([]);
    expect(scene.engine.views()).toEqual([]);
  });
});

describe('one cause', () => {
  const forty = Array.from({ length: 40 }, (_, n) => `s${String(n).padStart(2, '0')}`);
  const all = (changes: Parameters<typeof strategyFacts>[0]): Facts['strategies'] =>
    forty.map((name) => strategyFacts({ strategy: name, ...changes }));

  it('is one message: a dead gateway speaks for its forty strategies, and names them', async () => {
    const scene = new AlertScene();
    scene.now = facts({
      strategies: all({ stale: ['EURUSD'], submitted15m: 20, rejected15m: 20 }),
      gateways: [gatewayFacts({ state: 'down', strategies: forty })],
    });
    await scene.pass(300);
    expect(scene.first.titles).toEqual(['[P2] gateway_down: paper']);
    const [alert] = scene.first.arrived[0]!.alerts;
    for (const name of forty) expect(alert!.summary).toContain(name);
    expect(alert!.inputs['strategies']).toEqual(forty);
    const views = scene.engine.views();
    expect(views.filter(({ inhibitedBy }) => inhibitedBy === 'gateway_down:paper')).toHaveLength(80);
    scene.now = facts({ strategies: all({}), gateways: [gatewayFacts({ strategies: forty })] });
    await scene.pass(300);
    expect(scene.first.titles).toEqual(['[P2] gateway_down: paper', '[RESOLVED] gateway_down: paper']);
  });

  it('is one message also where each strategy says it itself', async () => {
    const scene = new AlertScene();
    const halted = { state: 'halted', causes: [cause({ scope: 'book' })] } as const;
    // Some are seen halted a second later than the others.
    scene.now = facts({ strategies: [...all(halted).slice(0, 25), ...all({}).slice(25)] });
    await scene.pass(1);
    scene.now = facts({ strategies: all(halted) });
    await scene.pass(60);
    expect(scene.first.titles).toEqual(['[P1] strategy_halted: 40 (s00, s01, s02 and 37 more)']);
    expect(scene.first.arrived[0]!.alerts.map(({ strategy: name }) => name)).toEqual(forty);
  });
});

describe('what fires for long', () => {
  const bad = HOLDING['equity_floor']![1];

  it('is told again on its schedule, until somebody acknowledges it', async () => {
    const scene = new AlertScene({ repeatMs: { P1: 60_000, P2: 120_000, P3: HOUR } });
    scene.now = bad;
    await scene.pass(7);
    await scene.pass(118);
    expect(scene.first.arrived).toHaveLength(1);
    await scene.pass(2);
    expect(scene.first.titles[1]).toBe('[P2] equity_floor still fires: ema-cross');
    void scene.engine.acknowledge(scene.engine.firing('equity_floor'), 'owner', null);
    await scene.pass(600);
    expect(scene.first.arrived).toHaveLength(2);
    expect(scene.engine.views()[0]!.acknowledged).toMatchObject({ by: 'owner' });
    scene.now = facts();
    await scene.pass(60);
    expect(scene.first.titles.at(-1)).toBe('[RESOLVED] equity_floor: ema-cross');
  });

  it('is not told while it is silenced, and is told when the silence ends', async () => {
    const scene = new AlertScene();
    const now = scene.clock.now();
    void scene.engine.addSilence({
      id: 's1',
      alert: 'equity_floor',
      p1: false,
      reason: 'known',
      by: 'owner',
      createdAt: now,
      endsAt: now + 60_000,
    });
    scene.now = bad;
    await scene.pass(59);
    expect(scene.first.arrived).toEqual([]);
    expect(scene.engine.views()[0]!.silencedBy).toBe('s1');
    await scene.pass(2);
    expect(scene.first.titles).toEqual(['[P2] equity_floor: ema-cross']);
    expect(scene.engine.silences()).toEqual([]);
  });

  it('of P1 is silenced by nothing that does not say so', async () => {
    const scene = new AlertScene();
    const now = scene.clock.now();
    const silence = { strategy: 'ema-cross', reason: 'known', by: 'owner', createdAt: now, endsAt: now + HOUR };
    void scene.engine.addSilence({ id: 's1', p1: false, ...silence });
    scene.now = HOLDING['strategy_halted']![1];
    await scene.pass(5);
    expect(scene.first.arrived).toHaveLength(1);

    const quiet = new AlertScene({ clock: scene.clock });
    void quiet.engine.addSilence({ id: 's2', p1: true, ...silence });
    quiet.now = HOLDING['strategy_halted']![1];
    await quiet.pass(5);
    expect(quiet.first.arrived).toEqual([]);
  });
});

describe('a restart', () => {
  const down = HOLDING['strategy_down']![1];

  it('forgets nothing and tells nothing twice', async () => {
    const before = new AlertScene({ repeatMs: { P1: HOUR, P2: HOUR, P3: HOUR } });
    before.now = facts({ strategies: [strategyFacts({ state: 'halted', causes: [cause()], equity: dec(1) })] });
    await before.pass(10);
    void before.engine.acknowledge(before.engine.firing('equity_floor'), 'owner', 'seen');
    expect(before.first.arrived).toHaveLength(2);
    const history = before.engine.history(10);
    before.kill();

    const channel = new FakeChannel('first');
    const after = new AlertScene({
      memory: before.memory,
      clock: before.clock,
      channels: [channel],
      repeatMs: { P1: HOUR, P2: HOUR, P3: HOUR },
    });
    expect(after.engine.views().map(({ key, state }) => [key, state])).toEqual([
      ['strategy_halted:ema-cross', 'firing'],
      ['equity_floor:ema-cross', 'firing'],
    ]);
    after.now = before.now;
    await after.pass(600);
    expect(channel.arrived).toEqual([]);
    expect(after.engine.views()[1]!.acknowledged).toMatchObject({ by: 'owner', comment: 'seen' });
    expect(after.engine.history(10)).toEqual(history);
    after.now = facts();
    await after.pass(30);
    expect(channel.titles.toSorted()).toEqual([
      '[RESOLVED] equity_floor: ema-cross',
      '[RESOLVED] strategy_halted: ema-cross',
    ]);
  });

  it('goes on counting what was pending, without the time in which nobody looked', async () => {
    const before = new AlertScene();
    before.now = down;
    await before.pass(41);
    before.kill();
    before.clock.advanceBy(HOUR);

    const after = new AlertScene({ memory: before.memory, clock: before.clock });
    after.now = down;
    await after.pass(10);
    expect(after.state('strategy_down:ema-cross')).toBe('pending');
    await after.pass(20);
    expect(after.state('strategy_down:ema-cross')).toBe('firing');
  });

  it('in order forgets what was pending: what follows it is no outage', async () => {
    const before = new AlertScene();
    before.now = down;
    await before.pass(55);
    before.engine.close();
    before.kill();

    const after = new AlertScene({ memory: before.memory, clock: before.clock });
    expect(after.engine.views()).toEqual([]);
    after.now = down;
    await after.pass(30);
    after.now = facts();
    await after.pass(60);
    expect([...before.first.arrived, ...after.first.arrived]).toEqual([]);
  });

  it('sends what was still to be sent, once', async () => {
    const failing = new FakeChannel('first');
    failing.conduct = 'fails';
    const before = new AlertScene({ channels: [failing] });
    before.now = HOLDING['strategy_halted']![1];
    await before.pass(9);
    expect(failing.tries).toBeGreaterThan(1);
    before.kill();

    const channel = new FakeChannel('first');
    const after = new AlertScene({ memory: before.memory, clock: before.clock, channels: [channel] });
    after.now = before.now;
    await after.pass(600);
    expect(channel.titles).toEqual(['[P1] strategy_halted: ema-cross']);
  });
});

describe('a channel', () => {
  const bad = HOLDING['strategy_halted']![1];
  const pair = () => {
    const [first, second] = [new FakeChannel('first'), new FakeChannel('second')];
    return { first, second, scene: new AlertScene({ channels: [first, second] }) };
  };

  it.each(['fails', { retryAfterMs: 60_000 }] as const)(
    'that %j passes the message to the next at once',
    async (conduct) => {
      const { first, second, scene } = pair();
      first.conduct = conduct;
      scene.now = bad;
      await scene.pass(3);
      expect(first.tries).toBe(1);
      expect(second.titles).toEqual(['[P1] strategy_halted: ema-cross']);
      await scene.pass(600);
      expect(second.arrived).toHaveLength(1);
      expect(first.arrived).toEqual([]);
    },
  );

  it('that hangs is given up after ten seconds', async () => {
    const { first, second, scene } = pair();
    first.conduct = 'hangs';
    scene.now = bad;
    await scene.pass(10);
    expect(second.arrived).toEqual([]);
    await scene.pass(4);
    expect(second.titles).toEqual(['[P1] strategy_halted: ema-cross']);
    expect(scene.notifier.channels()[0]).toMatchObject({
      failed: 1,
      lastError: 'no answer within 10 s',
    });
  });

  it('is tried again with growing pauses when all have failed, and as late as it asked for', async () => {
    const { first, second, scene } = pair();
    first.conduct = 'fails';
    second.conduct = { retryAfterMs: 300_000 };
    scene.now = bad;
    await scene.pass(60);
    expect(second.tries).toBe(1);
    expect(first.tries).toBe(5);
    first.conduct = 'takes';
    await scene.pass(60);
    expect(first.titles).toEqual(['[P1] strategy_halted: ema-cross']);
    await scene.pass(600);
    expect(second.arrived).toEqual([]);
  });

  it('does not say that an alert is over before it has said that it fires', async () => {
    const { first, second, scene } = pair();
    first.conduct = second.conduct = 'fails';
    scene.now = bad;
    await scene.pass(5);
    scene.now = facts();
    await scene.pass(30);
    first.conduct = 'takes';
    await scene.pass(60);
    expect(first.titles).toEqual(['[P1] strategy_halted: ema-cross', '[RESOLVED] strategy_halted: ema-cross']);
  });

  it('is proven by a test message when nothing went through it for as long as is set', async () => {
    const scene = new AlertScene({ canaryMs: HOUR });
    await scene.pass(7300);
    expect(scene.first.arrived.map(({ status }) => status)).toEqual(['test', 'test', 'test']);
    expect(scene.notifier.channels()[0]!.lastProven).not.toBeNull();
  });

  it('is tested by hand whatever it waits for', async () => {
    const { first, scene } = pair();
    first.conduct = 'fails';
    expect(await scene.notifier.test('first')).toMatchObject({ delivered: false, error: 'it answered 500' });
    first.conduct = 'takes';
    expect(await scene.notifier.test('first')).toMatchObject({ delivered: true, error: null });
    expect(() => scene.notifier.test('frist')).toThrow('there is first, second');
  });

  it('takes no more than twenty messages a minute', async () => {
    const channels = [new FakeChannel('first')];
    const scene = new AlertScene({ channels });
    const own = ['a', 'b', 'c'];
    for (let i = 0; i < 30; i++)
      scene.notifier.add({ alert: `${own[i % 3]}${i}`, severity: 'P2', status: 'firing', isRepeat: false, alerts: [] });
    await scene.pass(10);
    expect(channels[0]!.arrived).toHaveLength(20);
    expect(scene.notifier.channels()[0]!.state).toBe('limited');
    await scene.pass(60);
    expect(channels[0]!.arrived).toHaveLength(30);
  });
});

describe('a silence', () => {
  it('is ended as it is made: on disk before anybody is told', async () => {
    const memory = new NoAlertMemory();
    const writes: (() => void)[] = [];
    const scene = new AlertScene({
      memory: {
        recall: (part) => memory.recall(part),
        keep: (part, value) => new Promise((resolve) => writes.push(() => resolve(memory.keep(part, value)))),
      },
    });
    const { clock, engine, notifier } = scene;
    const log: string[] = [];
    const told: Told = (_act, run) => run();
    const rulebook = new Rulebook({ changes: {}, own: new Map() }, new Map());
    const desk = new AlertDesk({ clock, engine, notifier, rulebook: () => rulebook, told });
    const request = { by: 'ops', reason: 'planned', forMs: HOUR, p1: true, alert: 'strategy_halted' };
    const made = desk.silence(request).then((view) => (log.push('made'), view));
    await settled();
    log.push('first write');
    for (const write of writes.splice(0)) write();
    const { id } = await made;
    const ended = desk.unsilence(id, { by: 'ops' }).then(() => log.push('ended'));
    await settled();
    log.push('second write');
    for (const write of writes.splice(0)) write();
    await ended;
    expect(log).toEqual(['first write', 'made', 'second write', 'ended']);
    expect(memory.recall('alerts')).toMatchObject({ silences: [] });
    await expect(desk.unsilence(id, { by: 'ops' })).rejects.toMatchObject({ code: 'QKT_E_UNKNOWN_SILENCE' });
  });
});

describe('a fault in an alert rule', () => {
  const broken = (name: string, changes: Parameters<typeof strategyFacts>[0] = {}): Facts => {
    const its = Object.defineProperty(strategyFacts(changes), name, {
      get: () => {
        throw new Error(`no ${name}`);
      },
    });
    return facts({ strategies: [its] });
  };

  it('is told once, leaves its alert as it was, and judges all other rules', async () => {
    const scene = new AlertScene();
    scene.now = HOLDING['equity_floor']![1];
    await scene.pass(2);
    expect(scene.state('equity_floor:ema-cross')).toBe('firing');
    scene.now = broken('equity', { state: 'halted', causes: [cause()] });
    await scene.pass(10);
    expect(scene.faults).toMatchObject([{ during: 'equity_floor:ema-cross', error: { message: 'no equity' } }]);
    expect(scene.state('equity_floor:ema-cross')).toBe('firing');
    expect(scene.state('strategy_halted:ema-cross')).toBe('firing');
    scene.now = facts();
    await scene.pass(2);
    scene.now = broken('equity');
    await scene.pass(2);
    expect(scene.faults).toHaveLength(2);
  });

  it('keeps what fires where the facts cannot be gathered at all, and goes on telling it', async () => {
    const scene = new AlertScene({ repeatMs: { P1: 60_000, P2: HOUR, P3: HOUR } });
    scene.now = HOLDING['strategy_halted']![1];
    await scene.pass(10);
    Object.defineProperty(scene, 'now', {
      get: () => {
        throw new Error('no facts');
      },
    });
    await scene.pass(120);
    expect(scene.faults).toMatchObject([{ during: 'looking at the alert rules', error: { message: 'no facts' } }]);
    expect(scene.state('strategy_halted:ema-cross')).toBe('firing');
    expect(scene.first.titles.length).toBeGreaterThan(1);
  });
});
