import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { instrument } from '../doubles/engine.ts';
import { DeskScene, rule, settled, type DeskSceneOptions, type Strategy } from './desk-scene.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2024, 0, 10, 9);

/** Realizes this much: in at 1000, out where it comes to that. */
function realize(scene: DeskScene, amount: number): void {
  scene.quote(1000);
  expect(scene.s.trade('BUY', 1)).toBe('order');
  scene.quote(1000 + amount);
  expect(scene.s.close()).toBe('order');
}

const drawdown = ({ book }: Strategy): number => book.equity.drawdown(book.equity.equity()!).toNumber();

const trading = (options: DeskSceneOptions = {}): Promise<DeskScene> =>
  DeskScene.open({ instruments: [instrument('X', { volumeStep: '0.01', volumeMin: '0.01' })], ...options });

describe('equity and its references', () => {
  it('measures the trailing drawdown from the realized peak (EQ-4)', async () => {
    const scene = await trading();
    realize(scene, 200);
    realize(scene, -100);
    expect(drawdown(scene.s)).toBe(0.00980392);
    await scene.rest();
    await scene.restart();
    expect(drawdown(scene.s)).toBe(0.00980392);
  });

  it('measures from the start where there was no profit (EQ-5)', async () => {
    const scene = await trading();
    realize(scene, -100);
    expect([scene.s.book.equity.peak.toNumber(), drawdown(scene.s)]).toEqual([10_000, 0.01]);
  });

  it.each([
    ['realized', -800, 0, 0.08],
    ['realized and open', -300, -500, 0.08],
    ['a profit', 500, 0, 0],
  ])('measures from the starting balance: %s (EQ-8)', async (_, realized, open, used) => {
    const scene = await trading({ halt: [rule('maxDrawdown', '0.5', { basis: 'start' })] });
    realize(scene, realized);
    if (open !== 0) {
      scene.quote(1000);
      scene.s.trade('BUY', 1);
      scene.quote(1000 + open);
    }
    expect(scene.s.runtime.risk.headroom()[0]!.used?.toNumber()).toBe(used);
  });

  it('takes the day from the balance alone where the rule says so (DD-1)', async () => {
    const scene = await trading({
      start: START_MS,
      halt: [rule('maxDailyDrawdown', '0.5', { basis: 'balance' })],
    });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.quote(1100);
    scene.jump(DAY_MS);
    scene.quote(600);
    scene.s.close();
    expect(scene.s.runtime.risk.headroom()[0]!.used?.toNumber()).toBe(0.04);
  });

  it('takes the reference anew with the day (DD-3)', async () => {
    const scene = await trading({ halt: [rule('maxDailyDrawdown', '0.5')] });
    realize(scene, -400);
    const used = (): number | undefined => scene.s.runtime.risk.headroom()[0]!.used?.toNumber();
    expect(used()).toBe(0.04);
    scene.jump(DAY_MS);
    expect([used(), scene.s.book.equity.day.equity?.toNumber()]).toEqual([0, 9600]);
  });

  it('has the reference before the first fill of the day, also where nobody was there at the roll-over (DD-5)', async () => {
    const scene = await trading({
      start: Date.UTC(2024, 0, 10, 23),
      halt: [rule('maxDailyDrawdown', '0.5')],
    });
    realize(scene, 0);
    await scene.rest();
    await scene.restart(2 * 3_600_000);
    realize(scene, -500);
    expect(scene.s.runtime.risk.headroom()[0]!.used?.toNumber()).toBe(0.05);
  });
});

