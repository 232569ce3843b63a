import { array, assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candle, Indicator, Indicators } from '../../src/worker/indicator-types.ts';
import { indicators } from '../../src/worker/indicators.ts';

const run = <Input, Result>(indicator: Indicator<Input, Result>, inputs: readonly Input[]): (Result | undefined)[] =>
  inputs.map((input) => indicator.update(input));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const windows = (values: readonly number[], length: number, of: (window: number[]) => unknown): unknown[] =>
  values.map((_, i) => (i + 1 < length ? undefined : of(values.slice(i + 1 - length, i + 1))));

const candle = (high: number, low: number, close: number): Candle => ({ high, low, close });
const rising: readonly Candle[] = Array.from({ length: 40 }, (_, i) => candle(i + 2, i, i + 1));

/** Equal up to rounding, holes included. */
function expectClose(actual: readonly unknown[], expected: readonly unknown[]): void {
  expect(actual.map((value) => value === undefined)).toEqual(expected.map((value) => value === undefined));
  for (const [i, value] of actual.entries())
    if (typeof value === 'number') expect(value).toBeCloseTo(expected[i] as number, 6);
}

describe('indicators', () => {
  const prices = [1, 2, 4, 7, 11, 16, 22, 29, 15, 3];

  it('give the exponential average seeded with the first input, from the length-th on', () => {
    const expected: unknown[] = [];
    let average = prices[0]!;
    for (const [i, price] of prices.entries()) {
      average = i === 0 ? price : average + (2 / 4) * (price - average);
      expected.push(i < 2 ? undefined : average);
    }
    expectClose(run(indicators.ema(3), prices), expected);
  });

  it('give moving averages, extremes, change and momentum over windows', () => {
    expectClose(run(indicators.sma(3), prices), windows(prices, 3, mean));
    expectClose(
      run(indicators.wma(3), prices),
      windows(prices, 3, ([a, b, c]) => (a! + 2 * b! + 3 * c!) / 6),
    );
    expectClose(
      run(indicators.highest(4), prices),
      windows(prices, 4, (window) => Math.max(...window)),
    );
    expectClose(
      run(indicators.lowest(4), prices),
      windows(prices, 4, (window) => Math.min(...window)),
    );
    expectClose(
      run(indicators.momentum(2), prices),
      windows(prices, 3, ([a, , c]) => c! - a!),
    );
    expectClose(
      run(indicators.roc(2), prices),
      windows(prices, 3, ([a, , c]) => c! / a! - 1),
    );
  });

  it('give Bollinger bands of population deviations', () => {
    const bands = run(indicators.bollinger(4, 2), prices);
    const middles = windows(prices, 4, mean);
    const uppers = windows(prices, 4, (w) => mean(w) + 2 * Math.sqrt(mean(w.map((x) => (x - mean(w)) ** 2))));
    expectClose(
      bands.map((band) => band?.middle),
      middles,
    );
    expectClose(
      bands.map((band) => band?.upper),
      uppers,
    );
  });

  it('give Wilder’s RSI, ATR and ADX', () => {
    // Wilder: gains 1, 2, 3 and no loss; then a loss of 14.
    expect(run(indicators.rsi(3), [1, 2, 4, 7])).toEqual([undefined, undefined, undefined, 100]);
    const rsi = indicators.rsi(3);
    run(rsi, [1, 2, 4, 7]);
    expect(rsi.update(-7)).toBeCloseTo(100 - 100 / (1 + (2 * 2) / 3 / (14 / 3)), 6);

    expect(run(indicators.atr(3), rising).at(-1)).toBe(2);
    const adx = run(indicators.adx(5), rising).at(-1);
    expect(adx?.adx).toBeCloseTo(100, 6);
    expect(adx?.plusDi).toBeGreaterThan(adx!.minusDi);
    expect(adx?.minusDi).toBe(0);
  });

  it('give an ADX although the market stood still at first', () => {
    const still = Array.from({ length: 10 }, () => candle(1, 1, 1));
    expect(run(indicators.adx(5), [...still, ...rising]).at(-1)?.adx).toBeGreaterThan(50);
  });

  it('give MACD, the stochastic oscillator and Donchian channels', () => {
    const macd = run(indicators.macd(2, 4, 3), prices);
    expect(macd.findIndex((value) => value !== undefined)).toBe(5);
    const last = macd.at(-1)!;
    expect(last.histogram).toBeCloseTo(last.macd - last.signal, 10);

    const stochastic = run(indicators.stochastic(5, 1, 1), rising).at(-1)!;
    // Five rising bars: from lowest 35 to highest 41, the close at 40.
    expect(stochastic.k).toBeCloseTo(((40 - 35) / (41 - 35)) * 100, 6);
    expect(run(indicators.donchian(3), rising).at(-1)).toEqual({ lower: 37, upper: 41, middle: 39 });
  });

  it('keep the last value', () => {
    const sma = indicators.sma(2);
    expect(sma.value).toBeUndefined();
    run(sma, [1, 3]);
    expect(sma.value).toBe(2);
  });

  it('refuse inputs that are not finite, and go on after them', () => {
    const ema = indicators.ema(1);
    for (const bad of [NaN, Infinity, undefined as unknown as number])
      expect(() => ema.update(bad)).toThrow('an indicator takes finite numbers only');
    expect(ema.update(5)).toBe(5);
    expect(() => indicators.atr(2).update(candle(1, NaN, 1))).toThrow(RangeError);
  });

  it('refuse lengths that make no sense', () => {
    const makers: ((length: number, of: Indicators) => unknown)[] = [
      (n, of) => of.sma(n),
      (n, of) => of.ema(n),
      (n, of) => of.wma(n),
      (n, of) => of.rsi(n),
      (n, of) => of.macd(n),
      (n, of) => of.bollinger(n),
      (n, of) => of.roc(n),
      (n, of) => of.momentum(n),
      (n, of) => of.highest(n),
      (n, of) => of.lowest(n),
      (n, of) => of.atr(n),
      (n, of) => of.adx(n),
      (n, of) => of.stochastic(n),
      (n, of) => of.donchian(n),
    ];
    expect(makers).toHaveLength(Object.keys(indicators).length);
    for (const make of makers)
      for (const length of [0, -1, 1.5, NaN, '3' as unknown as number])
        expect(() => make(length, indicators)).toThrow(/must be a whole number/);
    expect(() => indicators.macd(26, 12)).toThrow('macd fast (26) must be less than macd slow (12)');
    expect(() => indicators.bollinger(20, 0)).toThrow('bollinger width must be positive');
  });

  it('agree with a plain reckoning on any prices', () => {
    const price = double({ min: 0.01, max: 1e5, noNaN: true });
    assert(
      property(array(price, { minLength: 1, maxLength: 60 }), integer({ min: 1, max: 12 }), (values, length) => {
        const highs = run(indicators.highest(length), values);
        expect(highs).toEqual(windows(values, length, (window) => Math.max(...window)));
        const averages = run(indicators.sma(length), values);
        for (const [i, expected] of windows(values, length, mean).entries())
          if (expected === undefined) expect(averages[i]).toBeUndefined();
          else expect(Math.abs(averages[i]! - (expected as number))).toBeLessThan(1e-6);
      }),
    );
  });
});
