import { describe, expect, it } from 'vitest';
import { GOLD, GOLD_THERE, TradingScene } from './trading-scene.ts';

/** What an order came to after its answer was lost. */
const settledBy = (scene: TradingScene, id: string): unknown =>
  scene.engine.of('order').findLast(({ orderId }) => orderId === id)?.resolvedBy;

describe('an order whose answer was lost', () => {
  it('is unknown, found by its tag, and filled as it was; never rejected (MT-25)', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'lost');
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'unknown', 'filled']);
    expect(settledBy(scene, id)).toBe('deal exness-80010002');
    expect(scene.sent('place')).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
  });

  it('works on where it turns out to be pending', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'lost');
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    await scene.pass(2000);
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'unknown', 'working']);
    expect(settledBy(scene, id)).toBe('order 70010001');
  });

  it('is rejected once four full looks in a row lack it, and says so', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'never');
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(4900);
    expect(scene.engine.order(id)!.status).toBe('unknown');
    await scene.pass(2000);
    expect(scene.engine.of('rejection')).toMatchObject([
      { orderId: id, status: 'rejected', code: 'ABSENT', resolvedBy: 'absent from four full reads' },
    ]);
    expect(scene.sent('place')).toHaveLength(1);
  });

  it('is not given up while nothing can be read', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'never');
    scene.broker.unreadable = true;
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(60_000);
    expect(scene.engine.order(id)!.status).toBe('unknown');
    scene.broker.unreadable = false;
    await scene.pass(10_000);
    expect(scene.engine.of('rejection')).toHaveLength(1);
  });

  it('is not missed by a look that had begun before', async () => {
    const scene = await TradingScene.ready();
    await scene.pass(29_500);
    scene.broker.lookMs = 2000;
    await scene.pass(1000);
    const begun = scene.broker.looks;
    scene.broker.next('place', 'never');
    await scene.placed('BUY', '0.1');
    while (scene.engine.of('rejection').length === 0) await scene.pass(100);
    // Beside the one that was on its way.
    expect(scene.broker.looks - begun).toBe(4);
  });

  it('is found where its position is closed already, under the same comment', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'lost');
    const id = await scene.placed('BUY', '0.1');
    const [position] = scene.broker.terminal.positions.all();
    const { symbol, volume, comment, ticket } = position!;
    const closing = { type: 'SELL', symbol, volume, comment, position: ticket, magic: 7, filling: 'IOC' } as const;
    scene.broker.terminal.send({ action: 'deal', ...closing });
    await scene.pass(3000);
    expect(scene.engine.statuses(id).at(-1)).toBe('filled');
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });

  it('blocks the symbol until it is settled', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'never');
    await scene.placed('BUY', '0.1');
    await scene.placed('BUY', '0.1');
    expect(scene.engine.refusals).toMatchObject([{ by: 'gate', code: 'UNKNOWN_ORDER' }]);
    await scene.pass(10_000);
    await scene.placed('BUY', '0.1');
    expect(scene.qty).toBe(0.1);
  });

  it('stays unresolved where two orders carry its tag', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'lost');
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.broker.workAgain(scene.broker.placements[0]!);
    await scene.pass(60_000);
    expect(scene.engine.order(id)!.status).toBe('unknown');
    expect(scene.trading.differences()).toEqual([]);
    const [, second] = scene.broker.terminal.pendings();
    scene.broker.terminal.cancelByHand(second!.ticket);
    await scene.pass(6000);
    expect(scene.engine.order(id)!.status).toBe('working');
  });

  it('is unknown after a restart, and settled by reading alone', async () => {
    const scene = await TradingScene.ready();
    scene.broker.unreadable = true;
    scene.broker.next('place', 'lost');
    const filled = await scene.placed('BUY', '0.1');
    await scene.restart();
    expect(scene.engine.order(filled)!.status).toBe('unknown');
    scene.broker.unreadable = false;
    await scene.connect();
    await scene.pass(1000);
    expect(scene.engine.statuses(filled).at(-1)).toBe('filled');
    expect(scene.sent('place')).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
  });

  it('is rejected after a restart where the daemon ended before it was sent', async () => {
    const scene = await TradingScene.ready();
    await scene.pass(300_000);
    scene.syncMs = 50;
    const id = scene.place('BUY', '0.1');
    await scene.pass(20);
    await scene.restart();
    await scene.connect();
    expect(scene.engine.order(id)!.status).toBe('unknown');
    await scene.pass(10_000);
    expect(scene.engine.of('rejection')).toMatchObject([{ orderId: id, code: 'ABSENT' }]);
    expect(scene.broker.writes).toEqual([]);
  });

  it('is given up after a restart in the same time, however long the run before was', async () => {
    const scene = await TradingScene.ready();
    await scene.pass(3_600_000);
    scene.broker.next('place', 'never');
    const id = await scene.placed('BUY', '0.1');
    await scene.restart();
    await scene.connect();
    await scene.pass(10_000);
    expect(scene.engine.statuses(id).at(-1)).toBe('rejected');
  });

  it('is taken back when that was asked for while it was unknown', async () => {
    const scene = await TradingScene.ready();
    scene.broker.unreadable = true;
    scene.broker.next('place', 'lost');
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.engine.desk.cancelEntries('halted');
    await scene.pass(3000);
    scene.broker.unreadable = false;
    await scene.pass(5000);
    expect(scene.engine.statuses(id).at(-1)).toBe('cancelled');
    expect(scene.broker.terminal.pendings()).toEqual([]);
  });

  it('that was given up and is carried out after all is booked under its own id, and protected', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'never');
    const id = await scene.placed('BUY', '0.1', { stopLoss: { by: 20 } });
    await scene.pass(10_000);
    expect(scene.engine.statuses(id).at(-1)).toBe('rejected');
    scene.broker.workAgain(scene.broker.placements[0]!);
    await scene.pass(35_000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.1@2400.25`]);
    expect(scene.engine.of('order').findLast(({ orderId }) => orderId === id)).toMatchObject({ cause: 'late' });
    expect(scene.levels()).toBe('2380.25 none');
  });

  it('that was given up and works after all is cancelled', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'never');
    await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    await scene.pass(10_000);
    scene.broker.workAgain(scene.broker.placements[0]!);
    await scene.pass(35_000);
    expect(scene.broker.terminal.pendings()).toEqual([]);
  });
});

describe('an order that was taken without a deal', () => {
  it('waits for the deal, and never has a price of 0', async () => {
    const scene = await TradingScene.ready();
    scene.broker.dealsShown = 0;
    scene.broker.next('place', 'bare');
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(3000);
    expect(scene.engine.order(id)!.status).toBe('working');
    expect(scene.engine.fills()).toEqual([]);
    scene.broker.dealsShown = Infinity;
    await scene.pass(2000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.1@2400.25`]);
  });

  it('is unknown after ten seconds without one, and filled when it comes', async () => {
    const scene = await TradingScene.ready();
    scene.broker.dealsShown = 0;
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(40_000);
    expect(scene.engine.order(id)!.status).toBe('unknown');
    expect(scene.engine.of('rejection')).toEqual([]);
    scene.broker.dealsShown = Infinity;
    await scene.pass(6000);
    expect(scene.engine.statuses(id).at(-1)).toBe('filled');
  });

  it('is cancelled for what the venue has not filled', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'partial');
    const id = await scene.placed('BUY', '0.4');
    await scene.pass(2000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.2@2400.25`]);
    expect(scene.engine.of('cancel')).toMatchObject([{ orderId: id, reason: 'the venue has filled a part only' }]);
    expect(scene.qty).toBe(0.2);
  });
});

describe('a close whose answer was lost', () => {
  it('is booked when its deal is there (a failure told as definite may hide a success)', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.next('close', 'lost');
    scene.engine.handle({ kind: 'close', orderId: 's-1-9', signalId: 's-1-s9', stream: GOLD });
    await scene.settle();
    await scene.pass(1000);
    expect(scene.engine.statuses('s-1-9')).toEqual(['created', 'submitted', 'unknown', 'filled']);
    expect(scene.qty).toBe(0);
  });

  it('is rejected when four full looks show the position as it was', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.next('close', 'never');
    await scene.close();
    expect(scene.engine.desk.orders()).toMatchObject([{ status: 'unknown' }]);
    await scene.pass(8000);
    expect(scene.engine.of('rejection')).toMatchObject([{ code: 'ABSENT', resolvedBy: 'absent from four full reads' }]);
    expect(scene.sent('close')).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
    await scene.close();
    expect(scene.qty).toBe(0);
  });

  it('is not given up while the position has changed and no deal says why', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.dealsShown = 1;
    scene.broker.next('close', 'lost');
    await scene.close();
    await scene.pass(60_000);
    expect(scene.engine.desk.orders()).toMatchObject([{ status: 'unknown' }]);
    scene.broker.dealsShown = Infinity;
    await scene.pass(6000);
    expect(scene.engine.of('rejection')).toEqual([]);
    expect(scene.qty).toBe(0);
  });

  it('is settled first by a flatten, which then closes what is left', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.next('close', 'never');
    await scene.close();
    scene.engine.desk.flatten();
    expect(scene.engine.desk.orders()).toHaveLength(1);
    await scene.pass(8000);
    scene.engine.desk.flatten();
    await scene.settle();
    expect(scene.qty).toBe(0);
  });

  it('is unknown after a restart, and found by its position', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.unreadable = true;
    scene.broker.next('close', 'lost');
    await scene.close();
    await scene.restart();
    scene.broker.unreadable = false;
    await scene.connect();
    await scene.pass(2000);
    expect(scene.qty).toBe(0);
    expect(scene.engine.desk.orders()).toEqual([]);
    expect(scene.engine.of('order').some(({ cause }) => cause !== undefined)).toBe(false);
    expect(scene.sent('close')).toHaveLength(1);
  });

  it('ends with nothing left to close where a stop has been faster', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', { stopLoss: { by: 10 } });
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2385, ask: 2385.25 });
    await scene.close();
    await scene.pass(2000);
    expect(scene.engine.of('cancel').at(-1)).toMatchObject({ reason: 'nothing is left to close' });
    expect(scene.engine.fills()).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });
});
