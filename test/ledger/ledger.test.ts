import { describe, expect, it } from 'vitest';
import { dec, type Decimal, type DecimalLike } from '../../src/domain/decimal.ts';
import type { Fill, Side } from '../../src/domain/orders.ts';
import { Ledger, type Booking } from '../../src/ledger/ledger.ts';
import { convert, SAME, unitRate, type Rate } from '../../src/ledger/money.ts';
import { averagePrice } from '../../src/ledger/position.ts';
import { rateOf } from '../../src/ledger/rates.ts';
import { instrument } from '../doubles/engine.ts';

interface BookOptions {
  readonly symbol?: string;
  readonly commission?: DecimalLike;
  readonly ts?: number;
  readonly fillId?: string;
  readonly size?: DecimalLike;
  readonly rate?: Rate;
  readonly venue?: string;
}

/** A ledger with a shorthand for fills: `account.buy(1, 100)`. */
class Account {
  readonly ledger = new Ledger('USD', dec(10_000));
  #fills = 0;

  buy = (qty: DecimalLike, price: DecimalLike, options?: BookOptions) => this.#book('BUY', qty, price, options);
  sell = (qty: DecimalLike, price: DecimalLike, options?: BookOptions) => this.#book('SELL', qty, price, options);

  #book(side: Side, qty: DecimalLike, price: DecimalLike, options: BookOptions = {}): Booking | undefined {
    const { symbol = 'X', commission = 0, ts = 1000, size = 1, rate = SAME, venue = 'paper' } = options;
    const fillId = options.fillId ?? `f${++this.#fills}`;
    const fill: Fill = {
      fillId,
      orderId: 'o',
      ts,
      symbol,
      side,
      qty: dec(qty),
      price: dec(price),
      commission: dec(commission),
    };
    return this.ledger.book(fill, { venue, contractSize: dec(size), rate });
  }

  position(symbol = 'X', venue = 'paper') {
    const found = this.ledger.position(venue, symbol);
    return found === undefined
      ? undefined
      : { qty: found.qty.toNumber(), avg: averagePrice(found).toNumber(), openedAt: found.openedAt };
  }

  get realized(): number {
    return this.ledger.realized.toNumber();
  }

  unrealized(mark: DecimalLike, rate: Rate | undefined = SAME): Decimal | undefined {
    return this.ledger.unrealized(() => ({ mark: dec(mark), rate }));
  }
}

describe('net position and realized P&L', () => {
  it('opens with the fill: POS-1', () => {
    const account = new Account();
    account.buy(1.5, 100);
    expect(account.position()).toEqual({ qty: 1.5, avg: 100, openedAt: 1000 });
    expect(account.realized).toBe(0);
  });

  it('averages what is added: POS-3', () => {
    const account = new Account();
    account.buy(1, 100);
    account.buy(1, 110, { ts: 2000 });
    expect(account.position()).toEqual({ qty: 2, avg: 105, openedAt: 1000 });
  });

  it('keeps the average while reducing: POS-5', () => {
    const account = new Account();
    account.buy(2, 100);
    const booking = account.sell(1, 110);
    expect(account.position()).toEqual({ qty: 1, avg: 100, openedAt: 1000 });
    expect([account.realized, booking?.reducing]).toEqual([10, true]);
  });

  it('opens the remainder at the fill price when it crosses zero: POS-8', () => {
    const account = new Account();
    account.buy(2, 100);
    account.sell(5, 110);
    expect(account.position()).toMatchObject({ qty: -3, avg: 110 });
    expect(account.realized).toBe(20);
  });

  it('does the same for a short', () => {
    const account = new Account();
    account.sell(2, 100);
    account.sell(1, 106);
    expect(account.position()).toMatchObject({ qty: -3, avg: 102 });
    account.buy(1, 100);
    expect([account.position()?.avg, account.realized]).toEqual([102, 2]);
    account.buy(4, 100);
    expect([account.position()?.qty, account.position()?.avg, account.realized]).toEqual([2, 100, 6]);
  });

  it('keeps an average that does not terminate, whatever is closed of it', () => {
    const account = new Account();
    account.buy(1, 100);
    account.buy(2, 101);
    for (let i = 0; i < 9; i++) {
      account.sell('0.3', 105);
      expect(account.position()?.avg).toBe(100.66666667);
    }
    account.sell('0.3', 105);
    expect(account.position()).toBeUndefined();
    expect(account.ledger.realized.toString()).toBe('13');
  });

  it('removes the row when flat, and opens a new one afterwards', () => {
    const account = new Account();
    account.buy(1, 100);
    account.sell(1, 100);
    expect([account.position(), account.ledger.positions()]).toEqual([undefined, []]);
    account.buy(1, 50, { ts: 9000 });
    expect(account.position()).toEqual({ qty: 1, avg: 50, openedAt: 9000 });
  });

  it('opens anew when it crosses zero: SPT-6', () => {
    const account = new Account();
    account.buy(1, 100, { ts: 1000 });
    account.sell(3, 90, { ts: 2000 });
    expect(account.position()).toEqual({ qty: -2, avg: 90, openedAt: 2000 });
  });

  it('keeps strategies apart: SPT-1', () => {
    const [a, b] = [new Account(), new Account()];
    a.buy(1, 80_000);
    b.sell('0.3', 81_000);
    expect([a.position()?.qty, b.position()?.qty]).toEqual([1, -0.3]);
  });

  it('keeps venues and symbols apart', () => {
    const account = new Account();
    account.buy(1, 100);
    account.sell(1, 100, { symbol: 'Y' });
    account.sell(2, 100, { venue: 'other' });
    expect([account.position()?.qty, account.position('Y')?.qty, account.position('X', 'other')?.qty]).toEqual([
      1, -1, -2,
    ]);
  });

  it('books a fill once', () => {
    const account = new Account();
    account.buy(1, 100, { fillId: 'same', commission: 1 });
    expect(account.buy(1, 100, { fillId: 'same', commission: 1 })).toBeUndefined();
    expect([account.position()?.qty, account.realized, account.ledger.fillCount]).toEqual([1, -1, 1]);
  });
});

