import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';

/** Numbers as text: up to 18 digits on either side of the point, trailing zeros and small ones included. */
const text = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
  .map(([coefficient, scale]) => {
    const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`;
    return `${coefficient < 0n ? '-' : ''}${whole}${fraction}`;
  });
const nonZero = text.filter((value) => !new Big(value).eq(0));

const plain = (value: Big): string => {
  const printed = value.toFixed();
  return printed === '-0' ? '0' : printed;
};

describe('decimals', () => {
  it('add, subtract and multiply as a decimal library does, to the last digit', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(dec(a).plus(dec(b)).toString()).toBe(plain(new Big(a).plus(b)));
        expect(dec(a).minus(dec(b)).toString()).toBe(plain(new Big(a).minus(b)));
        expect(dec(a).times(dec(b)).toString()).toBe(plain(new Big(a).times(b)));
      }),
    );
  });

  it('divide half-even to the places that are asked for', () => {
    fc.assert(
      fc.property(text, nonZero, fc.integer({ min: 0, max: 12 }), (a, b, places) => {
        const library = Big();
        library.DP = places;
        library.RM = 2;
        expect(dec(a).dividedBy(dec(b), places).toString()).toBe(plain(new library(a).div(b)));
      }),
    );
  });

  it('round half-even, ties to the even neighbour on both sides of zero', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 10 }), (a, places) => {
        expect(dec(a).rounded(places).toString()).toBe(plain(new Big(a).round(places, 2)));
      }),
    );
    const rounded = ['0.5', '1.5', '2.5', '-0.5', '-1.5', '-2.5'].map((value) => dec(value).rounded(0).toString());
    expect(rounded).toEqual(['0', '2', '2', '0', '-2', '-2']);
  });

  it('divide a third of 100 to eight places by default', () => {
    expect(dec(100).dividedBy(dec(3)).toString()).toBe('33.33333333');
    expect(dec('-0.00000001').dividedBy(dec(2)).toString()).toBe('0');
    expect(() => dec(1).dividedBy(dec('0.00'))).toThrow(RangeError);
  });

  it('floor to a step towards zero', () => {
    fc.assert(
      fc.property(text, nonZero, (a, b) => {
        const step = new Big(b).abs();
        const floored = dec(a).flooredTo(dec(step.toFixed()));
        expect(floored.abs().toString()).toBe(plain(new Big(a).abs().minus(new Big(a).abs().mod(step))));
        expect(floored.isZero() || floored.sign() === dec(a).sign()).toBe(true);
      }),
    );
    expect(dec('0.29').flooredTo(dec('0.1')).toString()).toBe('0.2');
    expect(dec('-0.29').flooredTo(dec('0.1')).toString()).toBe('-0.2');
  });

  it('compare as a decimal library does, whatever their scales', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = new Big(a).cmp(b);
        expect(Math.sign(dec(a).compare(dec(b)))).toBe(expected);
        expect(dec(a).equals(dec(b))).toBe(expected === 0);
        expect(dec(a).lessThan(dec(b))).toBe(expected < 0);
        expect(dec(a).greaterThan(dec(b))).toBe(expected > 0);
        expect(Decimal.min(dec(a), dec(b)).equals(expected <= 0 ? dec(a) : dec(b))).toBe(true);
        expect(Decimal.max(dec(a), dec(b)).equals(expected >= 0 ? dec(a) : dec(b))).toBe(true);
      }),
    );
    expect(dec('1.50').equals(dec('1.5'))).toBe(true);
  });

  it('print what they were read from, without an exponent, trailing zeros or a negative zero', () => {
    fc.assert(
      fc.property(text, (a) => {
        const printed = dec(a).toString();
        expect(printed).toBe(plain(new Big(a)));
        expect(printed).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(dec(printed).equals(dec(a))).toBe(true);
      }),
    );
    expect([dec('-0'), dec('-0.00'), dec('1e3'), dec('1.50e-3'), dec('.5'), dec('5.')].map(String)).toEqual([
      '0',
      '0',
      '1000',
      '0.0015',
      '0.5',
      '5',
    ]);
  });

  it('give the double that is nearest, however they are held', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.integer({ min: 0, max: 30 }),
        (whole, scale) => {
          const value = new Decimal(whole, scale);
          expect(value.toNumber()).toBe(Number(value.toString()));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('take a number for the decimal that prints it shortest, and give the same number back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(dec(value).toNumber()).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(dec(0.1).plus(dec(0.2)).toString()).toBe('0.3');
    expect(dec(1e21).toString()).toBe('1000000000000000000000');
  });

  it('refuse what is no finite decimal number', () => {
    for (const bad of ['', ' ', '.', '-', '1,5', '0x10', 'NaN', 'Infinity', '1e', '1e99999', '1 2'])
      expect(Decimal.parse(bad)).toBeUndefined();
    for (const bad of [NaN, Infinity, 'ten']) expect(() => dec(bad)).toThrow(RangeError);
  });
});
