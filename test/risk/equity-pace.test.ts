import { describe, expect, it } from 'vitest';
import { EquityPace } from '../../src/risk/equity-pace.ts';

function pace(equities: readonly (number | undefined)[], stepMs = 1000): number | undefined {
  const samples = new EquityPace();
  equities.forEach((equity, second) => samples.sample(second * stepMs, equity));
  return samples.perMs();
}
const seconds = (count: number, equityAt: (second: number) => number) =>
  Array.from({ length: count }, (_, second) => equityAt(second));

describe('the pace of equity', () => {
  it('is money per millisecond of a steady fall', () => {
    expect(pace(seconds(100, (s) => 10_000 - s))).toBeCloseTo(-0.001, 12);
  });

  it('is told through noise that is smaller than the fall', () => {
    expect(pace(seconds(300, (s) => 10_000 - s + (s % 2)))).toBeCloseTo(-0.001, 4);
  });

  it('is not made up: too few samples, no movement, a wobble, a single step', () => {
    expect(pace(seconds(60, (s) => 10_000 - s))).toBeUndefined();
    expect(pace(seconds(200, () => 10_000))).toBeUndefined();
    expect(pace(seconds(200, (s) => 10_000 + 50 * Math.sin(s)))).toBeUndefined();
    expect(pace(seconds(200, (s) => (s < 100 ? 10_000 : 9900)))).toBeUndefined();
  });

  it('says nothing across a gap or an unknown equity', () => {
    expect(
      pace(
        seconds(200, (s) => 10_000 - s),
        11_000,
      ),
    ).toBeUndefined();
    expect(pace([...seconds(200, (s) => 10_000 - s), undefined])).toBeUndefined();
  });

  it('forgets what is older than five minutes', () => {
    expect(pace([...seconds(1000, (s) => s), ...seconds(301, (s) => 1000 - s)])).toBeCloseTo(-0.001, 12);
  });
});
