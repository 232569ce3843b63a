import { describe, expect, it } from 'vitest';
import { toPlain } from '../../src/domain/json.ts';
import type { GatewayClient } from '../../src/venues/mt5/client.ts';
import { json, scriptedClient, whileTimePasses, type Scripted } from '../doubles/scripted-transport.ts';
import { numbersAsText, recorded, without } from './recorded.ts';

const { account, symbol, tick, position, order, deal, health, notReady, bar, internalError, unavailable } = recorded;

/** What a client makes of one answer, decimals as text. */
async function read<T>(answer: Scripted, ask: (client: GatewayClient) => Promise<T>): Promise<unknown> {
  const { client, clock } = scriptedClient([answer]);
  return toPlain(await whileTimePasses(clock, ask(client)));
}

const value = (known: unknown) => expect.objectContaining({ known: true, value: known });
const notKnown = (...words: readonly string[]) => ({
  known: false,
  reason: expect.stringMatching(new RegExp(words.join('.*'))) as unknown,
  status: expect.any(Number) as unknown,
});

const POSITION = {
  ticket: 70_010_001,
  symbol: 'XAUUSDm',
  side: 'BUY',
  volume: '0.1',
  openPrice: '2400.35',
  sl: '2390',
  tp: '2420',
  profit: '6.5',
  swap: '0',
  magic: 10_001,
  comment: 'dsl-demo-1',
  openedAt: 1_760_000_000_456,
};
const ORDER = {
  ticket: 70_010_007,
  symbol: 'XAUUSDm',
  type: 'BUY_STOP',
  volume: '0.1',
  price: '2410',
  magic: 10_001,
  comment: 'dsl-demo-2',
};

const positions = (client: GatewayClient) => client.positions();
const orders = (client: GatewayClient) => client.orders();
const deals = (client: GatewayClient) => client.deals(1_760_000_000_000, 1_760_010_000_000);
const accountOf = (client: GatewayClient) => client.account();

describe('positions', () => {
  it.each([
    ['in an envelope', { data: [position], ok: true, request_id: 'r2' }],
    ['as a bare array, as old gateways send them', [position]],
    ['with numbers as text', { data: [numbersAsText(position)] }],
    ['with members that nobody knows', { data: [{ ...position, novelty: { deep: [1] } }], more: 1 }],
  ])('are read %s (MT-6)', async (_how, body) => {
    expect(await read(json(body), positions)).toEqual(value([POSITION]));
  });

  it('may lack what is optional', async () => {
    const body = [without(position, 'time_msc', 'comment', 'swap', 'price_current', 'external_id')];
    const bare = [without(position, 'time_msc', 'time')];
    expect(await read(json(body), positions)).toEqual(
      value([{ ...POSITION, openedAt: 1_760_000_000_000, comment: '', swap: '0' }]),
    );
    expect(await read(json(bare), positions)).toEqual(value([{ ...POSITION, openedAt: 0 }]));
  });

  it.each(['ticket', 'symbol', 'type', 'volume', 'price_open', 'sl', 'tp', 'profit', 'magic'])(
    'that lack %s are not known, and the reason names it',
    async (name) => {
      const body = { data: [position, without(position, name)] };
      expect(await read(json(body), positions)).toEqual(notKnown(`positions\\.1\\.${name} is missing`));
    },
  );

  it.each([
    [{ volume: 'much' }, 'positions.0.volume is not a number: "much"'],
    [{ volume: null }, 'positions.0.volume is not a number: null'],
    [{ volume: '1e999' }, 'positions.0.volume is not a number: "1e999"'],
    [{ ticket: 1.5 }, 'positions.0.ticket is not a whole number: 1.5'],
    [{ type: 2 }, 'positions.0.type is not 0 or 1: 2'],
    [{ symbol: 7 }, 'positions.0.symbol is not a text: 7'],
  ])('with %j are not known', async (change, reason) => {
    expect(await read(json({ data: [{ ...position, ...change }] }), positions)).toEqual({
      known: false,
      reason,
      status: 200,
    });
  });

  it('with a ticket that a double cannot hold are not known, and not another ticket', async () => {
    const text = JSON.stringify([position]).replace('70010001', '9007199254740993');
    expect(await read({ status: 200, text }, positions)).toEqual(notKnown('positions.0.ticket', '"9007199254740993"'));
  });

  it('keep the digits of their numbers as they were printed', async () => {
    const text = JSON.stringify([position]).replace('2400.35', '2400.3499999999999999').replace('6.5', '1e-07');
    expect(await read({ status: 200, text }, positions)).toEqual(
      value([{ ...POSITION, openPrice: '2400.3499999999999999', profit: '0.0000001' }]),
    );
  });

  it.each([
    ['a 500', json(internalError, 500), ['HTTP 500: Internal server error: list index out of range']],
    ['a 503', json(unavailable, 503), ['HTTP 503: MT5 unavailable']],
    ['a 401', json({ error: 'Unauthorized', error_type: 'authentication_error' }, 401), ['HTTP 401: Unauthorized']],
    ['a page', { status: 404, text: recorded.htmlNotFound }, ['HTTP 404']],
    ['half an answer', { status: 200, text: '{"data":[{"ticket":7' }, ['no JSON']],
    ['an empty answer', { status: 200, text: '' }, ['empty']],
    ['an object without rows', json({ ok: true }), ['positions is not a list: undefined|positions is missing']],
    ['rows that are no list', json({ data: {} }), ['positions is not a list']],
    ['a text', json('flat'), ['positions']],
    ['nothing', json(null), ['positions']],
  ])('are not known after %s (MT-5)', async (_what, answer, words) => {
    expect(await read(answer, positions)).toEqual(notKnown(...words));
  });
});