describe('a halt rule, from tick to halt', () => {
  it.each([
    [900, true],
    [800, false],
    [500, false],
  ])('of 8 %% of the start with a loss of %s (H-1)', async (loss, halted) => {
    const scene = await trading({ halt: [rule('maxDrawdown', '0.08', { basis: 'start' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 10);
    scene.quote(1000 - loss / 10);
    expect(scene.s.trade('BUY', 1)).toBe(halted ? 'HALTED' : 'order');
    await scene.rest();
    expect(scene.s.state).toBe(halted ? 'halted' : 'trading');
  });

  it.each([
    [-100, false],
    [-100.01, true],
    [-200, true],
    [100, false],
  ])('of a daily loss of 100 with %s (H-4)', async (change, halted) => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100)] });
    realize(scene, change);
    await scene.rest();
    expect(scene.s.state).toBe(halted ? 'halted' : 'trading');
  });

  it('is lifted by one resume, once, and by none where there is no halt (H-7)', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100)] });
    realize(scene, -200);
    await scene.rest();
    const resume = () => scene.s.runtime.halts.resume({ by: 'test', reason: 'new budget', rebase: 'day' });
    expect(await resume()).toMatchObject({ state: 'trading', halted: false, lifted: [{ rule: 'maxDailyLoss' }] });
    expect(scene.s.causes).toEqual([]);
    await expect(resume()).rejects.toMatchObject({ code: 'QKT_E_STATE' });
    expect(scene.s.disk.events.filter(({ type }) => type === 'resume')).toMatchObject([
      { reason: 'new budget', by: 'test' },
    ]);
  });

  it('spares reducing orders, and nothing else (H-16)', async () => {
    const scene = await trading();
    scene.quote(100);
    scene.s.trade('BUY', 1);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
    expect(scene.s.trade('SELL', 2)).toBe('HALTED');
    expect(scene.s.trade('SELL', 1)).toBe('order');
    expect(scene.s.qty()).toBe(0);
  });

  it('counts exits that work already, so that two never flip a position', async () => {
    const scene = await trading();
    scene.quote(100);
    scene.s.trade('BUY', 1);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    expect(scene.s.ask({ side: 'SELL', type: 'limit', price: '110', qty: '1' })).toBe('order');
    expect(scene.s.ask({ side: 'SELL', type: 'limit', price: '111', qty: '1' })).toBe('HALTED');
    expect(scene.s.trade('SELL', 1)).toBe('HALTED');
  });

  it('lets no exit of a halt open a position after a stop has closed what it was for', async () => {
    const scene = await trading();
    scene.quote(100);
    scene.s.ask({ side: 'BUY', type: 'market', qty: '1', bracket: { stopLoss: { at: '95' } } });
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    expect(scene.s.ask({ side: 'SELL', type: 'limit', price: '105', qty: '1' })).toBe('order');
    scene.quote(94);
    expect(scene.s.qty()).toBe(0);
    scene.quote(106);
    expect(scene.s.qty()).toBe(0);
  });

  it('of a day survives a restart with its reason and its loss, and the timer does not clear it (H-17)', async () => {
    const scene = await trading({
      start: Date.UTC(2024, 0, 10, 1),
      halt: [rule('maxDailyLoss', 500)],
    });
    realize(scene, -900);
    await scene.rest();
    const [before] = scene.s.causes;
    await scene.restart(60_000);
    scene.jump(3_600_000);
    expect(scene.s.state).toBe('halted');
    expect(scene.s.causes).toMatchObject([
      { rule: 'maxDailyLoss', reason: before!.reason, causeId: before!.causeId, since: before!.since, restored: true },
    ]);
    const { equity } = scene.s.book;
    expect(equity.dailyLoss(equity.equity()!)?.toNumber()).toBe(900);
    expect(scene.s.disk.events.filter(({ type }) => type === 'halt').at(-1)).toMatchObject({ restored: true });
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
  });

  it('keeps the peak of a tick over a restart (H-21)', async () => {
    const scene = await trading();
    scene.quote(1000);
    scene.s.trade('BUY', 10);
    scene.quote(1100);
    scene.quote(1020);
    await scene.rest();
    await scene.restart();
    expect(scene.s.book.equity.peak.toNumber()).toBe(11_000);
    scene.quote(1020);
    expect(drawdown(scene.s)).toBe(0.07272727);
  });

  it('keeps entries, streak and cooldown over a restart (H-22)', async () => {
    const scene = await trading({ gate: { cooldown: { losses: 2, for: '10s' } } });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.clock.advanceBy(1000);
    scene.s.trade('BUY', 1);
    scene.clock.advanceBy(500);
    scene.quote(990);
    scene.s.trade('SELL', 1);
    scene.clock.advanceBy(400);
    scene.s.close();
    await scene.rest();
    const { entriesToday, streak, lastLossAt } = scene.s.book.history;
    expect([entriesToday, streak]).toEqual([2, 2]);
    await scene.restart();
    const after = scene.s.book.history;
    expect([after.entriesToday, after.streak, after.lastLossAt]).toEqual([2, 2, lastLossAt]);
    scene.quote(1000);
    scene.clock.advanceTo(lastLossAt! + 9_999);
    expect(scene.s.trade('BUY', 1)).toBe('COOLDOWN');
    scene.clock.advanceBy(1);
    expect(scene.s.trade('BUY', 1)).toBe('order');
  });

  it('halts a runaway on rejections by the venue (H-24)', async () => {
    const scene = await trading({
      paper: { rejectionRate: 1 },
      halt: [rule('maxRejections', 3, { windowMs: 10_000 })],
    });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.clock.advanceBy(9_999);
    scene.s.trade('BUY', 1);
    scene.clock.advanceBy(100);
    scene.s.trade('BUY', 1);
    expect(scene.s.causes).toEqual([]);
    scene.s.trade('BUY', 1);
    expect(scene.s.causes).toMatchObject([{ rule: 'maxRejections', reason: expect.stringContaining('rejections') }]);
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
  });

  it('halts a losing streak in the turn of its last fill, and a gain ends it (R-14)', async () => {
    const scene = await trading({ halt: [rule('maxLosingStreak', 3)] });
    realize(scene, -1);
    realize(scene, -2);
    expect(scene.s.book.history.streak).toBe(2);
    realize(scene, 5);
    expect(scene.s.book.history.streak).toBe(0);
    for (let i = 0; i < 3; i++) realize(scene, -1);
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
  });

  it('halts what cannot be computed for five minutes, and not sooner', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100, { onBreach: 'flatten' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    await scene.rest();
    await scene.restart();
    scene.clock.advanceBy(299_000);
    expect(scene.s.causes).toEqual([]);
    scene.clock.advanceBy(2000);
    await scene.rest();
    expect(scene.s.causes).toMatchObject([
      { rule: 'UNCOMPUTABLE', reason: expect.stringContaining('no mark'), onBreach: 'hold' },
    ]);
    expect([scene.s.state, scene.s.qty()]).toEqual(['halted', 1]);
  });

  it('does not count the time in which the gateway is away', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100)] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    await scene.rest();
    await scene.restart();
    scene.gatewayReady = false;
    scene.clock.advanceBy(400_000);
    scene.gatewayReady = true;
    scene.clock.advanceBy(200_000);
    expect(scene.s.causes).toEqual([]);
  });
});