describe('P&L', () => {
  it('marks a long and a short: PNL-3, PNL-4', () => {
    const [long, short] = [new Account(), new Account()];
    long.buy(2, 100);
    short.sell(2, 100);
    expect([long.unrealized(110)?.toNumber(), short.unrealized(110)?.toNumber()]).toEqual([20, -20]);
  });

  it('charges costs to realized, on opening fills as well: PNL-10', () => {
    const account = new Account();
    const opening = account.buy(1, 100, { commission: 0.5 });
    const closing = account.sell(1, 110, { commission: 2 });
    expect(account.realized).toBe(7.5);
    expect([closing?.realized.toNumber(), closing?.reducing]).toEqual([8, true]);
    expect([opening?.realized.toNumber(), opening?.reducing]).toEqual([-0.5, false]);
    expect(account.ledger.balance.toString()).toBe('10007.5');
  });

  it('multiplies by the contract size', () => {
    const account = new Account();
    account.buy('0.25', '2035.5', { size: 100 });
    account.sell('0.10', '2040.5', { size: 100 });
    expect([account.realized, account.position()?.avg, account.unrealized('2034.5')?.toNumber()]).toEqual([
      50, 2035.5, -15,
    ]);
  });

  it('has no binary tail', () => {
    const account = new Account();
    account.buy('0.1', '0.2');
    account.sell('0.1', '0.5');
    expect(account.ledger.balance.toString()).toBe('10000.03');
  });
});

describe('account currency', () => {
  const yen = instrument('USDJPY', { base: 'USD', quote: 'JPY' });
  const sources = (quotes: Record<string, number>, configured: Record<string, string> = {}) => ({
    currency: 'USD',
    instruments: new Map(
      [
        yen,
        instrument('EURJPY', { base: 'EUR', quote: 'JPY' }),
        instrument('EURGBP', { base: 'EUR', quote: 'GBP' }),
        instrument('GBPUSD', { base: 'GBP', quote: 'USD' }),
      ].map((terms) => [terms.symbol, terms]),
    ),
    quote: (symbol: string) =>
      quotes[symbol] === undefined
        ? undefined
        : { symbol, ts: 0, bid: quotes[symbol] - 0.01, ask: quotes[symbol] + 0.01 },
    configured: new Map(Object.entries(configured).map(([pair, rate]) => [pair, dec(rate)])),
  });
  const inUsd = (symbol: string, amount: number, from: ReturnType<typeof sources>, own?: number) => {
    const rate = rateOf(from.instruments.get(symbol)!, own === undefined ? undefined : dec(own), from);
    return convert(dec(amount), rate)?.toString();
  };

  it('divides by the pair itself where the account is its base: PNL-17', () => {
    expect(inUsd('USDJPY', -100, sources({}), 150)).toBe('-0.66666667');
    expect(inUsd('USDJPY', -100, sources({}))).toBeUndefined();
  });

  it('multiplies by another pair that is quoted in it, at its middle', () => {
    expect(inUsd('EURGBP', 10, sources({ GBPUSD: 1.25 }), 0.86)).toBe('12.5');
  });

  it('divides by another pair that it is the base of', () => {
    expect(inUsd('EURJPY', 300, sources({ USDJPY: 150 }), 160)).toBe('2');
  });

  it('takes a configured rate, direct or inverse, where nobody quotes the pair', () => {
    expect(inUsd('EURJPY', 1000, sources({}, { JPYUSD: '0.0066' }), 160)).toBe('6.6');
    expect(inUsd('EURJPY', 300, sources({}, { USDJPY: '150' }), 160)).toBe('2');
    expect(inUsd('EURJPY', 300, sources({ USDJPY: 100 }, { USDJPY: '150' }), 160)).toBe('3');
  });

  it('does not know a figure without a rate, and never passes a native amount off as account money', () => {
    expect(inUsd('EURJPY', 300, sources({}), 160)).toBeUndefined();
    const account = new Account();
    account.buy(1, 100);
    expect(account.ledger.unrealized(() => ({ mark: dec(110), rate: undefined }))).toBeUndefined();
    expect(account.ledger.unrealized(() => ({ mark: undefined, rate: SAME }))).toBeUndefined();
    expect([unitRate(undefined), unitRate(SAME)]).toEqual([null, 1]);
  });

  it('converts a gain at the fill and a mark at the mark', () => {
    const account = new Account();
    const at = (price: number): Rate => ({ kind: 'inverse', price: dec(price) });
    account.buy(1000, 150, { rate: at(150) });
    account.sell(500, 153, { rate: at(153) });
    expect(account.ledger.realized.toString()).toBe('9.80392157');
    expect(account.unrealized(147, at(147))?.toString()).toBe('-10.20408163');
  });
});
