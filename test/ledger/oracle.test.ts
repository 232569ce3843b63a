import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { SAME } from '../../src/ledger/money.ts';
import { averagePrice } from '../../src/ledger/position.ts';
import { abs, equal, fraction, OracleLedger, sign, sub, type Fraction, type OracleFill } from './oracle.ts';

const SIZES: Readonly<Record<string, string>> = { A: '1', B: '100000', C: '0.01' };
const SYMBOLS = Object.keys(SIZES);
const sizeOf = (symbol: string): string => SIZES[symbol]!;

const scaled = (max: number, digits: number, min = 1): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((n) => (n / 10 ** digits).toFixed(digits));

const fills: fc.Arbitrary<readonly OracleFill[]> = fc
  .array(
    fc.record({
      symbol: fc.constantFrom(...SYMBOLS),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      qty: fc.oneof(scaled(9, 0), scaled(50, 1), scaled(500, 2)),
      price: fc.oneof(scaled(2_000_000, 5, 50_000), scaled(20_000, 2)),
      commission: fc.oneof(fc.constant('0'), scaled(999, 3, 0)),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.map((fill, index) => ({ ...fill, ts: index + 1 })));

const marks = fc
  .tuple(scaled(2_000_000, 5), scaled(2_000_000, 5), scaled(2_000_000, 5))
  .map((prices) => new Map(SYMBOLS.map((symbol, index) => [symbol, prices[index]!])));

const exact = (value: Decimal): Fraction => fraction(value.toString());

/** Half a unit of the eighth place, `count` times. */
const withinRoundings = (difference: Fraction, count: number): boolean =>
  sign(sub(abs(difference), { n: BigInt(count), d: 2n * 10n ** 8n })) <= 0;

function bookAll(ledger: Ledger, list: readonly OracleFill[], each?: (fill: OracleFill, reducing: boolean) => void) {
  list.forEach((fill, index) => {
    const booking = ledger.book(
      {
        ...fill,
        fillId: `f${index}`,
        orderId: 'o',
        qty: dec(fill.qty),
        price: dec(fill.price),
        commission: dec(fill.commission),
      },
      { venue: 'v', contractSize: dec(sizeOf(fill.symbol)), rate: SAME },
    );
    if (booking !== undefined) each?.(fill, booking.reducing);
  });
}

describe('the ledger against exact fractions', () => {
  it('agrees after every fill: equal whenever flat, within the stated rounding while open', () => {
    fc.assert(
      fc.property(fills, marks, (list, prices) => {
        const ledger = new Ledger('USD', dec(10_000));
        const oracle = new OracleLedger(sizeOf);
        let partialCloses = 0;
        bookAll(ledger, list, (fill, reducing) => {
          oracle.book(fill);
          if (reducing) partialCloses += 1;
          const difference = sub(exact(ledger.realized), oracle.realized);
          if (oracle.held.size === 0) expect(equal(exact(ledger.realized), oracle.realized)).toBe(true);
          else expect(withinRoundings(difference, partialCloses)).toBe(true);
        });

        expect(ledger.positions().length).toBe(oracle.held.size);
        for (const [symbol, held] of oracle.held) {
          const position = ledger.position('v', symbol)!;
          expect(equal(exact(position.qty), held.qty)).toBe(true);
          expect(position.openedAt).toBe(held.openedAt);
          // Eight places, whatever was closed in parts before.
          expect(withinRoundings(sub(exact(averagePrice(position)), held.average), 1)).toBe(true);
        }

        // What rounding moves between realized and unrealized leaves their sum exact.
        const unrealized = ledger.unrealized(({ symbol }) => ({ mark: dec(prices.get(symbol)!), rate: SAME }))!;
        const expected = sub(oracle.unrealized(prices), sub({ n: 0n, d: 1n }, oracle.realized));
        expect(equal(exact(ledger.realized.plus(unrealized)), expected)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('has balance = startingBalance + realized and the sum of the bookings as realized, exactly', () => {
    fc.assert(
      fc.property(fills, scaled(1_000_000, 2), (list, start) => {
        const ledger = new Ledger('USD', dec(start));
        bookAll(ledger, list);
        expect(ledger.balance.equals(dec(start).plus(ledger.realized))).toBe(true);
        expect(ledger.fillCount).toBe(list.length);
      }),
    );
  });

  it('changes nothing when any fill is told again', () => {
    fc.assert(
      fc.property(fills, (list) => {
        const [once, twice] = [new Ledger('USD', dec(1)), new Ledger('USD', dec(1))];
        bookAll(once, list);
        bookAll(twice, list);
        bookAll(twice, list);
        expect(twice.realized.toString()).toBe(once.realized.toString());
        expect(twice.positions().map((p) => [p.symbol, p.qty.toString(), p.cost.toString()])).toEqual(
          once.positions().map((p) => [p.symbol, p.qty.toString(), p.cost.toString()]),
        );
      }),
    );
  });
});
