import { describe, expect, it } from 'vitest';
import { IDEMPOTENCY_TTL_MS } from '../../src/venues/mt5-sim/idempotency.ts';
import { GOLD, simulator, START } from './support.ts';

describe('a market order', () => {
  it('fills a buy at the ask and a sell at the bid, whatever price was sent', async () => {
    const sim = await simulator();
    const bought = await sim.order({ price: 1, client_order_id: 'mt5-1' });
    expect(bought.status).toBe(200);
    expect(bought.json).toMatchObject({
      message: 'Order executed successfully',
      state: 'executed',
      sl_confirmed: null,
      tp_confirmed: null,
      partial_fill: false,
      client_order_id: 'mt5-1',
    });
    expect(bought.json['result']).toMatchObject({
      retcode: 10_009,
      volume: 0.1,
      price: 2400.35,
      bid: 2400.1,
      ask: 2400.35,
      comment: 'Request executed',
      retcode_external: 0,
    });
    expect((await sim.order({ type: 'sell' })).json.result['price']).toBe(2400.1);
  });

  it('makes a position with the ticket of its order, and a deal that opens it', async () => {
    const sim = await simulator({ commissionPerLot: 3.5, feePerLot: 1 });
    const { json } = await sim.order({ sl: 2390, tp: 2420, magic: 10_001, comment: 'dsl-demo-1-and-many-more-words' });
    const { order, deal } = json.result;
    const [position] = (await sim.get('/get_positions')).json.data;
    expect(position).toEqual({
      ticket: order,
      time: START / 1000,
      time_msc: START,
      time_update: START / 1000,
      time_update_msc: START,
      type: 0,
      magic: 10_001,
      identifier: order,
      reason: 3,
      volume: 0.1,
      price_open: 2400.35,
      sl: 2390,
      tp: 2420,
      price_current: 2400.1,
      swap: 0,
      profit: -2.5,
      symbol: GOLD,
      comment: 'dsl-demo-1-and-m',
      external_id: '',
    });
    const deals = (await sim.get('/history_deals_get?from_date=2026-01-01&to_date=2026-01-30')).json.data;
    expect(deals).toMatchObject([
      { type: 2, profit: 10_000, symbol: '' },
      { ticket: deal, order, type: 0, entry: 0, position_id: order, price: 2400.35, commission: -0.35, fee: -0.1 },
    ]);
    expect((await sim.get('/account')).json).toMatchObject({ balance: 9999.55, profit: -2.5, equity: 9997.05 });
  });

  it('floors the volume to the step', async () => {
    const sim = await simulator();
    expect((await sim.order({ volume: '0.019' })).json.result.volume).toBe(0.01);
  });

  it('derives its magic from the key where none is named', async () => {
    const sim = await simulator();
    await sim.order({});
    await sim.order({}, { 'idempotency-key': 'k' });
    await sim.order({ client_order_id: 'k2' });
    const magics = (await sim.get('/get_positions')).json.data.map(({ magic }) => magic);
    expect(magics[0]).toBe(0);
    expect(new Set(magics).size).toBe(3);
    expect((await sim.get(`/get_positions?magic=${magics[1]}`)).json.data).toHaveLength(1);
  });
});