describe('pending orders', () => {
  it.each([
    ['as the gateway sends them', { total: 1, orders: [order], ok: true }],
    ['as a bare array', [order]],
    ['in an envelope of a list', { data: [order] }],
    ['with numbers as text', { total: '1', orders: [numbersAsText(order)] }],
  ])('are read %s (MT-6)', async (_how, body) => {
    expect(await read(json(body), orders)).toEqual(value([ORDER]));
  });

  it.each([[{ total: 0 }], [{ total: 0, orders: [] }], [{ ok: true }], [[]]])('are none in %j (MT-6)', async (body) => {
    expect(await read(json(body), orders)).toEqual(value([]));
  });

  it('are not known where they are counted and not told', async () => {
    expect(await read(json({ total: 2 }), orders)).toEqual(notKnown('orders'));
  });

  it('have their side from an integer and their volume from what is left (trap 1)', async () => {
    const rows = [2, 3, 4, 5, 6, 7].map((type) => ({ ...order, type, volume_initial: 9, volume_current: 0.04 }));
    const answer = (await read(json({ orders: rows }), orders)) as { value: { type: string; volume: string }[] };
    expect(answer.value.map(({ type }) => type)).toEqual([
      'BUY_LIMIT',
      'SELL_LIMIT',
      'BUY_STOP',
      'SELL_STOP',
      'BUY_STOP_LIMIT',
      'SELL_STOP_LIMIT',
    ]);
    expect(new Set(answer.value.map(({ volume }) => volume))).toEqual(new Set(['0.04']));
  });

  it('with no volume_current are not read as orders of nothing (trap 1)', async () => {
    const row = { ...without(order, 'volume_current'), volume: 0.1 };
    expect(await read(json([row]), orders)).toEqual(notKnown('orders.0.volume_current is missing'));
  });

  it('may lack ticket and price in the middle of a placement', async () => {
    expect(await read(json([without(order, 'ticket', 'price_open')]), orders)).toEqual(
      value([{ ...ORDER, ticket: 0, price: '0' }]),
    );
  });

  it('leave out a market order on its way', async () => {
    expect(await read(json([{ ...order, type: 0 }, order]), orders)).toEqual(value([ORDER]));
  });
});

