/** Defects that the campaign has found, each in its shortest form. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { MAGIC } from '../doubles/mt5-gateway.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

describe('trading on MT5', () => {
  it('asks for a cancel that is refused less and less often, not with every answer', async () => {
    const scene = await TradingScene.ready({ terms: { freezeLevel: 5000 } });
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    // So near that the broker changes nothing any more.
    await scene.quote(2392);
    scene.engine.cancel(id);
    await scene.pass(15_000);
    expect(scene.sent('cancel').length).toBeLessThan(6);
    await scene.quote(2400);
    await scene.pass(31_000);
    expect(scene.engine.statuses(id).at(-1)).toBe('cancelled');
    expect(scene.broker.terminal.pendings()).toEqual([]);
  });

  it('takes no order of others for its own after a pair of positions was closed', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', { type: 'stop', price: 2405 });
    await scene.placed('SELL', '0.1', { type: 'stop', price: 2395 });
    await scene.quote(2405);
    await scene.quote(2394);
    await scene.pass(5000);
    expect([scene.qty, scene.tickets]).toEqual([0, []]);
    const theirs = { type: 'BUY', volume: dec('0.3'), comment: 'theirs', filling: 'IOC' } as const;
    scene.broker.terminal.send({ action: 'deal', symbol: GOLD_THERE, magic: MAGIC, ...theirs });
    await scene.placed('BUY', '0.2');
    await scene.pass(35_000);
    expect(scene.qty).toBe(0.2);
    expect(scene.differences).toEqual(['foreign: null / long 0.3, shown']);
  });

  it('brings a stop to its end that was taken back as the position of a netting account turned', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    const first = await scene.placed('BUY', '0.4', { stopLoss: { by: 20 } });
    const second = await scene.placed('SELL', '0.6', { takeProfit: { by: 20 } });
    await scene.pass(5000);
    expect(scene.engine.statuses(`${first}.sl`).at(-1)).toBe('cancelled');
    expect(scene.engine.working()).toEqual([`${second}.tp BUY limit 0.2@2380`]);
    expect(scene.levels()).toBe('none 2380');
  });

  it('takes back an order that waits here, also in the moment in which the daemon is back', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('SELL', '0.2');
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    expect(scene.broker.terminal.pendings()).toEqual([]);
    const restarted = scene.restart();
    scene.engine.cancel(id);
    await restarted;
    expect(scene.engine.statuses(id).at(-1)).toBe('cancelled');
    expect(scene.engine.desk.orders()).toEqual([]);
  });
});