describe('POST /order refuses', () => {
  it.each([
    ['a field that it does not know', { sl_distance: 5 }, /Unknown order fields: sl_distance/],
    ['too large a volume', { volume: 101 }, /volume exceeds the limit of 100/],
    ['no symbol', { symbol: undefined }, /symbol is required/],
    ['no volume', { volume: undefined }, /volume is required/],
    ['no type', { type: undefined }, /type is required/],
    ['a symbol that is not there', { symbol: 'NIX' }, /Symbol NIX not found/],
    ['a symbol without a quote', { symbol: 'GBPUSDm' }, /No tick for GBPUSDm/],
    ['a type that is none', { type: 'HOLD' }, /type must be one of BUY, SELL/],
    ['a volume below the least', { volume: 0.001 }, /volume must be from 0.01 to 50/],
    ['a volume above the symbol’s most', { volume: 60 }, /volume must be from 0.01 to 50/],
    ['a volume that is no number', { volume: 'much' }, /volume must be a number/],
    ['a pending order without a price', { type: 'BUY_LIMIT' }, /price is required for BUY_LIMIT/],
    ['a price far from the market', { type: 'BUY_LIMIT', price: 1900 }, /more than 20% from the market/],
    ['a stop-limit without its limit', { type: 'BUY_STOP_LIMIT', price: 2410 }, /stoplimit is required/],
    ['a stop above a buy', { sl: 2401 }, /sl 2401 must be below/],
    ['a target below a buy', { tp: 2400 }, /tp 2400 must be above/],
    ['a stop below a sell', { type: 'SELL', sl: 2399 }, /sl 2399 must be above/],
    ['a negative stop', { sl: -1 }, /sl must not be negative/],
    ['too much deviation', { deviation: 1001 }, /deviation must be a whole number from 0 to 1000/],
    ['a magic number of more than 32 bits', { magic: 2 ** 32 }, /magic must be/],
    ['a filling that is none', { type_filling: 'ALL' }, /type_filling must be one of FOK, IOC, RETURN/],
    ['a key that is too long', { client_order_id: 'x'.repeat(129) }, /1 to 128 characters/],
  ])('%s', async (_what, members, error) => {
    const sim = await simulator();
    const { status, json } = await sim.order(members);
    expect([status, json['error_type']]).toEqual([400, 'validation_error']);
    expect(json['error']).toMatch(error);
    expect(sim.simulator.terminal.positions.all()).toEqual([]);
  });

  it.each([
    ['more than the money allows', { volume: 50 }, 10_019],
    ['a filling that the symbol does not have', { type_filling: 'FOK' }, 10_030],
    ['a stop between bid and ask', { sl: 2400.2 }, 10_016],
    ['an expiry that is over', { type: 'BUY_LIMIT', price: 2390, expiration: START / 1000 - 1 }, 10_022],
  ])('%s, as the trade server would', async (_what, members, retcode) => {
    const sim = await simulator();
    const { status, json } = await sim.order(members);
    expect([status, json['error_type'], json.details['retcode']]).toEqual([400, 'validation_error', retcode]);
  });

  it('what is nearer to the market than the stops and freeze levels allow', async () => {
    const sim = await simulator({ terms: { stopsLevel: 500, freezeLevel: 200 } });
    const near = await sim.order({ type: 'BUY_LIMIT', price: 2400.25 });
    expect(near.json['error']).toMatch(/freeze level/);
    const between = await sim.order({ type: 'BUY_LIMIT', price: 2400 });
    expect(between.json.details['retcode']).toBe(10_015);
    expect((await sim.order({ sl: 2399.7 })).json.details['retcode']).toBe(10_016);
    expect((await sim.order({ sl: 2399.6 })).status).toBe(200);
  });

  it('no step before another: fields, key, required members, symbol, volume, price', async () => {
    const sim = await simulator();
    await sim.order({ client_order_id: 'a' });
    const all = { symbol: 'NIX', volume: 'x', type: 'HOLD', price: -1, client_order_id: 'a' };
    expect((await sim.order({ ...all, nix: 1 })).json['error']).toMatch(/Unknown/);
    expect((await sim.order({ ...all, volume: 1 })).json['error_type']).toBe('idempotency_conflict');
    const fresh = { ...all, client_order_id: 'b', volume: 0.001, type: 'BUY_LIMIT' };
    expect((await sim.order(fresh)).json['error']).toMatch(/Symbol NIX/);
    expect((await sim.order({ ...fresh, symbol: GOLD })).json['error']).toMatch(/volume must be from/);
    expect((await sim.order({ ...fresh, symbol: GOLD, volume: 1 })).json['error']).toMatch(/price is required/);
  });
});

