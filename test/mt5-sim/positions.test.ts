import { describe, expect, it } from 'vitest';
import { Decimal } from '../../src/domain/decimal.ts';
import { GOLD, simulator } from './support.ts';

describe('a hedging account', () => {
  it('opens a position for every order, and reduces none by an opposite one', async () => {
    const sim = await simulator();
    expect((await sim.get('/account')).json['margin_mode']).toBe(2);
    const [buy, sell] = [await sim.placed(), await sim.placed({ type: 'SELL' })];
    expect(await sim.positions()).toMatchObject([
      { ticket: buy, type: 0 },
      { ticket: sell, type: 1 },
    ]);
    expect((await sim.get('/positions_total')).json['total']).toBe(2);
  });
});

describe('a netting account', () => {
  it('adds, reduces, turns and ends one position', async () => {
    const sim = await simulator({ account: 'netting' });
    expect((await sim.get('/account')).json['margin_mode']).toBe(0);
    const first = await sim.placed({ volume: 0.1 });
    sim.gold(2410.1);
    await sim.placed({ volume: 0.1, tp: 2500 });
    expect(await sim.positions()).toMatchObject([{ ticket: first, volume: 0.2, price_open: 2405.35, tp: 2500 }]);
    await sim.placed({ type: 'SELL', volume: 0.05 });
    expect(await sim.positions()).toMatchObject([{ ticket: first, volume: 0.15, price_open: 2405.35 }]);
    const turned = await sim.placed({ type: 'SELL', volume: 0.25 });
    expect(await sim.positions()).toMatchObject([
      { ticket: turned, identifier: first, type: 1, volume: 0.1, price_open: 2410.1, tp: 0 },
    ]);
    await sim.placed({ volume: 0.1 });
    expect(await sim.positions()).toEqual([]);
    const deals = (await sim.deals()).slice(1);
    expect(
      deals.map((deal) => [deal['entry'], deal['type'], deal.volume, deal['profit'], deal['position_id']]),
    ).toEqual([
      [0, 0, 0.1, 0, first],
      [0, 0, 0.1, 0, first],
      [1, 1, 0.05, 23.75, first],
      [2, 1, 0.25, 71.25, first],
      [1, 0, 0.1, -2.5, first],
    ]);
  });
});

describe('a stop and a target', () => {
  it.each([
    ['a buy at its stop', 'BUY', { sl: 2390, tp: 2420 }, 2389.9, 2389.9, 4, '[sl 2390.000]'],
    ['a buy at its target', 'BUY', { sl: 2390, tp: 2420 }, 2420, 2420, 5, '[tp 2420.000]'],
    ['a sell at its stop', 'SELL', { sl: 2410, tp: 2380 }, 2409.75, 2410, 4, '[sl 2410.000]'],
    ['a sell at its target', 'SELL', { sl: 2410, tp: 2380 }, 2379, 2379.25, 5, '[tp 2380.000]'],
  ])('close %s, at the side that exits', async (_what, type, stops, bid, price, reason, comment) => {
    const sim = await simulator();
    const ticket = await sim.placed({ type, ...stops, magic: 7 });
    sim.gold(2400);
    expect(await sim.positions()).toHaveLength(1);
    sim.gold(bid);
    expect(await sim.positions()).toEqual([]);
    const closing = (await sim.deals()).at(-1)!;
    const kind = type === 'BUY' ? 1 : 0;
    expect(closing).toMatchObject({ type: kind, entry: 1, reason, price, comment: comment.slice(0, 16), magic: 7 });
    expect(closing['position_id']).toBe(ticket);
  });
});

describe('closing', () => {
  it('closes the whole position, whatever volume is named', async () => {
    const sim = await simulator();
    const ticket = await sim.placed({ magic: 9 });
    const { status, json } = await sim.post('/close_position', { position: { ticket }, volume: 0.01 });
    expect(status).toBe(200);
    expect(json.result).toMatchObject({ retcode: 10_009, volume: 0.1, price: 2400.1, partial: false });
    expect((await sim.deals()).at(-1)).toMatchObject({ entry: 1, magic: 9, profit: -2.5, position_id: ticket });
    const gone = await sim.post('/close_position', { position: { ticket } });
    expect(gone.json).toMatchObject({ error: 'Failed to close position', error_type: 'validation_error' });
    expect((await sim.post('/close_position', {})).status).toBe(400);
  });

  it('closes a part, and says what is left', async () => {
    const sim = await simulator();
    const ticket = await sim.placed();
    const close = (members: object) => sim.post('/position_close_partial', { ticket, ...members });
    expect((await close({ volume: 0.1 })).status).toBe(400);
    expect((await close({ volume: 0.001 })).status).toBe(400);
    expect((await close({ volume: 0.015 })).status).toBe(400);
    expect((await close({ volume: 0.04, symbol: 'EURUSDm' })).status).toBe(400);
    expect((await close({ ticket: 1, volume: 0.04 })).status).toBe(400);
    const { json } = await close({ volume: 0.04 });
    expect(json).toMatchObject({ partial: false, remaining_volume: 0.06, result: { volume: 0.04 } });
    expect(await sim.positions()).toMatchObject([{ ticket, volume: 0.06 }]);
  });

  it('closes all of a side and magic, and answers 207 when one will not close', async () => {
    const sim = await simulator();
    expect((await sim.post('/close_all_positions')).json['message']).toBe('No positions were closed');
    const [a, b, c] = [await sim.placed({ magic: 1 }), await sim.placed({ magic: 1 }), await sim.placed({ magic: 2 })];
    await sim.placed({ type: 'SELL', magic: 1 });
    sim.fault('retcode', { value: 10_018, times: 1 });
    const some = await sim.post('/close_all_positions', { order_type: 'BUY', magic: 1 });
    expect(some.status).toBe(207);
    expect(some.json).toMatchObject({
      ok: true,
      closed: [{ retcode: 10_009 }],
      failed: [{ ticket: a, retcode: 10_018, retcode_name: 'MARKET_CLOSED', comment: 'Market closed' }],
    });
    expect((await sim.positions()).map(({ ticket }) => ticket)).not.toContain(b);
    expect((await sim.post('/close_all_positions', { order_type: 'nix' })).status).toBe(400);
    expect((await sim.post('/close_all_positions', { magic: 2 })).status).toBe(200);
    expect((await sim.positions()).map(({ ticket }) => ticket)).not.toContain(c);
  });
});