describe('the gate of a deployed strategy', () => {
  it('caps the quantity at exactly its value (R-1)', async () => {
    const scene = await trading({ gate: { maxOrderQty: 10 } });
    scene.quote(100);
    expect([scene.s.trade('BUY', 11), scene.s.trade('BUY', 10)]).toEqual(['MAX_ORDER_QTY', 'order']);
    const [denial] = scene.s.disk.events.filter(({ type }) => type === 'rejection');
    await scene.rest();
    expect(denial ?? scene.s.disk.events.find(({ type }) => type === 'rejection')).toMatchObject({
      reason: expect.stringContaining('cap of 10'),
    });
  });

  it('caps the notional in account money (R-3)', async () => {
    const scene = await trading({
      instruments: [instrument('X', { base: 'USD', quote: 'JPY', contractSize: 1, volumeStep: 1, volumeMin: 1 })],
      gate: { maxOrderNotional: 100_000 },
    });
    scene.quote(150);
    expect([scene.s.trade('BUY', 100_000), scene.s.trade('BUY', 100_001)]).toEqual(['order', 'MAX_ORDER_NOTIONAL']);
  });

  it('refuses without a price: a feed that was never seen is stale (R-5)', async () => {
    const scene = await trading();
    expect(scene.s.trade('BUY', 1)).toBe('STALE_FEED');
    await scene.rest();
    expect(scene.s.disk.events.find(({ type }) => type === 'rejection')).toMatchObject({
      reason: expect.stringContaining('no price reference'),
    });
  });

  it('caps entries a day, never exits (R-11)', async () => {
    const scene = await trading({ gate: { maxTradesPerDay: 1 } });
    scene.quote(100);
    expect([scene.s.trade('BUY', 1), scene.s.trade('BUY', 1), scene.s.trade('SELL', 1)]).toEqual([
      'order',
      'MAX_TRADES_PER_DAY',
      'order',
    ]);
    scene.jump(DAY_MS);
    expect(scene.s.trade('BUY', 1)).toBe('order');
  });

  it('does not take an exit of the author for an entry, but one that turns the position round', async () => {
    const scene = await trading({ gate: { maxTradesPerDay: 3 } });
    scene.quote(100);
    expect([scene.s.trade('BUY', 1), scene.s.trade('SELL', 1), scene.s.trade('BUY', 1)]).toEqual([
      'order',
      'order',
      'order',
    ]);
    scene.s.ask({ side: 'SELL', type: 'stop', qty: '0.4', price: '90' });
    expect(scene.s.book.history.entriesToday).toBe(2);
    // With the stop that works it is more than is open.
    expect(scene.s.trade('SELL', 1)).toBe('order');
    expect(scene.s.book.history.entriesToday).toBe(3);
    expect(scene.s.trade('BUY', 2)).toBe('MAX_TRADES_PER_DAY');
  });
});

