import { describe, expect, it } from 'vitest';
import { brokerSymbol, PROFILES } from '../../src/venues/mt5-profiles.ts';
import { fromServerTime, serverOffsetMs } from '../../src/venues/mt5-server-clock.ts';
import { EURO, GOLD, simulator, START } from './support.ts';

describe('the account', () => {
  it('is described as the terminal does, with a margin level of 0 while nothing is open', async () => {
    const sim = await simulator({ login: 77, server: 'Other', currency: 'USD', balance: '2500.5', leverage: 200 });
    const { json } = await sim.get('/account');
    expect(json).toMatchObject({ login: 77, server: 'Other', currency: 'USD', leverage: 200, trade_mode: 0 });
    expect(json).toMatchObject({ balance: 2500.5, equity: 2500.5, margin: 0, margin_free: 2500.5, margin_level: 0 });
    await sim.placed();
    const open = (await sim.get('/account')).json;
    expect(open).toMatchObject({ profit: -2.5, equity: 2498, margin: 120.02, margin_free: 2377.98 });
    expect(open['margin_level']).toBe(2081.32);
  });

  it('converts profit and margin into its currency, and refuses symbols for which it could not', async () => {
    const sim = await simulator({ symbols: ['EURUSD', 'EURJPY'], currency: 'EUR' });
    sim.simulator.quote('EURJPYm', 160, 160.02);
    const ticket = await sim.placed({ symbol: 'EURJPYm' });
    sim.simulator.quote('EURJPYm', 161.02, 161.04);
    await sim.post('/close_position', { position: { ticket } });
    // 10 000 JPY at 161.02.
    expect((await sim.deals()).at(-1)).toMatchObject({ profit: 62.1 });
    await expect(simulator({ symbols: ['USDJPY'], currency: 'EUR' })).rejects.toThrow(/USDJPY into EUR/);
  });
});

describe('symbols', () => {
  it('carry the suffix and aliases of the profile', async () => {
    const sim = await simulator({ symbols: ['NAS100', 'EURUSD', 'XAUUSD'] });
    expect((await sim.get('/symbols')).json).toMatchObject({ total: 3, symbols: [EURO, 'USTECm', GOLD] });
    expect((await sim.get('/symbols?search=*EUR*')).json['symbols']).toEqual([EURO]);
    expect((await sim.get('/symbols?search=eur')).json['symbols']).toEqual([]);
    expect(brokerSymbol(PROFILES.pepperstone, 'EURUSD')).toBe('EURUSD.cmd');
    await expect(simulator({ symbols: ['NIX'] })).rejects.toThrow(/does not offer NIX/);
  });

  it('are described with the terms that orders are held to', async () => {
    const sim = await simulator({ terms: { stopsLevel: 20, freezeLevel: 10, fillingMode: 1 } });
    expect((await sim.get(`/symbol_info/${GOLD}`)).json).toMatchObject({
      name: GOLD,
      digits: 3,
      point: 0.001,
      trade_tick_size: 0.001,
      trade_stops_level: 20,
      trade_freeze_level: 10,
      volume_min: 0.01,
      volume_step: 0.01,
      volume_max: 50,
      trade_contract_size: 100,
      filling_mode: 1,
      bid: 2400.1,
      ask: 2400.35,
      currency_profit: 'USD',
    });
    expect((await sim.order({})).status).toBe(200);
  });
});

describe('quotes', () => {
  it('have the terminal’s shape, and 404 before the first', async () => {
    const sim = await simulator();
    const tick = (await sim.get(`/symbol_info_tick/${EURO}`)).json;
    expect(tick).toMatchObject({ time: START / 1000, bid: 1.1, ask: 1.10008, last: 0, time_msc: START, flags: 6 });
    expect((await sim.get('/symbol_info_tick/GBPUSDm')).status).toBe(404);
    expect((await sim.get('/symbol_info_tick/NIX')).status).toBe(404);
  });

  it('come by hand, with times that never repeat', async () => {
    const sim = await simulator();
    const again = await sim.post('/sim/quote', { symbol: EURO, bid: 1.2, ask: '1.2001' });
    expect(again.json).toMatchObject({ bid: 1.2, ask: 1.2001, time_msc: START + 1 });
    for (const bad of [{ symbol: 'NIX' }, { bid: 0 }, { ask: 1.1 }, { bid: 'x' }]) {
      const refused = await sim.post('/sim/quote', { symbol: EURO, bid: 1.2, ask: 1.2, ...bad });
      expect([bad, refused.status]).toEqual([bad, 400]);
    }
  });
});

