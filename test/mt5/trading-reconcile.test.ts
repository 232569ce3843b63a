import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { MAGIC } from '../doubles/mt5-gateway.ts';
import { GOLD, GOLD_THERE, STRANGER, TradingScene, type SceneOptions } from './trading-scene.ts';

/** A position of ours that is gone, and no deal says why. */
async function vanished(options: SceneOptions = {}): Promise<TradingScene> {
  const scene = await TradingScene.ready(options);
  await scene.placed('BUY', '0.1');
  scene.broker.hiddenPositions = new Set(scene.tickets);
  return scene;
}

describe('a position that deals do not explain', () => {
  it('is no difference before four full looks, and never a close', async () => {
    const scene = await vanished();
    await scene.pass(6000);
    expect(scene.trading.differences()).toEqual([]);
    await scene.pass(20_000);
    expect(scene.trading.differences()).toMatchObject([
      { id: 's:position:70010001', kind: 'position', strategy: 's', symbol: GOLD, ours: 'long 0.1', theirs: null },
    ]);
    expect(scene.engine.of('gateway').map(({ to }) => to)).toEqual(['differs']);
    expect(scene.engine.trades).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
  });

  it('is over when it is there again', async () => {
    const scene = await vanished();
    await scene.pass(20_000);
    scene.broker.hiddenPositions = new Set();
    await scene.pass(35_000);
    expect(scene.trading.differences()).toEqual([]);
    expect(scene.differences.at(-1)).toBe('settled position: long 0.1 / null, halted');
    expect(scene.engine.of('gateway').map(({ to }) => to)).toEqual(['differs', 'agrees']);
  });

  it('is booked as soon as its deals are there, however late', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.dealsShown = 1;
    scene.broker.terminal.closeByHand(scene.tickets[0]!);
    await scene.pass(60_000);
    expect(scene.trading.differences()).toHaveLength(1);
    scene.broker.dealsShown = Infinity;
    await scene.pass(31_000);
    expect(scene.trading.differences()).toEqual([]);
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });

  it('is taken over at the quote where the policy says so, and a late deal is not booked again', async () => {
    const scene = await TradingScene.ready({ policies: { position: 'adopt' } });
    await scene.placed('BUY', '0.1', { stopLoss: { by: 20 } });
    scene.broker.dealsShown = 1;
    scene.broker.terminal.closeByHand(scene.tickets[0]!);
    await scene.quote(2410);
    await scene.pass(60_000);
    expect(scene.qty).toBe(0);
    expect(scene.engine.of('order').find(({ cause }) => cause === 'adopted')).toMatchObject({ role: 'close' });
    expect(scene.engine.desk.orders()).toEqual([]);
    scene.broker.dealsShown = Infinity;
    await scene.pass(60_000);
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('is still known after a restart', async () => {
    const scene = await vanished();
    await scene.pass(20_000);
    await scene.restart();
    expect(scene.trading.differences()).toHaveLength(1);
    await scene.connect();
    await scene.pass(60_000);
    expect(scene.engine.of('gateway')).toHaveLength(1);
  });
});

describe('what nobody knows', () => {
  it('is shown, and left alone', async () => {
    const scene = await TradingScene.ready();
    scene.broker.extraPositions = [STRANGER];
    await scene.pass(40_000);
    expect(scene.trading.differences()).toMatchObject([
      { kind: 'foreign', strategy: null, ours: null, theirs: 'short 0.5', policy: 'ignore', done: 'shown' },
    ]);
    expect(scene.qty).toBe(0);
    scene.broker.extraPositions = [];
    await scene.pass(31_000);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('is not that of another magic number', async () => {
    const scene = await TradingScene.ready();
    scene.broker.extraPositions = [{ ...STRANGER, magic: 7 }];
    await scene.pass(90_000);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('may be a pending order as well', async () => {
    const scene = await TradingScene.ready();
    scene.broker.terminal.send({
      action: 'pending',
      type: 'BUY_LIMIT',
      symbol: GOLD_THERE,
      volume: dec('0.1'),
      price: dec(2390),
      magic: MAGIC,
      comment: 'somebody',
      filling: 'IOC',
    });
    await scene.pass(40_000);
    expect(scene.trading.differences()).toMatchObject([{ kind: 'foreign', theirs: 'BUY_LIMIT 0.1' }]);
  });

  it('becomes the one strategy’s that trades its symbol, where the policy says so', async () => {
    const scene = await TradingScene.ready({ policies: { foreign: 'adopt' } });
    scene.broker.extraPositions = [STRANGER];
    await scene.pass(40_000);
    expect(scene.qty).toBe(-0.5);
    expect(scene.engine.fills()).toEqual(['s-adopted-900 SELL 0.5@2399']);
    expect(scene.engine.of('gateway').at(-1)!.difference).toMatchObject({ done: 'taken over by s', settled: true });
    expect(scene.trading.differences()).toEqual([]);
  });

  it('is nobody’s before all strategies of before are back', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.restart();
    const info = await scene.broker.account();
    if (info.known) await scene.trading.prepare(info.value, [GOLD]);
    scene.broker.extraPositions = [STRANGER];
    scene.trading.begin();
    await scene.pass(120_000);
    expect(scene.trading.differences()).toEqual([]);
    scene.trading.settled();
    await scene.pass(120_000);
    expect(scene.trading.differences()).toHaveLength(1);
  });
});

describe('the account', () => {
  it('is reconciled by a full look after it was joined, and after every loss', async () => {
    const scene = await TradingScene.ready();
    expect(scene.account.reconciled).toBe(true);
    scene.trading.suspend();
    expect(scene.account.reconciled).toBe(false);
    scene.broker.unreadable = true;
    expect(await scene.trading.reconcile()).toEqual({ known: false, reason: 'HTTP 503' });
    expect(scene.account.reconciled).toBe(false);
    scene.broker.unreadable = false;
    expect(await scene.trading.reconcile()).toEqual({ known: true, value: [] });
    expect(scene.account.reconciled).toBe(true);
  });

  it('denies entries until then', async () => {
    const scene = await TradingScene.ready();
    scene.trading.suspend();
    scene.place('BUY', '0.1');
    expect(scene.engine.refusals).toMatchObject([{ by: 'gate', code: 'GATEWAY_DOWN' }]);
  });

  it('gives up an entry that the gateway was lost for before it was sent', async () => {
    const scene = await TradingScene.ready();
    scene.syncMs = 50;
    const id = scene.place('BUY', '0.1');
    await scene.pass(10);
    scene.trading.suspend();
    await scene.pass(100);
    expect(scene.engine.refusals).toMatchObject([{ orderId: id, code: 'NOT_SENT' }]);
    expect(scene.broker.writes).toEqual([]);
  });

  it('tells its margin level, and how often it could not be read', async () => {
    const scene = await TradingScene.ready();
    expect(scene.account.margin()).toEqual({ level: dec(0), unreadable: 0 });
    await scene.placed('BUY', '1');
    await scene.pass(5000);
    expect(scene.account.margin().level!.toNumber()).toBeGreaterThan(1000);
    scene.broker.down = true;
    await scene.pass(15_000);
    expect(scene.account.margin()).toEqual({ level: undefined, unreadable: 3 });
  });

  it('is not looked at in passing while it holds nothing and waits for nothing', async () => {
    const scene = await TradingScene.ready();
    const before = scene.broker.reads;
    await scene.pass(29_000);
    expect(scene.broker.reads - before).toBe(5);
    await scene.placed('BUY', '0.1');
    const holding = scene.broker.reads;
    await scene.pass(10_000);
    expect(scene.broker.reads - holding).toBeGreaterThanOrEqual(20);
  });

  it('goes on where the broker lacks a symbol: it is the trouble of those alone who trade it', async () => {
    const scene = await TradingScene.ready();
    const info = await scene.broker.account();
    if (!info.known) return;
    expect(await scene.trading.prepare(info.value, ['EXNESS:GBPUSD', GOLD])).toEqual({ known: true, value: undefined });
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    expect(scene.engine.statuses(id).at(-1)).toBe('filled');
  });
});