describe('the halt record', () => {
  it('holds all that is known of the trip', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100)] });
    scene.quote(1000);
    scene.s.ask({ side: 'BUY', type: 'market', qty: '1', bracket: { stopLoss: { by: '500' } } });
    scene.s.ask({ side: 'BUY', type: 'limit', price: '500', qty: '1' });
    const layers = ['0', '300', '400'].map((offset) => ({ offset, qty: '1' }));
    scene.s.ask({ side: 'BUY', type: 'market', qty: '1', stack: { layers, withinMs: 60_000 } });
    scene.quote(940);
    expect(scene.s.causes).toEqual([
      expect.objectContaining({
        causeId: 's-h1',
        rule: 'maxDailyLoss',
        scope: 'strategy',
        basis: 'equity',
        by: null,
        since: new Date(scene.clock.now()).toISOString(),
        formula: expect.stringContaining('limit'),
        inputs: expect.anything(),
        measured: dec(120),
        limit: dec(100),
        onBreach: 'hold',
        equity: dec(9880),
        positions: [{ symbol: 'X', qty: dec(2) }],
        cancelled: ['s-9-3.L2', 's-9-3.L3', 's-9-2'],
        left: [],
      }),
    ]);
    await scene.rest();
    expect(scene.s.runtime.actor.snapshot().context.haltCauses).toMatchObject([{ durable: true }]);
    expect(scene.s.book.desk.orders().map(({ role }) => role)).toEqual(['stopLoss']);
  });

  it('keeps every cause; the earliest is the one on top', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100), rule('maxDrawdown', '0.02', { basis: 'peak' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    scene.quote(890);
    scene.quote(790);
    await scene.rest();
    expect(scene.s.causes.map((cause) => cause.rule)).toEqual(['manual', 'maxDailyLoss', 'maxDrawdown']);
    const { haltCauses } = scene.s.runtime.actor.snapshot().context;
    expect(haltCauses.map(({ causeId }) => causeId)).toEqual(['s-h1', 's-h2', 's-h3']);
  });

  it('closes positions where the rule asks for it, also where a halt is in force already', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100, { onBreach: 'flatten' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['halted', 1]);
    scene.quote(890);
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['halted', 0]);
  });

  it('closes what a stopped strategy still holds, where the rule asks for it', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100, { onBreach: 'flatten' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.s.runtime.actor.send({ type: 'STOP', by: 'test', flatten: false, timeoutMs: 1000 });
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 1]);
    scene.quote(890);
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 0]);
  });

  it('closes what a strategy holds that is just being stopped, where the rule asks for it', async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100, { onBreach: 'flatten' })] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.s.runtime.actor.send({ type: 'STOP', by: 'test', flatten: false, timeoutMs: 1000 });
    expect(scene.s.state).toBe('cancelling');
    scene.quote(890);
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 0]);
  });

  it("is a line of the strategy's log once it is on disk, and so is the resume", async () => {
    const scene = await trading({ halt: [rule('maxDailyLoss', 100)], syncMs: 50 });
    const { lines, runtime } = scene.s;
    const told = (): readonly unknown[] => lines.filter(([, message]) => message === 'halted' || message === 'resumed');
    realize(scene, -200);
    await settled();
    expect([scene.s.causes.length, told()]).toEqual([1, []]);
    await scene.rest();
    const reason = expect.stringContaining('is over the limit of 100') as unknown;
    const fields = { rule: 'maxDailyLoss', scope: 'strategy', limit: dec(100), reason, by: 'its rule' };
    expect(told()).toEqual([['warn', 'halted', { ...fields, measured: expect.anything() as unknown }]]);
    const resumed = runtime.halts.resume({ by: 'ops', reason: 'new budget', rebase: 'day' });
    await settled();
    expect(told()).toHaveLength(1);
    await scene.rest();
    await resumed;
    expect(told().at(-1)).toEqual(['info', 'resumed', { reason: 'new budget', by: 'ops' }]);
    void runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'news', by: 'ops' });
    await scene.rest();
    const manual = { rule: 'manual', scope: 'strategy', reason: 'news', by: 'ops' };
    expect(told().at(-1)).toEqual(['warn', 'halted', manual]);
    await scene.restart();
    expect(scene.s.lines).toContainEqual(['warn', 'halted', { ...manual, restored: true }]);
  });

  it('says when it could not be written, and is in force all the same', async () => {
    const scene = await trading();
    scene.quote(1000);
    scene.s.disk.full = true;
    const result = await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    expect(result).toMatchObject({ state: 'halted', durable: false, causes: [{ durable: false }] });
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
  });
});