describe('the side of a pending price', () => {
  it.each([
    ['BUY_LIMIT', 2400.34, 2400.35],
    ['SELL_LIMIT', 2400.11, 2400.1],
    ['BUY_STOP', 2400.36, 2400.35],
    ['SELL_STOP', 2400.09, 2400.1],
  ])('lets %s at %f and refuses it at %f', async (type, good, bad) => {
    const sim = await simulator();
    expect((await sim.order({ type, price: good })).status).toBe(200);
    const refused = await sim.order({ type, price: bad });
    expect([refused.status, refused.json['error_type']]).toEqual([400, 'validation_error']);
  });

  it('is looked at after snapping half up to the tick size', async () => {
    const sim = await simulator();
    await sim.order({ type: 'BUY_LIMIT', price: 2390.0005 });
    expect((await sim.get('/orders')).json.orders[0]?.['price_open']).toBe(2390.001);
  });
});

describe('an idempotency key', () => {
  const keyed = { 'idempotency-key': 'key-1' };

  it('replays the same request, refuses another, and must not differ from the body', async () => {
    const sim = await simulator();
    const first = await sim.order({}, keyed);
    const again = await sim.order({}, keyed);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect({ ...again.json, request_id: '' }).toEqual({ ...first.json, request_id: '' });
    const other = await sim.order({ volume: 0.2 }, keyed);
    expect([other.status, other.json['error_type']]).toEqual([409, 'idempotency_conflict']);
    expect((await sim.order({ client_order_id: 'else' }, keyed)).status).toBe(400);
    expect(sim.simulator.terminal.positions.all()).toHaveLength(1);
  });

  it('is released by a refusal, kept for what is unknown, and forgotten after an hour', async () => {
    const sim = await simulator();
    expect((await sim.order({ sl: 2500 }, keyed)).status).toBe(400);
    sim.fault('unknown-executed', { times: 1 });
    expect((await sim.order({}, keyed)).status).toBe(502);
    const again = await sim.order({}, keyed);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([502, 'true']);
    sim.clock.advanceBy(IDEMPOTENCY_TTL_MS);
    expect((await sim.order({}, keyed)).status).toBe(200);
    expect(sim.simulator.terminal.positions.all()).toHaveLength(2);
  });

  it('is in progress while the first request waits', async () => {
    const sim = await simulator({ version: '0.3.17' });
    sim.fault('zero-price', { value: 1000, times: 1 });
    const first = await sim.begin(() => sim.order({}, keyed));
    const second = await sim.order({}, keyed);
    expect([second.status, second.json['error_type']]).toEqual([409, 'idempotency_in_progress']);
    expect((await first.later()).json['fill_price_source']).toBe('deal');
  });

  it('is forgotten when the gateway starts again', async () => {
    const sim = await simulator();
    await sim.order({}, keyed);
    await sim.post('/sim/restart');
    expect((await sim.order({}, keyed)).headers.get('idempotent-replayed')).toBeNull();
    expect(sim.simulator.terminal.positions.all()).toHaveLength(2);
  });
});

describe('asking beforehand', () => {
  it('checks an order without sending it', async () => {
    const sim = await simulator();
    const good = await sim.post('/order_check', { symbol: GOLD, type: 'BUY', volume: 0.1 });
    expect(good.json).toMatchObject({ valid: true, retcode: 0, balance: 10_000, margin: 240.04, margin_free: 9759.96 });
    const bad = await sim.post('/order_check', { symbol: GOLD, type: 'BUY', volume: 50 });
    expect(bad.status).toBe(400);
    expect(bad.json).toMatchObject({ valid: false, retcode: 10_019, comment: 'No money', ok: false });
    const limit = { symbol: GOLD, type: 'BUY_STOP_LIMIT', volume: 1, price: 2410, stoplimit: 2409 };
    expect((await sim.post('/order_check', limit)).json['error']).toMatch(/stop-limit/);
  });

  it('calculates margin and profit', async () => {
    const sim = await simulator();
    const margin = await sim.post('/order_calc_margin', { symbol: GOLD, type: 'BUY', volume: 1, price: 2400 });
    expect(margin.json).toMatchObject({ margin: 2400 });
    const body = { symbol: GOLD, type: 'SELL', volume: 0.1, price_open: 2400, price_close: 2390.5 };
    expect((await sim.post('/order_calc_profit', body)).json).toMatchObject({ profit: 95 });
    expect((await sim.post('/order_calc_profit', { ...body, type: 'BUY_LIMIT' })).status).toBe(400);
  });
});