describe('bars and ticks', () => {
  it('are made of what was quoted: bid prices, in UTC', async () => {
    const sim = await simulator({ serverClock: { hours: 3 } });
    for (const bid of [2401, 2399]) sim.gold(bid);
    sim.clock.advanceBy(60_000);
    sim.gold(2402);
    const { json } = await sim.get(`/fetch_data_pos?symbol=${GOLD}&timeframe=M1&num_bars=10`);
    expect(json.data).toEqual([
      {
        time: '2026-01-05T10:00:00Z',
        open: 2400.1,
        high: 2401,
        low: 2399,
        close: 2399,
        tick_volume: 3,
        spread: 250,
        real_volume: 0,
      },
      {
        time: '2026-01-05T10:01:00Z',
        open: 2402,
        high: 2402,
        low: 2402,
        close: 2402,
        tick_volume: 1,
        spread: 250,
        real_volume: 0,
      },
    ]);
    expect((await sim.get(`/fetch_data_pos?symbol=${GOLD}&timeframe=M1&num_bars=1`)).json.data).toHaveLength(1);
    // A day begins at midnight on the server's clock.
    const day = (await sim.get(`/fetch_data_pos?symbol=${GOLD}&timeframe=D1`)).json.data;
    expect(day).toMatchObject([{ time: '2026-01-04T21:00:00Z', open: 2400.1, close: 2402, tick_volume: 4 }]);
    const range = `symbol=${GOLD}&timeframe=M1&start=2026-01-05T10:01:00&end=2026-01-05T11:00:00Z`;
    expect((await sim.get(`/fetch_data_range?${range}`)).json.data).toHaveLength(1);
    const ticks = `symbol=${GOLD}&from_date=2026-01-05T13:00:00&to_date=2026-01-05T13:00:30Z`;
    expect((await sim.get(`/copy_ticks_range?${ticks}`)).json.data).toHaveLength(3);
    expect((await sim.get(`/copy_ticks_range?${ticks}&flags=2`)).json.data).toEqual([]);
  });

  it.each([
    ['/fetch_data_pos?symbol=XAUUSDm&num_bars=10001', 400],
    ['/fetch_data_pos?symbol=XAUUSDm&timeframe=M2', 400],
    ['/fetch_data_pos?symbol=NIX', 404],
    ['/fetch_data_pos?symbol=GBPUSDm', 404],
    ['/fetch_data_pos', 400],
    ['/fetch_data_range?symbol=XAUUSDm&start=2026-01-01&end=2026-02-02', 400],
    ['/fetch_data_range?symbol=XAUUSDm&start=2026-01-02&end=2026-01-01', 400],
    ['/fetch_data_range?symbol=XAUUSDm&start=yesterday&end=2026-01-01', 400],
    ['/fetch_data_range?symbol=XAUUSDm&start=2025-01-01&end=2025-01-02', 404],
    ['/copy_ticks_range?symbol=XAUUSDm&from_date=2026-01-01&to_date=2026-01-02&flags=8', 400],
    ['/history_deals_get?from_date=2026-01-01', 400],
    ['/history_deals_get?from_date=2020-01-01&to_date=2026-01-01', 200],
    ['/history_deals_range?from_date=2020-01-01&to_date=2026-01-01', 400],
    ['/history_orders_get?ticket=5', 200],
    ['/get_order_from_ticket?ticket=5', 404],
    ['/get_deal_from_ticket?ticket=5', 404],
    ['/get_positions?magic=x', 400],
  ])('%s is answered with %i', async (path, status) => {
    const sim = await simulator();
    expect((await sim.get(path)).status).toBe(status);
  });
});

describe('the history', () => {
  it('is asked for by the server’s clock, and by position only of a later gateway', async () => {
    for (const [version, all] of [
      ['0.3.12', 3],
      ['0.3.17', 1],
    ] as const) {
      const sim = await simulator({ version, profile: 'icmarkets' });
      sim.simulator.quote('XAUUSD.raw', 2400, 2400.25);
      const ticket = await sim.placed({ symbol: 'XAUUSD.raw', magic: 3 });
      await sim.placed({ symbol: 'XAUUSD.raw' });
      const path = (query: string) => `/history_deals_get?${query}&position=${ticket}`;
      expect(
        (await sim.get(path('from_date=2026-01-05T12:00:00Z&to_date=2026-01-05T12:00:01Z'))).json.data,
      ).toHaveLength(all);
      expect((await sim.get(path('from_date=2026-01-05T10:00:00Z&to_date=2026-01-05T10:00:01Z'))).json.data).toEqual(
        [],
      );
      const range = 'from_date=2026-01-05&to_date=2026-01-06&magic=3';
      expect((await sim.get(`/history_deals_range?${range}`)).json.data).toHaveLength(1);
    }
  });

  it('sums a position up', async () => {
    const sim = await simulator({ commissionPerLot: 7 });
    const ticket = await sim.placed();
    const summary = async () => (await sim.get(`/get_deal_from_ticket?ticket=${ticket}`)).json;
    expect(await summary()).toMatchObject({ ticket, type: 'BUY', volume: 0.1, close_time: null, closed: false });
    sim.gold(2410);
    await sim.post('/close_position', { position: { ticket } });
    expect(await summary()).toMatchObject({
      open_price: 2400.35,
      close_price: 2410,
      profit: 96.5,
      commission: -1.4,
      closed: true,
    });
  });
});

describe('the server clock', () => {
  it('shows on every time of a terminal', async () => {
    const sim = await simulator({ profile: 'ftmo' });
    sim.simulator.quote('XAUUSD', 2400, 2400.25);
    const ticket = await sim.placed({ symbol: 'XAUUSD' });
    const winter = START + 2 * 3_600_000;
    expect((await sim.get('/symbol_info_tick/XAUUSD')).json['time_msc']).toBe(winter);
    expect(await sim.positions()).toMatchObject([{ ticket, time_msc: winter, time: winter / 1000 }]);
    expect((await sim.deals()).at(-1)).toMatchObject({ time_msc: winter });
  });

  it('is two hours ahead in New York’s winter and three in its summer, to the hour of the change', () => {
    const hours = (at: number): number => serverOffsetMs('newYorkClose', at) / 3_600_000;
    expect(hours(START)).toBe(2);
    expect(hours(Date.UTC(2026, 6, 1))).toBe(3);
    const change = Date.UTC(2026, 2, 8, 7);
    expect([hours(change - 1), hours(change)]).toEqual([2, 3]);
    for (const at of [START, change + 3_600_000, change - 3_600_000, Date.UTC(2026, 10, 1, 12)])
      expect(fromServerTime('newYorkClose', at + serverOffsetMs('newYorkClose', at))).toBe(at);
  });
});
