/** What becomes of orders and positions when a strategy's code is lost: real runtime, book, desk and paper account. */
import { describe, expect, it } from 'vitest';
import { iso } from '../../src/domain/time.ts';
import { DeskScene, type DeskSceneOptions } from '../halts/desk-scene.ts';

type OnHang = NonNullable<DeskSceneOptions['onHang']>;

const LIMIT_MS = 1500;
const GRACE_MS = 10_000;

/** A strategy that is long 10 with a stop, has an entry at work and a layer of a stack that waits. */
async function trading(onHang: OnHang, options: DeskSceneOptions = {}): Promise<DeskScene> {
  const scene = await DeskScene.open({ onHang, ...options });
  const { s } = scene;
  scene.quote(100);
  const bracket = { stopLoss: { by: '20' } };
  const layers = [
    { offset: '0', qty: '10' },
    { offset: '5', qty: '1' },
  ];
  expect(s.ask({ side: 'BUY', type: 'market', qty: '10', bracket, stack: { layers, withinMs: 86_400_000 } })).toBe(
    'order',
  );
  expect(s.ask({ side: 'BUY', type: 'limit', qty: '3', price: '50' })).toBe('order');
  await scene.rest();
  expect(working(scene)).toEqual({ position: 10, entries: 1, layers: 1, stops: 1 });
  return scene;
}

const working = ({ s }: DeskScene) => ({
  position: s.qty(),
  entries: s.book.desk.orders().filter(({ role }) => role === 'entry').length,
  layers: s.book.desk.waitingLayers().length,
  stops: s.book.desk.orders().filter(({ role }) => role === 'stopLoss').length,
});