describe('moving stops', () => {
  it('keeps the side that is not named, removes by clear_, and refuses the wrong side', async () => {
    const sim = await simulator();
    const position = await sim.placed({ sl: 2390, tp: 2420 });
    const move = (members: object) => sim.post('/modify_sl_tp', { position, ...members });
    expect((await move({ sl: 2391 })).status).toBe(200);
    expect(await sim.positions()).toMatchObject([{ sl: 2391, tp: 2420 }]);
    const same = await move({ sl: 2391 });
    expect([same.status, same.json['error_type']]).toEqual([400, 'mt5_rejected']);
    expect(same.json['mt5_error']).toEqual({ retcode: 10_025, retcode_name: 'NO_CHANGES', comment: 'No changes' });
    expect((await move({ clear_tp: true })).status).toBe(200);
    expect(await sim.positions()).toMatchObject([{ sl: 2391, tp: 0 }]);
    for (const bad of [{}, { sl: 0 }, { tp: -1 }, { sl: 2401 }, { tp: 2399 }, { sl: 2391, clear_sl: true }])
      expect([bad, (await move(bad)).status]).toEqual([bad, 400]);
    expect((await sim.post('/modify_sl_tp', { position: 5, sl: 1 })).json['error']).toMatch(/5 not found/);
  });
});

describe('swap', () => {
  it('is booked at midnight on the server clock, threefold on Wednesday, and paid with the closing deal', async () => {
    const sim = await simulator({ terms: { swapLong: Decimal.of(-50) } });
    const ticket = await sim.placed();
    sim.clock.advanceBy(86_400_000);
    expect(await sim.positions()).toMatchObject([{ swap: -0.5 }]);
    sim.clock.advanceBy(6 * 86_400_000);
    const account = (await sim.get('/account')).json;
    expect(account['equity']).toBe(10_000 - 2.5 - 3.5);
    await sim.post('/position_close_partial', { ticket, volume: 0.05 });
    expect((await sim.deals()).at(-1)).toMatchObject({ swap: -1.75 });
    await sim.post('/close_position', { position: { ticket } });
    expect((await sim.get('/account')).json['balance']).toBe(10_000 - 2.5 - 3.5);
  });
});

describe('what others have done', () => {
  it('shows in positions, orders and deals like anything else', async () => {
    const sim = await simulator();
    const foreign = (await sim.post('/sim/positions', { symbol: GOLD, side: 'sell', volume: 0.2, magic: 5 })).json
      .result.order;
    expect(await sim.positions()).toMatchObject([{ ticket: foreign, magic: 5, reason: 0 }]);
    await sim.post(`/sim/positions/${foreign}/stops`, { sl: 2500 });
    expect(await sim.positions()).toMatchObject([{ sl: 2500 }]);
    await sim.post(`/sim/positions/${foreign}/close`, { volume: 0.05 });
    await sim.post(`/sim/positions/${foreign}/close`, { reason: 6 });
    expect((await sim.deals()).slice(-2)).toMatchObject([
      { volume: 0.05, reason: 0 },
      { volume: 0.15, reason: 6 },
    ]);
    expect((await sim.post(`/sim/positions/${foreign}/close`)).status).toBe(404);
    const pending = await sim.placed({ type: 'BUY_LIMIT', price: 2390 });
    expect((await sim.post(`/sim/orders/${pending}/cancel`)).status).toBe(200);
    expect((await sim.get(`/orders?ticket=${pending}`)).json['total']).toBe(0);
    expect((await sim.post(`/sim/orders/${pending}/cancel`)).status).toBe(404);
  });
});

describe('reconcile', () => {
  it('has positions, orders and the deals of a day in one answer, by magic', async () => {
    const sim = await simulator();
    await sim.placed({ magic: 1 });
    await sim.placed({ magic: 2 });
    await sim.placed({ magic: 1, type: 'BUY_LIMIT', price: 2390 });
    const all = (await sim.get('/reconcile')).json;
    expect([all.positions.length, all.orders.length, all.deals.length]).toEqual([2, 1, 3]);
    expect(all).toMatchObject({ magic: null, discrepancies: [] });
    const one = (await sim.get('/reconcile?magic=1')).json;
    expect([one.positions.length, one.orders.length, one.deals.length, one['magic']]).toEqual([1, 1, 1, 1]);
    sim.clock.advanceBy(86_400_001);
    expect((await sim.get('/reconcile')).json.deals).toEqual([]);
  });
});
