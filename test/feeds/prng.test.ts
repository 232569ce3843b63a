import { describe, expect, it } from 'vitest';
import { createPrng } from '../../src/domain/prng.ts';

const draw = (seed: number | string, n: number): number[] => {
  const prng = createPrng(seed);
  return Array.from({ length: n }, () => prng.next());
};

describe('the seeded generator', () => {
  it('repeats its sequence for the same seed, number or text', () => {
    expect(draw(7, 100)).toEqual(draw(7, 100));
    expect(draw(7, 100)).toEqual(draw('7', 100));
  });

  it('gives unlike sequences for neighbouring seeds', () => {
    for (const [a, b] of [
      [1, 2],
      ['1:EURUSD', '1:USDJPY'],
      ['1:EURUSD', '2:EURUSD'],
    ] as const) {
      const [x, y] = [draw(a, 1000), draw(b, 1000)];
      const mean = x.reduce((sum, v, i) => sum + (v - 0.5) * (y[i]! - 0.5), 0) / 1000;
      expect(Math.abs(mean * 12)).toBeLessThan(0.15);
    }
  });

  it('is uniform in [0, 1): a chi-squared test over 100 cells passes at 0.1 %', () => {
    const cells = Array.from({ length: 100 }, () => 0);
    for (const v of draw('uniform', 100_000)) cells[Math.floor(v * 100)]! += 1;
    expect(cells).toHaveLength(100);
    const chiSquared = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(148.2);
  });

  it('keeps giving the numbers that recorded runs were made with', () => {
    expect(draw(1, 3)).toMatchInlineSnapshot(`
      [
        0.30343595915474,
        0.6835982811171561,
        0.20052345329895616,
      ]
    `);
  });
});