describe('deals', () => {
  it('are trades with their costs as they are added to the profit', async () => {
    expect(await read(json({ data: [deal] }), deals)).toEqual(
      value([
        {
          ticket: 80_010_002,
          order: 70_010_009,
          positionId: 70_010_001,
          symbol: 'XAUUSDm',
          side: 'SELL',
          entry: 'out',
          reason: 'stopLoss',
          volume: '0.1',
          price: '2390',
          commission: '-0.35',
          swap: '0',
          fee: '0',
          profit: '-103.5',
          magic: 10_001,
          comment: '[sl 2390.00]',
          at: 1_760_003_600_222,
        },
      ]),
    );
  });

  it('leave out money that comes and goes, whatever its row lacks', async () => {
    const money = { ticket: 80_010_001, type: 2, profit: 10_000, time: 1_760_000_000 };
    expect(await read(json([money, { type: '3' }]), deals)).toEqual(value([]));
  });

  it('come oldest first', async () => {
    const rows = [deal, { ...deal, ticket: 2, time_msc: 1_760_000_000_500 }, { ...deal, ticket: 1 }];
    const answer = (await read(json(rows), deals)) as { value: { ticket: number }[] };
    expect(answer.value.map(({ ticket }) => ticket)).toEqual([2, 1, 80_010_002]);
  });

  it('without a price, a cost or a time are not known', async () => {
    expect(await read(json([without(deal, 'price')]), deals)).toEqual(notKnown('deals.0.price is missing'));
    expect(await read(json([without(deal, 'commission')]), deals)).toEqual(notKnown('deals.0.commission is missing'));
    expect(await read(json([without(deal, 'time', 'time_msc')]), deals)).toEqual(notKnown('deals.0.time_msc'));
    expect(await read(json([{ ...deal, entry: 9 }]), deals)).toEqual(notKnown('deals.0.entry is not 0 to 3: 9'));
  });

  it('of a terminal that knows no fee have none', async () => {
    const answer = (await read(json([without(deal, 'fee')]), deals)) as { value: { fee: string }[] };
    expect(answer.value[0]!.fee).toBe('0');
  });
});

describe('a snapshot of everything', () => {
  const whole = { as_of: '2025-10-09T08:53:20.123456+00:00', magic: null, positions: [position], orders: [order] };

  it('has all three lists at one moment', async () => {
    const body = { ...whole, deals: [{ type: 2 }, deal], discrepancies: [] };
    expect(await read(json(body), (client) => client.reconcile())).toEqual(
      value(
        expect.objectContaining({
          asOf: Date.UTC(2025, 9, 9, 8, 53, 20, 123),
          positions: [POSITION],
          orders: [ORDER],
          deals: [expect.objectContaining({ ticket: 80_010_002 })],
        }),
      ),
    );
  });

  it('is all or nothing', async () => {
    const ask = (client: GatewayClient) => client.reconcile();
    expect(await read(json(whole), ask)).toEqual(notKnown('deals'));
    expect(await read(json({ ...whole, deals: [{}] }), ask)).toEqual(notKnown('deals.0.ticket is missing'));
    expect(await read(json({ ...whole, deals: [], as_of: 'now' }), ask)).toEqual(notKnown('as_of is not a time'));
  });
});

describe('the account', () => {
  it.each([
    [{ margin_mode: 2 }, 'hedging'],
    [{ margin_mode: '0' }, 'netting'],
    [{ margin_mode: 1 }, 'exchange'],
    [{ margin_mode: -1 }, 'unknown'],
    [{ margin_mode: null }, 'unknown'],
  ])('with %j is %s (MT-9)', async (change, marginMode) => {
    const answer = await read(json({ ...account, ...change }), accountOf);
    expect(answer).toEqual(value(expect.objectContaining({ marginMode })));
  });

  it('that does not say its modes is in unknown ones, never assumed to net (MT-9)', async () => {
    const body = without(account, 'margin_mode', 'trade_mode', 'leverage', 'login', 'server', 'name', 'trade_allowed');
    expect(await read(json(body), accountOf)).toEqual(
      value({
        server: '',
        name: '',
        currency: 'USD',
        marginMode: 'unknown',
        tradeMode: 'unknown',
        balance: '10000',
        equity: '9987.5',
        margin: '110',
        marginFree: '9877.5',
        marginLevel: '9079.5',
      }),
    );
  });

  it('without a figure of money is not known', async () => {
    expect(await read(json(without(account, 'equity')), accountOf)).toEqual(notKnown('equity is missing'));
  });
});

describe('health', () => {
  it('is answered with 200 while the terminal is away (trap 7)', async () => {
    expect(await read(json(health), (client) => client.health())).toEqual(
      value({
        isHealthy: false,
        mt5Status: 'reconnecting',
        uptimeSeconds: 812.4,
        killed: false,
        version: '0.3.12',
        lastError: 'IPC timeout',
      }),
    );
  });

  it('of a gateway that is not ready is an answer, whatever its status (trap 7)', async () => {
    const ask = (client: GatewayClient) => client.ready();
    expect(await read(json(notReady, 503), ask)).toEqual(
      value({ ready: false, mt5Status: 'disconnected', killed: true }),
    );
    expect(await read(json({ status: 'ready', mt5_status: 'connected' }), ask)).toEqual(
      value({ ready: true, mt5Status: 'connected', killed: false }),
    );
    expect(await read(json({ status: 'Ready?', mt5_status: 'connected' }), ask)).toEqual(
      value(expect.objectContaining({ ready: false })),
    );
    expect(await read(json(unavailable, 503), ask)).toEqual(notKnown('HTTP 503: MT5 unavailable'));
    expect(await read({ status: 503, text: '<h1>bad gateway</h1>' }, ask)).toEqual(notKnown('HTTP 503'));
  });
});

