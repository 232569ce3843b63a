/** The worked cases of trading on MT5, each end to end: a whole daemon on a simulated gateway over a real socket. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { poll } from '../doubles/daemon.ts';
import { DaemonScene } from './daemon-scene.ts';

const BUY = { qty: 0.1 };

const ticketOf = (scene: DaemonScene): number => scene.simulator.terminal.positions.all()[0]!.ticket;

describe('a strategy on MT5', () => {
  it('has sent one order for an entry with a bracket: its levels are none', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', { ...BUY, bracket: { stopLoss: { by: 5 }, takeProfit: { by: 9 } } });
    await scene.until('both levels work', ({ orders }) => (orders as readonly unknown[]).length === 2);
    const { text } = await scene.daemon.get('/daemon/metrics');
    expect(text).toContain('qkt_orders_submitted_total{venue="exness",strategy="puppet"} 1\n');
    expect(text).toContain('qkt_orders_rejected_total{venue="exness",strategy="puppet",reason="ABSENT"} 0\n');
    const own = await scene.daemon.get('/daemon/strategies/puppet/metrics');
    expect(own.text).toContain('qkt_order_latency_seconds_count{strategy="puppet",stage="ack"} 1\n');
  });

  it('MT-11: books what is left when a part of its position was closed at the broker', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.price = { bid: 2395, ask: 2395.25 };
    await poll('the price', () => scene.simulator.terminal.quoteOf('XAUUSDm')!.bid === 2395 || undefined);
    scene.simulator.terminal.closeByHand(ticketOf(scene), dec('0.06'));
    await scene.holds(0.04);
    expect((await scene.fills()).slice(1)).toMatchObject([{ side: 'SELL', qty: 0.06, price: 2395, reducing: true }]);
    expect((await scene.events('order')).at(-1)).toMatchObject({ role: 'close', status: 'filled', cause: 'hand' });
    await scene.bookedOnce();
  });

  it('MT-14: exits under its stop with the costs of every deal', async () => {
    const scene = await DaemonScene.open({ simulator: { commissionPerLot: 7 } });
    scene.tell('buy', 'gold', { ...BUY, bracket: { stopLoss: { by: 5 } } });
    const status = await scene.holds(0.1);
    const [position] = status['positions'] as readonly { readonly stopLoss: number }[];
    expect(position!.stopLoss).toBe(2395.35);
    scene.price = { bid: 2395, ask: 2395.25 };
    const flat = await scene.holds(0);
    const [opened, closed] = await scene.fills();
    expect(closed).toMatchObject({ orderId: `${String(opened!['orderId'])}.sl`, price: 2395, commission: 0.7 });
    expect(flat).toMatchObject({ realized: -54.9, unrealized: 0, orders: [] });
    await scene.bookedOnce();
  });

  it('MT-16: books nothing in an outage, and one close after it', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault('internal-error');
    await scene.gatewayIs('down');
    expect(await scene.fills()).toHaveLength(1);
    scene.simulator.faults.turnOff();
    await scene.gatewayIs('ready');
    expect(await scene.fills()).toHaveLength(1);
    scene.simulator.terminal.closeByHand(ticketOf(scene));
    await scene.holds(0);
    const states = (await scene.events('gateway')).map(({ from, to }) => `${String(from)} → ${String(to)}`);
    expect(states.filter((text) => text.endsWith('→ down'))).toHaveLength(1);
    expect(states.filter((text) => text.endsWith('→ ready'))).toHaveLength(1);
    await scene.bookedOnce();
  });

  it('MT-21: sends a stop that the market has passed as a market order, one ahead of it as it is', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', { ...BUY, type: 'stop', price: '2400.30' });
    await scene.holds(0.1);
    scene.tell('buy', 'gold', { ...BUY, type: 'stop', price: '2400.40' });
    const order = await poll('a pending order', () => scene.simulator.terminal.pendings()[0]);
    expect([order.type, order.price.toString()]).toEqual(['BUY_STOP', '2400.4']);
    await scene.bookedOnce();
  });

  it('MT-25: settles a conflict by what landed: filled, or rejected after four reads without it', async () => {
    const scene = await DaemonScene.open();
    scene.fault('in-progress-executed', { times: 1 });
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    expect(await scene.statuses()).toEqual(['created', 'submitted', 'unknown', 'filled']);
    scene.fault('in-progress-not-executed', { times: 1 });
    scene.tell('buy', 'gold', BUY);
    const rejection = await poll('a rejection', async () => (await scene.events('rejection'))[0], 20_000);
    expect(rejection).toMatchObject({
      status: 'rejected',
      code: 'ABSENT',
      resolvedBy: 'absent from four full reads',
    });
    expect(scene.asked('POST /order')).toBe(2);
    await scene.bookedOnce();
  });

  it('is halted when its stop is taken away at the broker; the stop is held here', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', { ...BUY, bracket: { stopLoss: { by: 5 } } });
    await scene.holds(0.1);
    const before = scene.asked('GET /get_positions');
    await poll('a look', () => scene.asked('GET /get_positions') > before + 1 || undefined, 20_000);
    scene.simulator.terminal.setStopsByHand(ticketOf(scene), { sl: dec(0) });
    const status = await scene.until('it is halted', ({ state }) => state === 'halted');
    const { causes } = status['riskState'] as { readonly causes: readonly object[] };
    expect(causes).toMatchObject([{ rule: 'reconciliation', scope: 'strategy', by: null }]);
    expect(await scene.differences()).toMatchObject([
      { kind: 'protectionMissing', ours: 'stop 2395.35', theirs: null, policy: 'halt' },
    ]);
    scene.price = { bid: 2395, ask: 2395.25 };
    await scene.holds(0);
    const [opened, closed] = await scene.fills();
    expect(closed).toMatchObject({ orderId: `${String(opened!['orderId'])}.sl` });
    await poll('agreement', async () => (await scene.differences()).length === 0 || undefined);
    await scene.bookedOnce();
  });
});
