import { Big } from 'big.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactDoubles } from '../../src/domain/exact-doubles.ts';

/** A price of up to 15 significant digits, with any number of them after the point. */
const price = fc
  .tuple(fc.integer({ min: 1, max: 999_999_999_999_999 }), fc.integer({ min: 0, max: 14 }))
  .map(([digits, places]) => Number(`${digits}e-${places}`));
const usualPrice = fc
  .tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, places]) => Number(`${digits}e-${places}`));
const anyPrice = fc.oneof(price, usualPrice, fc.double({ min: 1e-30, max: 1e30, noNaN: true }));
const nearest = (exact: Big): number => Number(exact.toFixed());

describe('exact sums and midpoints of doubles', () => {
  it('gives the midpoint without a binary tail', () => {
    const exact = new ExactDoubles(5);
    expect(exact.mid(1.09316, 1.09317)).toBe(1.093165);
    expect(exact.mid(0.1, 0.2)).toBe(0.15);
    expect(exact.mid(86.655, 86.728)).toBe(86.6915);
  });

  it('gives sums without a binary tail', () => {
    const exact = new ExactDoubles(1);
    expect(exact.sum(0.1, 0.2)).toBe(0.3);
    expect(exact.sum(46_319.5, -0.25)).toBe(46_319.25);
  });

  it('is the double nearest to the exact decimal, whatever the prices and digits (against big.js)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPrice, anyPrice), { maxLength: 20 }), fc.nat(25), (pairs, digits) => {
        const exact = new ExactDoubles(digits);
        for (const [a, b] of pairs) {
          expect(exact.mid(a, b)).toBe(nearest(Big(a).plus(b).times('0.5')));
          expect(exact.sum(a, b)).toBe(nearest(Big(a).plus(b)));
          expect(exact.sum(a, -b)).toBe(nearest(Big(a).minus(b)));
        }
      }),
      { numRuns: 500 },
    );
  });
});
