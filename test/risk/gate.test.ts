import { describe, expect, it } from 'vitest';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import type { GateInput } from '../../src/risk/gate-input.ts';
import { checkGate, isReducing } from '../../src/risk/gate.ts';
import type { GateLimits } from '../../src/risk/limits.ts';
import { STAGES } from '../../src/risk/stages.ts';
import { order } from './support.ts';

const limit = (limits: GateLimits, change: Partial<GateInput> = {}) => checkGate(order({ limits, ...change }));
const long1 = { position: dec(1) };
const exit = { ...long1, side: 'SELL' } as const;

/** For each stage an input that it alone refuses. */
const REFUSED: Readonly<Record<string, Partial<GateInput>>> = {
  HALTED: { closed: 'halted: maxDrawdown' },
  GATEWAY_DOWN: { gatewayReady: false },
  UNKNOWN_ORDER: { unknownOrder: 'ema-1-7' },
  WARMUP: { warm: false },
  STALE_FEED: { feed: 'no quote for 12000 ms' },
  UNPRICEABLE: { reference: undefined },
  COOLDOWN: {
    limits: { cooldown: { losses: 2, forMs: 10_000 } },
    history: { entriesToday: 1, streak: 2, lastLossAt: 999_900 },
  },
  MAX_TRADES_PER_DAY: {
    limits: { maxTradesPerDay: 1 },
    history: { entriesToday: 1, streak: 2, lastLossAt: 999_900 },
  },
  MAX_ORDER_QTY: { limits: { maxOrderQty: dec('0.5') } },
  MAX_ORDER_NOTIONAL: { limits: { maxOrderNotional: dec(99) } },
  PRICE_COLLAR: { type: 'limit', price: dec(106), limits: { priceCollar: dec('0.05') } },
  MAX_POSITION: { limits: { maxPosition: dec(2) }, workingQty: dec(2) },
  MAX_OPEN_POSITIONS: { limits: { maxOpenPositions: 1 }, exposed: ['GBPUSD'] },
  MARGIN_FLOOR: { limits: { marginFloor: dec(150) }, margin: { level: dec(120), unreadable: 0 } },
};

describe('the stages of the gate', () => {
  it('are these, in this order', () => {
    expect(STAGES.map(({ code }) => code)).toEqual(Object.keys(REFUSED));
  });

  it('pass an order with which nothing is wrong', () => {
    expect(checkGate(order())).toBeUndefined();
  });

  it.each(Object.keys(REFUSED))('deny %s for that one reason alone', (code) => {
    const input = order(REFUSED[code]);
    expect(checkGate(input)?.code).toBe(code);
    expect(STAGES.filter(({ refuses }) => refuses(input) !== undefined).map((stage) => stage.code)).toEqual([code]);
  });

  it('refuse in their order: with every reason at once, taken away from the front, the next one is told', () => {
    const codes = Object.keys(REFUSED);
    for (const [index, code] of codes.entries()) {
      const wrong = codes.slice(index).map((each) => REFUSED[each]!);
      const limits = Object.assign({}, ...wrong.map((each) => each.limits)) as GateLimits;
      expect(checkGate(order({ ...Object.assign({}, ...wrong), limits }))?.code).toBe(code);
    }
  });

  it.each(Object.keys(REFUSED))('%s spares a reducing order, except for gateway, unknown orders and prices', (code) => {
    const never = ['GATEWAY_DOWN', 'UNKNOWN_ORDER', 'UNPRICEABLE'].includes(code);
    const denial = checkGate(order({ ...exit, ...REFUSED[code] }));
    expect(denial?.code).toBe(never ? code : undefined);
  });
});