/** Lets time pass as it does: every timer in its turn. */
async function pass(scene: DeskScene, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    scene.clock.advanceBy(Math.min(250, ms - passed));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Its next turn does not end, and time passes until that is seen. */
async function hang(scene: DeskScene): Promise<void> {
  scene.s.hang();
  scene.quote(100);
  await pass(scene, 2000);
}

async function crash(scene: DeskScene): Promise<void> {
  scene.s.author = () => {
    throw new Error('out of ideas');
  };
  scene.quote(100);
  await new Promise((resolve) => setImmediate(resolve));
  scene.s.author = () => [];
}

const contextOf = ({ s }: DeskScene) => s.runtime.actor.snapshot().context;
const states = ({ s }: DeskScene): readonly string[] => s.runtime.actor.view().history.map(({ to }) => to);

/** Crashes it as often as it takes. */
async function fail(scene: DeskScene): Promise<void> {
  for (const pause of [1000, 2000, 4000]) {
    await crash(scene);
    expect(scene.s.state).toBe('crashed');
    await pass(scene, pause + 500);
  }
  await crash(scene);
  await scene.rest();
}

const ALL = { position: 10, entries: 1, layers: 1, stops: 1 };

describe('a strategy that hangs', () => {
  it('with onHang hold has its gate closed, and nothing else: when it answers it trades on', async () => {
    const scene = await trading('hold');
    await hang(scene);
    expect([scene.s.state, scene.s.causes]).toEqual(['unresponsive', []]);
    expect(working(scene)).toEqual(ALL);
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
    scene.s.answer();
    await scene.rest();
    expect(scene.s.state).toBe('trading');
    expect(working(scene)).toEqual(ALL);
    expect(scene.s.trade('BUY', 1)).toBe('order');
  });

  it('with onHang halt is halted as it is seen: entries and layers go, the position keeps its stop', async () => {
    const scene = await trading('halt');
    await hang(scene);
    expect(states(scene).slice(-3)).toEqual(['unresponsive', 'halting', 'unresponsive']);
    expect(working(scene)).toEqual({ position: 10, entries: 0, layers: 0, stops: 1 });
    const [cause, ...others] = scene.s.causes;
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      rule: 'onHang',
      scope: 'strategy',
      by: null,
      limit: LIMIT_MS,
      onBreach: 'hold',
      reason: expect.stringMatching(/^the strategy's code hangs \(idle\): no turn finished for 1\d{3} ms/) as string,
    });
    expect(cause!.measured).toBeGreaterThanOrEqual(LIMIT_MS);
    expect(cause!.measured).toBeLessThan(2000);
    expect(cause!.cancelled).toHaveLength(2);
    expect(scene.s.disk.events).toContainEqual(
      expect.objectContaining({ type: 'halt', rule: 'onHang', measured: cause!.measured, limit: LIMIT_MS }),
    );
  });

  it('with onHang flatten is flat as well while it hangs, and stays halted', async () => {
    const scene = await trading('flatten');
    await hang(scene);
    await scene.rest();
    expect(scene.s.state).toBe('unresponsive');
    expect(working(scene)).toEqual({ position: 0, entries: 0, layers: 0, stops: 0 });
    expect(scene.s.causes).toMatchObject([{ rule: 'onHang', onBreach: 'flatten' }]);
    expect(contextOf(scene).haltLeft).toEqual([]);
  });

  it.each(['halt', 'flatten'] as const)(
    'and was halted by it (%s) trades again when a person says so',
    async (onHang) => {
      const scene = await trading(onHang);
      await hang(scene);
      const { halts } = scene.s.runtime;
      const asked = { by: 'ann', reason: 'the loop is mended', rebase: 'none' } as const;
      await expect(halts.resume(asked)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
      scene.s.answer();
      await scene.rest();
      expect([scene.s.state, scene.s.trade('BUY', 1)]).toEqual(['halted', 'HALTED']);
      await halts.resume(asked);
      expect([scene.s.state, scene.s.trade('BUY', 1)]).toEqual(['trading', 'order']);
    },
  );

  it('stays halted when its time is over and its code is started anew, and after a restart of the daemon', async () => {
    const scene = await trading('halt');
    await hang(scene);
    const { causeId } = scene.s.causes[0]!;
    await pass(scene, GRACE_MS);
    expect(scene.s.state).toBe('crashed');
    expect(contextOf(scene).losses).toMatchObject([{ cause: 'idle', restartedAt: null }]);
    scene.s.answer();
    await pass(scene, 1500);
    expect(scene.s.state).toBe('halted');
    await scene.restart();
    expect(scene.s.state).toBe('halted');
    expect(scene.s.causes).toMatchObject([{ causeId, rule: 'onHang', restored: true }]);
    expect(contextOf(scene).losses).toMatchObject([{ cause: 'idle', restartedAt: expect.any(String) as string }]);
    expect(contextOf(scene).restarts).toBe(1);
  });

  it('again and again has one cause of it in force', async () => {
    const scene = await trading('halt');
    for (let round = 0; round < 3; round += 1) {
      await hang(scene);
      scene.s.answer();
      await scene.rest();
      expect(scene.s.state).toBe('halted');
    }
    expect(scene.s.causes).toHaveLength(1);
  });

  it('during a stop is stopped: the stop says what becomes of what it holds', async () => {
    const scene = await trading('flatten');
    scene.s.hang();
    scene.quote(100);
    await pass(scene, 1000);
    scene.s.runtime.actor.send({ type: 'STOP', by: 'ann', flatten: false, timeoutMs: 5000 });
    await pass(scene, 250);
    expect(scene.s.state).toBe('draining');
    // What hangs is not waited for.
    await pass(scene, 1500);
    expect([scene.s.state, scene.s.causes, scene.s.qty()]).toEqual(['stopped', [], 10]);
  });

  it('did not hang while the whole process stood still', async () => {
    const scene = await trading('halt');
    scene.s.hang();
    scene.quote(100);
    await pass(scene, 500);
    // Stopped and continued, an hour later by the monotonic clock as well.
    scene.clock.setNow(scene.clock.now() + 3_600_000);
    await pass(scene, 500);
    expect(scene.s.state).toBe('trading');
    scene.s.answer();
    await pass(scene, 2000);
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
  });

  it('is no matter of its neighbours: they are asked at every tick, and none of them is late', async () => {
    const scene = await DeskScene.open({ onHang: 'halt', strategies: ['s', 'good'] });
    const good = scene.strategies.get('good')!;
    const seen: number[] = [];
    good.author = (item) => {
      if (item.kind === 'tick') seen.push(item.ts);
      return [];
    };
    scene.s.hang();
    const given: number[] = [];
    for (let tick = 0; tick < 200; tick += 1) {
      scene.quote(100 + tick / 100, undefined, { afterMs: 50 });
      given.push(scene.clock.now());
      expect(seen.at(-1)).toBe(scene.clock.now());
      if (tick % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual(given);
    expect([scene.s.state, good.state, good.causes]).toEqual(['unresponsive', 'trading', []]);
  });
});

describe('a strategy whose code crashes', () => {
  it.each(['hold', 'halt', 'flatten'] as const)(
    'keeps all that it has working until it runs again (%s)',
    async (onHang) => {
      const scene = await trading(onHang);
      await crash(scene);
      expect(scene.s.state).toBe('crashed');
      expect(scene.s.trade('BUY', 1)).toBe('HALTED');
      expect(working(scene)).toEqual(ALL);
      await pass(scene, 1500);
      expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
      expect(working(scene)).toEqual(ALL);
      expect(contextOf(scene).losses).toMatchObject([
        { cause: 'threw', detail: expect.stringContaining('out of ideas') as string },
      ]);
    },
  );
});

describe('a strategy that has failed', () => {
  it.each([
    ['hold', ALL],
    ['halt', { position: 10, entries: 0, layers: 0, stops: 1 }],
    ['flatten', { position: 0, entries: 0, layers: 0, stops: 0 }],
  ] as const)('with onHang %s leaves at work what that says', async (onHang, left) => {
    const scene = await trading(onHang);
    await fail(scene);
    expect(scene.s.state).toBe('failed');
    expect(working(scene)).toEqual(left);
    expect(contextOf(scene)).toMatchObject({
      latched: 'its code was lost 4 times within 10 min: 3 restarts are allowed',
      haltLeft: [],
    });
    expect(contextOf(scene).losses).toHaveLength(4);
  });

  it('is started by a person without a halt to lift', async () => {
    const scene = await trading('halt');
    await fail(scene);
    await scene.start();
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    expect(contextOf(scene).losses.at(-1)).toMatchObject({ restartedAt: iso(contextOf(scene).startedAt!) });
  });

  it('tells the cause of each loss in its events', async () => {
    const scene = await trading('halt');
    await fail(scene);
    await scene.rest();
    const { history } = scene.s.runtime.actor.view();
    expect(history.filter(({ loss }) => loss !== undefined).map(({ to, loss }) => [to, loss])).toEqual([
      ['crashed', 'threw'],
      ['crashed', 'threw'],
      ['crashed', 'threw'],
      ['failed', 'threw'],
    ]);
  });
});