describe('a symbol', () => {
  const ask = (client: GatewayClient) => client.symbol('XAUUSDm');

  it('has its distances in prices', async () => {
    expect(await read(json(symbol), ask)).toEqual(
      value({
        name: 'XAUUSDm',
        digits: 3,
        point: '0.001',
        tickSize: '0.001',
        stopsDistance: '0.03',
        freezeDistance: '0.01',
        volumeMin: '0.01',
        volumeStep: '0.01',
        volumeMax: '50',
        contractSize: '100',
        profitCurrency: 'USD',
      }),
    );
  });

  it('has the usual where it does not say', async () => {
    const body = { digits: '5', volume_min: '0.01', volume_step: 0.01, volume_max: 0 };
    const answer = (await read(json(body), ask)) as { value: Record<string, unknown> };
    expect(answer.value).toEqual({
      name: 'XAUUSDm',
      digits: 5,
      point: '0.00001',
      tickSize: '0.00001',
      stopsDistance: '0',
      freezeDistance: '0',
      volumeMin: '0.01',
      volumeStep: '0.01',
      contractSize: '1',
    });
  });

  it('with volumes that nothing can be made of is not known', async () => {
    expect(await read(json({ ...symbol, volume_step: 0 }), ask)).toEqual(notKnown('volume_step is not greater than 0'));
  });

  it('is none where the gateway says so, and not known where there is no such route', async () => {
    const none = json({ error: 'Symbol X not found', error_type: 'not_found' }, 404);
    expect(await read(none, ask)).toEqual({ known: true });
    expect(await read({ status: 404, text: recorded.htmlNotFound }, ask)).toEqual(notKnown('HTTP 404'));
  });
});

describe('the market', () => {
  it('shows a quote at the time of the server', async () => {
    const expected = { symbol: 'E', bid: 1.10001, ask: 1.10009, serverTime: 1_760_000_000_123 };
    const ask = (client: GatewayClient) => client.quote('E');
    expect(await read(json(tick), ask)).toEqual(value(expected));
    expect(await read(json(numbersAsText(tick)), ask)).toEqual(value(expected));
    expect(await read(json(without(tick, 'time_msc')), ask)).toEqual(
      value({ ...expected, serverTime: 1_760_000_000_000 }),
    );
    expect(await read(json(without(tick, 'time_msc', 'time')), ask)).toEqual(notKnown('time_msc is missing'));
  });

  it('shows bars, oldest first, and none where the terminal has none', async () => {
    const ask = (client: GatewayClient) => client.bars('E', 'M1', 2);
    const later = { ...bar, time: '2026-08-03T10:01:00' };
    const start = Date.UTC(2026, 7, 3, 10);
    const shown = { open: 1.1, high: 1.2, low: 1.05, close: 1.15, ticks: 12, spread: 8 };
    expect(await read(json([later, bar]), ask)).toEqual(
      value([
        { start, ...shown },
        { start: start + 60_000, ...shown },
      ]),
    );
    expect(await read(json({ error: 'No rates', error_type: 'not_found' }, 404), ask)).toEqual(value([]));
  });
});

describe('how an order ended', () => {
  it.each([
    [1, 'working'],
    [2, 'cancelled'],
    [3, 'partial'],
    [4, 'filled'],
    [5, 'rejected'],
    [6, 'expired'],
    [8, 'working'],
  ])('is told by its state %d: %s', async (state, end) => {
    const rows = [
      { ...order, ticket: 1, state: 6 },
      { ...order, state },
    ];
    expect(await read(json({ data: rows }), (client) => client.orderEnd(70_010_007))).toEqual(value(end));
  });

  it('is not in a history without it', async () => {
    const ask = (client: GatewayClient) => client.orderEnd(5);
    expect(await read(json([]), ask)).toEqual({ known: true });
    expect(await read(json([order]), ask)).toEqual({ known: true });
    expect(await read(json({ error: 'none', error_type: 'not_found' }, 404), ask)).toEqual({ known: true });
  });
});