describe('caps', () => {
  it('R-1: a quantity of 11 is over the cap of 10, and 10 is not', () => {
    expect(limit({ maxOrderQty: dec(10) }, { qty: dec(11) })).toMatchObject({
      code: 'MAX_ORDER_QTY',
      reason: 'quantity 11 is over the cap of 10',
    });
    expect(limit({ maxOrderQty: dec(10) }, { qty: dec(10) })).toBeUndefined();
  });

  it('R-3: notional counts in account money: 100000 USDJPY are 100000 USD, 100001 are too many', () => {
    const rate = dec(150);
    const usdjpy = { symbol: 'USDJPY', reference: rate, toAccount: (yen: Decimal) => yen.dividedBy(rate) };
    const limits = { maxOrderNotional: dec(100_000) };
    expect(limit(limits, { ...usdjpy, qty: dec(100_000) })).toBeUndefined();
    expect(limit(limits, { ...usdjpy, qty: dec(100_001) })).toMatchObject({
      code: 'MAX_ORDER_NOTIONAL',
      reason: 'notional 100001 is over the cap of 100000',
    });
  });

  it('a lot counts with its contract size', () => {
    const limits = { maxOrderNotional: dec(10_000) };
    expect(limit(limits, { qty: dec('0.1'), contractSize: dec(1000) })).toBeUndefined();
    expect(limit(limits, { qty: dec('0.11'), contractSize: dec(1000) })?.reason).toContain('11000');
  });

  it.each([
    ['BUY', 'limit', 90, 90],
    ['BUY', 'stop', 110, 110],
    ['SELL', 'stop', 90, 90],
    ['SELL', 'limit', 110, 110],
    ['SELL', 'limit', 1, 100],
    ['BUY', 'stop', 1, 100],
    ['BUY', 'trailingStop', undefined, 100],
  ] as const)(
    'a %s %s at %s is worth what it can fill at, %s: a far price is no way around',
    (side, type, at, worth) => {
      const price = at === undefined ? undefined : dec(at);
      expect(limit({ maxOrderNotional: dec(worth) }, { side, type, price })).toBeUndefined();
      expect(limit({ maxOrderNotional: dec(worth).minus(dec('0.01')) }, { side, type, price })?.code).toBe(
        'MAX_ORDER_NOTIONAL',
      );
    },
  );

  it('R-5: without a price there is no order, and without a rate neither', () => {
    expect(checkGate(order({ reference: undefined }))).toMatchObject({
      code: 'UNPRICEABLE',
      reason: 'no price reference for EURUSD',
    });
    expect(checkGate(order({ toAccount: () => undefined }))?.reason).toBe(
      "no rate from the currency of EURUSD to the account's",
    );
  });

  it('R-8: at a margin level of 120 a long of 1 may be sold, and not added to', () => {
    const low = { limits: { marginFloor: dec(150) }, margin: { level: dec(120), unreadable: 0 } };
    expect(checkGate(order({ ...exit, ...low }))).toBeUndefined();
    expect(checkGate(order({ ...long1, ...low }))).toMatchObject({
      code: 'MARGIN_FLOOR',
      reason: 'margin level 120 is under the floor of 150',
      measured: dec(120),
      limit: dec(150),
    });
  });

  it.each([
    ['0: no margin is in use', dec(0), 0, undefined],
    ['the floor itself', dec(150), 0, undefined],
    ['unreadable once', undefined, 1, undefined],
    ['unreadable twice', undefined, 2, undefined],
    ['unreadable for the third time', undefined, 3, 'the margin level could not be read 3 times in a row'],
  ])('a margin level of %s', (_, level, unreadable, reason) => {
    expect(limit({ marginFloor: dec(150) }, { margin: { level, unreadable } })?.reason).toBe(reason);
  });

  it('a margin level nobody has set a floor for is not asked for', () => {
    expect(limit({}, { margin: { level: undefined, unreadable: 9 } })).toBeUndefined();
  });

  it('R-11: with one entry a day and one made, a buy is refused and the exit of a long is not', () => {
    const spent = { limits: { maxTradesPerDay: 1 }, history: { entriesToday: 1, streak: 0, lastLossAt: undefined } };
    expect(checkGate(order(spent))).toMatchObject({
      code: 'MAX_TRADES_PER_DAY',
      reason: '1 entries today reach the cap of 1',
      measured: 1,
      limit: 1,
    });
    expect(checkGate(order({ ...exit, ...spent }))).toBeUndefined();
  });

  it.each([
    ['limit', '95', undefined],
    ['limit', '94.99', 'price 94.99 is 0.0501 away from 100, over the collar of 0.05'],
    ['stop', '105', undefined],
    ['stop', '105.01', 'price 105.01 is 0.0501 away from 100, over the collar of 0.05'],
  ] as const)('the collar of 5 percent around 100: a %s at %s', (type, price, reason) => {
    expect(limit({ priceCollar: dec('0.05') }, { type, price: dec(price) })?.reason).toBe(reason);
  });

  it('a position counts with the entries that still work in its direction', () => {
    const limits = { maxPosition: dec(10) };
    expect(limit(limits, { position: dec(4), workingQty: dec(5), qty: dec(1) })).toBeUndefined();
    expect(limit(limits, { position: dec(4), workingQty: dec(5), qty: dec('1.5') })).toMatchObject({
      code: 'MAX_POSITION',
      reason: 'position would be 10.5 with 5 working, over the cap of 10',
    });
    expect(limit(limits, { side: 'SELL', position: dec(-4), workingQty: dec(5), qty: dec(2) })?.code).toBe(
      'MAX_POSITION',
    );
    expect(limit(limits, { position: dec(-5), qty: dec(15) })).toBeUndefined();
    expect(limit(limits, { position: dec(-5), qty: dec(16) })?.reason).toBe('position would be 11, over the cap of 10');
  });

  it('an open position may be added to when no further symbol may be opened', () => {
    const limits = { maxOpenPositions: 2 };
    const exposed = ['EURUSD', 'GBPUSD'];
    expect(limit(limits, { exposed })).toBeUndefined();
    expect(limit(limits, { exposed: ['EURUSD'], symbol: 'XAUUSD' })).toBeUndefined();
    expect(limit(limits, { exposed, symbol: 'XAUUSD' })).toMatchObject({
      code: 'MAX_OPEN_POSITIONS',
      reason: '2 open positions (EURUSD, GBPUSD) reach the cap of 2',
    });
  });

  it.each([
    [999_900, 2, '2 losing closes in a row: no entries for another 9900 ms'],
    [990_001, 2, '2 losing closes in a row: no entries for another 1 ms'],
    [990_000, 2, undefined],
    [999_900, 1, undefined],
    [999_900, 3, '3 losing closes in a row: no entries for another 9900 ms'],
  ])('a cool-down of 10 s after two losses: the last at %s, %s in a row', (lastLossAt, streak, reason) => {
    const history = { entriesToday: 0, streak, lastLossAt };
    expect(limit({ cooldown: { losses: 2, forMs: 10_000 } }, { history })?.reason).toBe(reason);
  });
});

