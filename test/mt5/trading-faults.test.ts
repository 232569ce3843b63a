/** Throws of our own code in one account: they end neither the daemon nor the looks, and lose no order. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { MAGIC } from '../doubles/mt5-gateway.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

const boom = (): never => {
  throw new TypeError('boom');
};

/** Replaces a method by one that throws the first time. */
function breakOnce<K extends string>(of: Record<K, unknown>, name: K): void {
  const works = of[name];
  of[name] = (): never => {
    of[name] = works;
    return boom();
  };
}

/** Orders pass again once a look was taken in. */
async function worksOn(scene: TradingScene): Promise<void> {
  await scene.pass(2000);
  expect(scene.account.reconciled).toBe(true);
  await scene.placed('BUY', '0.1');
  await scene.pass(2000);
}

describe('an account whose code throws', () => {
  it('has an order whose sending throws unknown, and rejected once four looks lack it', async () => {
    const scene = await TradingScene.ready();
    breakOnce(scene.broker, 'place');
    const id = await scene.placed('BUY', '0.1');
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'unknown']);
    expect(scene.faults).toEqual(['boom']);
    await scene.pass(10_000);
    expect(scene.engine.of('rejection')).toMatchObject([{ orderId: id, code: 'ABSENT' }]);
    expect(scene.sent('place')).toEqual([]);
    await worksOn(scene);
    expect(scene.qty).toBe(0.1);
  });

  it('finds an order by reading whose answer it could not take in', async () => {
    const scene = await TradingScene.ready();
    breakOnce(scene.account, 'answered');
    const id = await scene.placed('BUY', '0.1');
    expect(scene.engine.statuses(id).at(-1)).toBe('unknown');
    await scene.pass(5000);
    expect(scene.engine.statuses(id).at(-1)).toBe('filled');
    expect([scene.qty, scene.sent('place').length]).toEqual([0.1, 1]);
  });

  it('never sends an order whose storing throws, and settles it', async () => {
    const scene = await TradingScene.ready();
    Object.defineProperty(scene, 'durable', { get: boom, configurable: true });
    const id = await scene.placed('BUY', '0.1');
    Object.defineProperty(scene, 'durable', { value: true });
    expect(scene.engine.statuses(id).at(-1)).toBe('unknown');
    await scene.pass(10_000);
    expect(scene.engine.statuses(id).at(-1)).toBe('rejected');
    expect(scene.sent('place')).toEqual([]);
  });

  it('closes what an order was to close whose close throws, asked once more', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    breakOnce(scene.broker, 'close');
    await scene.close();
    expect(scene.qty).toBe(0.1);
    await scene.pass(10_000);
    await scene.close();
    await scene.pass(2000);
    expect([scene.qty, scene.tickets]).toEqual([0, []]);
  });

  it.each(['tick', 'suspects', 'onLook'] as const)('looks on after a throw of %s', async (name) => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    breakOnce(scene.account, name);
    await scene.pass(31_000);
    expect(scene.faults).toEqual(['boom']);
    await worksOn(scene);
    expect(scene.qty).toBe(0.1);
  });

  it('tells what throws each second once, and the gateway stays in order', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.account.tick = boom;
    scene.reads.length = 0;
    await scene.pass(10_000);
    expect(scene.faults).toEqual(['boom']);
    expect(scene.reads).not.toContain(false);
  });

  it('takes a position over at a later look whose taking over throws', async () => {
    const scene = await TradingScene.ready({ policies: { foreign: 'adopt' } });
    breakOnce(scene.account, 'adopt');
    const theirs = { type: 'BUY', volume: dec('0.3'), comment: 'theirs', filling: 'IOC' } as const;
    scene.broker.terminal.send({ action: 'deal', symbol: GOLD_THERE, magic: MAGIC, ...theirs });
    await scene.pass(60_000);
    expect([scene.faults, scene.qty]).toEqual([['boom'], 0.3]);
  });

  it('goes on where a read throws', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    for (const name of ['positions', 'reconcile', 'account'] as const) breakOnce(scene.broker, name);
    await scene.pass(40_000);
    expect(scene.reads.filter((ok) => !ok)).toHaveLength(2);
    await worksOn(scene);
    expect(scene.qty).toBe(0.2);
  });
});
