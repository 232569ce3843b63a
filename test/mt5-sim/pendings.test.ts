import { describe, expect, it } from 'vitest';
import { GOLD, simulator, START } from './support.ts';

describe('a pending order', () => {
  it('is listed as the terminal writes it, whatever magic is asked for', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ type: 'BUY_STOP', price: 2410, magic: 10_001, comment: 'dsl-demo-2' });
    const { json } = await sim.get(`/orders?magic=5&symbol=${GOLD}`);
    expect(json).toMatchObject({ total: 1, ok: true });
    expect(json.orders).toEqual([
      {
        ticket,
        time_setup: START / 1000,
        time_setup_msc: START,
        time_done: 0,
        time_done_msc: 0,
        time_expiration: 0,
        type: 4,
        type_str: 'BUY_STOP',
        type_time: 0,
        type_filling: 2,
        state: 1,
        magic: 10_001,
        position_id: 0,
        position_by_id: 0,
        reason: 3,
        volume_initial: 0.1,
        volume_current: 0.1,
        price_open: 2410,
        sl: 0,
        tp: 0,
        price_current: 2400.35,
        price_stoplimit: 0,
        symbol: GOLD,
        comment: 'dsl-demo-2',
        external_id: '',
      },
    ]);
    expect((await sim.get('/orders?symbol=EURUSDm')).json['total']).toBe(0);
  });

  it.each([
    ['BUY_LIMIT', 2390, 2389.76, 2389.7, 2389.95],
    ['SELL_LIMIT', 2410, 2409.99, 2410.5, 2410.5],
    ['BUY_STOP', 2410, 2409.74, 2410.1, 2410.35],
    ['SELL_STOP', 2390, 2390.01, 2389.5, 2389.5],
  ])('%s at %f waits at bid %f and fills at bid %f at the market', async (type, price, waits, fills, filledAt) => {
    const sim = await simulator();
    const ticket = await sim.placed({ type, price, sl: type.startsWith('BUY') ? 2300 : 2500 });
    sim.gold(waits);
    expect((await sim.get('/orders')).json['total']).toBe(1);
    sim.gold(fills);
    expect((await sim.get('/orders')).json['total']).toBe(0);
    expect(await sim.positions()).toMatchObject([
      { ticket, price_open: filledAt, sl: type.startsWith('BUY') ? 2300 : 2500 },
    ]);
    const history = (await sim.get(`/history_orders_get?ticket=${ticket}`)).json.data;
    expect(history).toMatchObject([{ ticket, state: 4, volume_current: 0, position_id: ticket }]);
  });

  it('becomes a limit order once a stop-limit is triggered', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ type: 'BUY_STOP_LIMIT', price: 2410, stoplimit: 2405 });
    sim.gold(2410);
    expect((await sim.get('/orders')).json.orders).toMatchObject([{ ticket, type: 2, price_open: 2405 }]);
    sim.gold(2404);
    expect(await sim.positions()).toMatchObject([{ ticket, price_open: 2404.25 }]);
  });

  it('expires by UTC, and is written with the server’s time', async () => {
    const sim = await simulator({ serverClock: { hours: 2 } });
    await sim.placed({ type: 'BUY_LIMIT', price: 2390, expiration: START / 1000 + 60 });
    const [row] = (await sim.get('/orders')).json.orders;
    expect(row).toMatchObject({ type_time: 2, time_expiration: START / 1000 + 60 + 7200 });
    sim.clock.advanceBy(59_999);
    expect((await sim.get('/orders')).json['total']).toBe(1);
    sim.clock.advanceBy(1);
    expect((await sim.get('/orders')).json['total']).toBe(0);
    expect((await sim.get(`/get_order_from_ticket?ticket=${row!.ticket}`)).json).toMatchObject({ state: 6 });
  });

  it('is rejected when it would fill and there is no money left', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ type: 'BUY_STOP', price: 2410, volume: 3 });
    await sim.placed({ volume: 3 });
    sim.gold(2410);
    expect(await sim.positions()).toHaveLength(1);
    expect((await sim.get(`/get_order_from_ticket?ticket=${ticket}`)).json).toMatchObject({ state: 5 });
  });

  it('is changed, keeping what is not named', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ type: 'BUY_LIMIT', price: 2390, sl: 2380, tp: 2420 });
    const change = (members: object) => sim.send('PUT', `/orders/${ticket}`, members);
    expect((await change({ price: 2391 })).json).toMatchObject({ message: 'Order modified successfully' });
    expect((await sim.get('/orders')).json.orders).toMatchObject([{ price_open: 2391, sl: 2380, tp: 2420 }]);
    expect((await change({ sl: 0, expiration: START / 1000 + 60 })).status).toBe(200);
    expect((await sim.get('/orders')).json.orders).toMatchObject([{ sl: 0, tp: 2420, type_time: 2 }]);
    for (const bad of [{}, { expiration: START / 1000 + 99 }, { price: 2450 }, { sl: 2395 }, { price: 2391 }])
      expect([bad, (await change(bad)).status]).toEqual([bad, 400]);
    expect((await sim.send('PUT', '/orders/5', { price: 1 })).status).toBe(404);
  });

  it('is cancelled once', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ type: 'BUY_LIMIT', price: 2390 });
    const cancelled = await sim.send('DELETE', `/orders/${ticket}`);
    expect(cancelled.json).toMatchObject({
      message: 'Order cancelled successfully',
      result: { retcode: 10_009, order: ticket },
    });
    const again = await sim.send('DELETE', `/orders/${ticket}`);
    expect(again.json).toMatchObject({ error: `Order with ticket ${ticket} not found`, error_type: 'not_found' });
    expect((await sim.send('DELETE', '/orders/nix')).status).toBe(404);
  });
});