describe('a new trading day', () => {
  const lifts = rule('maxDailyLoss', 100, { autoResume: 'nextDay' });

  it.each([
    ['00:00 UTC', Date.UTC(2024, 0, 11)],
    ['17:00 America/New_York', Date.UTC(2024, 0, 10, 22)],
  ])('at %s lifts the halts that ask for it', async (rollover, end) => {
    const scene = await trading({ rollover, halt: [lifts] });
    realize(scene, -200);
    await scene.rest();
    expect(scene.s.state).toBe('halted');
    scene.jumpTo(end - 1);
    expect(scene.s.state).toBe('halted');
    scene.jumpTo(end);
    await scene.rest();
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    expect(scene.s.trade('BUY', 1)).toBe('order');
  });

  it('comes at 17:00 in New York before and after the clocks go forward', async () => {
    const scene = await trading({
      start: Date.UTC(2024, 2, 9, 12),
      rollover: '17:00 America/New_York',
      halt: [lifts],
    });
    for (const end of [Date.UTC(2024, 2, 9, 22), Date.UTC(2024, 2, 10, 21)]) {
      realize(scene, -200);
      await scene.rest();
      scene.jumpTo(end - 1);
      expect(scene.s.state).toBe('halted');
      scene.jumpTo(end);
      await scene.rest();
      expect(scene.s.state).toBe('trading');
    }
  });

  it("leaves a person's halt, and with it the rule's", async () => {
    const scene = await trading({ halt: [lifts] });
    realize(scene, -200);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    scene.jump(2 * DAY_MS);
    await scene.rest();
    expect([scene.s.state, scene.s.causes.length]).toEqual(['halted', 2]);
  });

  it('that began while nobody was there lifts them at the start', async () => {
    const scene = await trading({ halt: [lifts] });
    realize(scene, -200);
    await scene.rest();
    await scene.restart(DAY_MS);
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    expect(scene.s.faults).toEqual([]);
    scene.quote(1000);
    expect(scene.s.trade('BUY', 1)).toBe('order');
  });

  it('that began while it was stopped lifts them when it is started', async () => {
    const scene = await trading({ halt: [lifts] });
    realize(scene, -200);
    await scene.rest();
    scene.s.runtime.actor.send({ type: 'STOP', by: 'test', flatten: false, timeoutMs: 1000 });
    await scene.rest();
    scene.jump(DAY_MS);
    await scene.rest();
    expect([scene.s.state, scene.s.causes.length]).toEqual(['stopped', 1]);
    await scene.start();
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
  });
});

describe('a halt that is on its way to the disk', () => {
  it('keeps the gate closed against whatever the machine does meanwhile', async () => {
    const scene = await trading({ syncMs: 100 });
    scene.quote(1000);
    const { actor, halts } = scene.s.runtime;
    actor.send({ type: 'HUNG', hang: { cause: 'spinning', detail: 'test' } });
    const halted = halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    actor.send({ type: 'ANSWERED' });
    expect(scene.s.state).toBe('trading');
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
    await scene.rest();
    expect((await halted).state).toBe('halted');
  });
});
