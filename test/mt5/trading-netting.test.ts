/** Protection where a symbol has one position for all entries, with one stop and one target. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

const BOTH = { stopLoss: { by: 20 }, takeProfit: { by: 40 } };

describe('the bracket on a netting account', () => {
  it('is on the position while one entry makes it up', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const id = await scene.placed('BUY', '0.1', BOTH);
    expect(scene.levels()).toBe('2380.25 2440.25');
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2380, ask: 2380.25 });
    await scene.pass(1000);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2380`);
    expect(scene.engine.desk.orders()).toEqual([]);
  });

  it('is held here where several entries share it, each for its own part, and the farthest stop there', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('BUY', '0.1', BOTH);
    await scene.quote(2402);
    await scene.placed('BUY', '0.2', { stopLoss: { by: 10 } });
    await scene.pass(3000);
    expect(scene.levels()).toBe('2380.25 none');
    await scene.quote(2392);
    await scene.pass(1000);
    expect(scene.qty).toBe(0.1);
    expect(scene.broker.held()).toBe(0.1);
    await scene.pass(3000);
    expect(scene.levels()).toBe('2380.25 2440.25');
    expect(scene.engine.order(`${first}.sl`)!.status).toBe('working');
  });

  it('closes all that is left by the stop there when nobody here watches', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1', BOTH);
    await scene.placed('BUY', '0.2', { stopLoss: { by: 10 } });
    await scene.pass(3000);
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2379, ask: 2379.25 });
    await scene.pass(3000);
    expect(scene.engine.of('order').at(-1)).toMatchObject({ status: 'cancelled' });
    expect(scene.engine.fills().at(-1)).toMatch(/SELL 0\.3@2379$/);
    expect([scene.qty, scene.broker.held(), scene.engine.desk.orders()]).toEqual([0, 0, []]);
  });

  it('has the farthest stop of a short above, and follows it where it is moved or taken back', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('SELL', '0.1', { stopLoss: { at: 2410 } });
    const second = await scene.placed('SELL', '0.1', { stopLoss: { at: 2420 } });
    await scene.pass(3000);
    expect(scene.levels()).toBe('2420 none');
    scene.account.modify(`${second}.sl`, { price: dec(2408) });
    await scene.pass(3000);
    expect(scene.levels()).toBe('2410 none');
    scene.engine.cancel(`${first}.sl`);
    await scene.pass(3000);
    expect(scene.levels()).toBe('none none');
    expect(scene.engine.statuses(`${first}.sl`).at(-1)).toBe('cancelled');
    expect(scene.differences).toEqual([]);
  });

  it('keeps a stop there that two entries have in common, whichever of them is closed', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.pass(3000);
    await scene.placed('SELL', '0.1');
    await scene.pass(3000);
    expect(scene.levels()).toBe('2380 none');
    expect(scene.engine.statuses(`${first}.sl`).at(-1)).toBe('cancelled');
    expect(scene.engine.working()).toHaveLength(1);
  });

  it('takes the level of one that was moved by hand, and what is farther with it', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const [low, middle, near] = [
      await scene.placed('BUY', '0.1', { stopLoss: { at: 2370 } }),
      await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } }),
      await scene.placed('BUY', '0.1', { stopLoss: { at: 2390 } }),
    ];
    const levels = (): readonly (number | undefined)[] =>
      [low, middle, near].map((id) => scene.engine.order(`${id}.sl`)?.price?.toNumber());
    await scene.pass(3000);
    expect(scene.levels()).toBe('2370 none');
    scene.moveStop(2360);
    await scene.pass(3000);
    expect(levels()).toEqual([2360, 2380, 2390]);
    scene.moveStop(2385);
    await scene.pass(3000);
    expect(levels()).toEqual([2385, 2385, 2390]);
    expect(scene.levels()).toBe('2385 none');
    expect(scene.trading.differences()).toEqual([]);
  });

  it('stays where a hand has moved it once one entry is left', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2390 } });
    await scene.pass(3000);
    scene.moveStop(2370);
    await scene.pass(3000);
    await scene.quote(2389);
    await scene.pass(3000);
    expect(scene.qty).toBe(0.1);
    expect(scene.levels()).toBe('2370 none');
    expect(scene.engine.order(`${first}.sl`)).toMatchObject({ status: 'working', price: dec(2370) });
  });

  it('is taken over from a hand once every part of the position has a stop', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.placed('BUY', '0.1', { takeProfit: { at: 2402 } });
    await scene.pass(3000);
    scene.moveStop(2370);
    await scene.pass(3000);
    expect(scene.engine.order(`${first}.sl`)!.price).toEqual(dec(2380));
    await scene.quote(2402);
    await scene.pass(3000);
    expect(scene.qty).toBe(0.1);
    expect(scene.levels()).toBe('2370 none');
    expect(scene.engine.order(`${first}.sl`)!.price).toEqual(dec(2370));
    expect(scene.trading.differences()).toEqual([]);
  });

  it('gives up the farthest where one that was taken away is taken over', async () => {
    const scene = await TradingScene.ready({ mode: 'netting', policies: { protectionMissing: 'adopt' } });
    const first = await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    const second = await scene.placed('BUY', '0.1', { stopLoss: { at: 2390 } });
    await scene.pass(3000);
    scene.moveStop(0);
    await scene.pass(3000);
    expect(scene.engine.statuses(`${first}.sl`).at(-1)).toBe('cancelled');
    expect(scene.engine.order(`${second}.sl`)!.status).toBe('working');
    expect(scene.levels()).toBe('none none');
  });

  it('of another entry is set there once what a hand took over is closed', async () => {
    const scene = await TradingScene.ready({ mode: 'netting', policies: { protectionMissing: 'adopt' } });
    for (const moved of [0, 2370]) {
      await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
      const second = await scene.placed('BUY', '0.1', { stopLoss: { at: 2390 } });
      await scene.pass(3000);
      scene.moveStop(moved);
      await scene.pass(3000);
      await scene.placed('SELL', '0.1');
      await scene.pass(3000);
      expect(scene.engine.order(`${second}.sl`)).toMatchObject({ status: 'working', price: dec(2390) });
      expect(scene.levels()).toBe('2390 none');
      await scene.close();
      await scene.pass(3000);
    }
  });

  it('is left where the policy only shows it, and every level of ours stays in force here', async () => {
    const scene = await TradingScene.ready({ mode: 'netting', policies: { protectionMoved: 'ignore' } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2390 } });
    await scene.pass(3000);
    scene.moveStop(2370);
    await scene.pass(3000);
    expect(scene.levels()).toBe('2370 none');
    expect(scene.trading.differences()).toMatchObject([{ kind: 'protectionMoved', policy: 'ignore' }]);
    await scene.quote(2379);
    await scene.pass(3000);
    expect(scene.qty).toBe(0);
  });

  it('holds none there where a part of the position has no stop', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1', { stopLoss: { by: 10 } });
    await scene.placed('BUY', '0.1');
    await scene.pass(3000);
    expect(scene.levels()).toBe('none none');
    expect(scene.account.holdsStops('EXNESS:XAUUSD')).toBe(false);
  });
});

describe('a position that turns on a netting account', () => {
  it('gets the levels of the order that turned it, and nothing is missed of the ones before', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(3000);
    await scene.placed('SELL', '0.3', BOTH);
    await scene.pass(3000);
    expect(scene.qty).toBe(-0.2);
    expect(scene.levels()).toBe('2420 2360');
    expect(scene.differences).toEqual([]);
  });

  it('does so after a hand has moved the stop of the one before, and when its deals are seen late', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('SELL', '0.1', { stopLoss: { at: 2410 } });
    await scene.placed('SELL', '0.1');
    await scene.pass(3000);
    scene.moveStop(2430);
    await scene.pass(3000);
    expect(scene.differences).toHaveLength(2);
    scene.broker.dealsShown = scene.broker.shownDeals();
    await scene.placed('BUY', '0.5', { stopLoss: { at: 2380 } });
    await scene.pass(2000);
    scene.broker.dealsShown = Infinity;
    await scene.pass(3000);
    expect(scene.qty).toBe(0.3);
    expect(scene.levels()).toBe('2380 none');
    expect(scene.differences).toHaveLength(2);
  });

  it('is no difference while the deals of the order that changes it are still to come', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(3000);
    scene.broker.dealsShown = scene.broker.shownDeals();
    await scene.placed('BUY', '0.1', { stopLoss: { by: 10 } });
    await scene.pass(8000);
    scene.broker.dealsShown = Infinity;
    await scene.pass(3000);
    expect(scene.qty).toBe(0.2);
    expect(scene.levels()).toBe('2380.25 none');
    expect(scene.differences).toEqual([]);
  });

  it('keeps the levels that a pending order brought with it', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('SELL', '0.3', { type: 'limit', price: 2405, stopLoss: { at: 2415 } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.pass(3000);
    await scene.quote(2405);
    await scene.pass(3000);
    expect(scene.qty).toBe(-0.2);
    expect(scene.levels()).toBe('2415 none');
    expect(scene.differences).toEqual([]);
  });
});

describe('a pending order that fills into a position on a netting account', () => {
  it.each([false, true])(
    'changes nobody else’s stop by the levels it was sent with, deals late: %s',
    async (areLate) => {
      const scene = await TradingScene.ready({ mode: 'netting' });
      await scene.placed('BUY', '0.1', { type: 'limit', price: 2398, stopLoss: { at: 2395 } });
      const other = await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
      await scene.pass(3000);
      expect(scene.levels()).toBe('2380 none');
      if (areLate) scene.broker.dealsShown = scene.broker.shownDeals();
      await scene.quote(2397);
      await scene.pass(2000);
      scene.broker.dealsShown = Infinity;
      await scene.pass(3000);
      expect(scene.qty).toBe(0.2);
      expect(scene.engine.order(`${other}.sl`)!.price).toEqual(dec(2380));
      expect(scene.levels()).toBe('2380 none');
      expect(scene.differences).toEqual([]);
    },
  );

  it('has the common stop set there again, where a hand had taken that of the position away', async () => {
    const scene = await TradingScene.ready({ mode: 'netting', policies: { protectionMissing: 'ignore' } });
    await scene.placed('BUY', '0.1', { type: 'limit', price: 2398, stopLoss: { at: 2395 } });
    await scene.placed('BUY', '0.1', { stopLoss: { at: 2380 } });
    await scene.pass(3000);
    scene.moveStop(0);
    await scene.pass(3000);
    expect(scene.levels()).toBe('none none');
    await scene.quote(2397);
    await scene.pass(5000);
    expect(scene.qty).toBe(0.2);
    expect(scene.levels()).toBe('2380 none');
    expect(scene.trading.differences()).toEqual([]);
  });
});