describe('an order that reduces risk', () => {
  const halted = { closed: 'halted' };

  it.each([
    ['BUY 1', { side: 'BUY', qty: dec(1) }, 'HALTED'],
    ['SELL 1', { side: 'SELL', qty: dec(1) }, undefined],
    ['SELL 2', { side: 'SELL', qty: dec(2) }, 'HALTED'],
    ['close by position', { side: 'SELL', qty: dec(2), reduceOnly: true }, undefined],
  ] as const)('H-16: halted and long 1: %s', (_, change, code) => {
    expect(checkGate(order({ ...halted, ...long1, ...change }))?.code).toBe(code);
  });

  it.each([
    ['flat, selling', { side: 'SELL', position: dec(0) }, false],
    ['short 3, buying 3', { side: 'BUY', position: dec(-3), qty: dec(3) }, true],
    ['short 3, buying 3 with 1 on its way out', { position: dec(-3), qty: dec(3), reducingQty: dec(1) }, false],
    ['short 3, buying 2 with 1 on its way out', { position: dec(-3), qty: dec(2), reducingQty: dec(1) }, true],
    ['short 3, selling', { side: 'SELL', position: dec(-3) }, false],
    ['long 1, with more on its way out than is held', { side: 'SELL', position: dec(1), reducingQty: dec(2) }, false],
  ] as const)('is told from one that adds: %s', (_, change, reducing) => {
    expect(isReducing(order(change))).toBe(reducing);
  });
});
