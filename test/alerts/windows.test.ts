import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Durations, GrowthWindow, HighWindow, HistogramWindow } from '../../src/alerts/windows.ts';
import { quantileOf } from '../../src/domain/histogram.ts';

const MIN = 60_000;

describe('the growth of a counter', () => {
  it('is counted within the window alone, and from the first look on', () => {
    const window = new GrowthWindow(15 * MIN);
    expect(window.take(0, 1000)).toBe(0);
    expect(window.take(1000, 1003)).toBe(3);
    expect(window.take(14 * MIN, 1005)).toBe(5);
    expect(window.take(15 * MIN, 1005)).toBe(5);
    expect(window.take(15 * MIN + 1000, 1005)).toBe(2);
    expect(window.take(30 * MIN, 1005)).toBe(0);
  });

  it('begins anew where the counter fell', () => {
    const window = new GrowthWindow(MIN);
    window.take(0, 10);
    expect(window.take(1000, 3)).toBe(0);
    expect(window.take(2000, 4)).toBe(1);
  });

  it('is what the looks say, to the resolution, and goes on after a restart', () => {
    const looks = fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 5 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(looks, fc.nat(59), (steps, killedAt) => {
        let window = new GrowthWindow(5 * MIN);
        const seen: [number, number][] = [[0, 0]];
        window.take(0, 0);
        for (const [n, [seconds, more]] of steps.entries()) {
          const now = seen.at(-1)![0] + seconds * 1000;
          const value = seen.at(-1)![1] + more;
          seen.push([now, value]);
          if (n === killedAt) window = new GrowthWindow(5 * MIN, structuredClone(window.save()) as [number, number][]);
          const growth = window.take(now, value);
          const at = (ts: number): number => seen.findLast(([when]) => when <= ts)?.[1] ?? 0;
          expect(growth).toBeLessThanOrEqual(value - at(now - 5 * MIN - 10_000));
          expect(growth).toBeGreaterThanOrEqual(value - at(now - 5 * MIN + 10_000));
        }
      }),
    );
  });
});

describe('the highest of an hour', () => {
  it('is the highest that was seen within it', () => {
    const window = new HighWindow(60 * MIN);
    expect(window.take(0, 1.1)).toBe(1.1);
    expect(window.take(30 * MIN, 1)).toBe(1.1);
    expect(window.take(60 * MIN, 0.9)).toBe(1.1);
    expect(window.take(60 * MIN + 1000, 0.9)).toBe(1);
    expect(window.take(200 * MIN, 0.5)).toBe(0.5);
  });

  it('is never lower than what is in the window, nor higher than what was near it', () => {
    const looks = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 100 })), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(looks, (steps) => {
        const window = new HighWindow(60 * MIN);
        const seen: [number, number][] = [];
        for (const [seconds, value] of steps) {
          const now = (seen.at(-1)?.[0] ?? 0) + seconds * 1000;
          seen.push([now, value]);
          const high = window.take(now, value);
          const within = (ms: number): number => Math.max(...seen.filter(([ts]) => ts >= now - ms).map(([, v]) => v));
          expect(high).toBeLessThanOrEqual(within(60 * MIN));
          expect(high).toBeGreaterThanOrEqual(within(60 * MIN - 10_000));
        }
      }),
    );
  });

  it('keeps a bounded number of samples of an hour that falls without end', () => {
    const window = new HighWindow(60 * MIN);
    for (let second = 0; second < 7200; second++) window.take(second * 1000, 10_000 - second);
    expect(window.save().length).toBeLessThanOrEqual(362);
  });
});

describe('how long something has been so', () => {
  it('begins anew when it ceases, and stays as it was while nothing is known', () => {
    const durations = new Durations();
    expect(durations.take('a', 0, true)).toBe(0);
    expect(durations.take('a', 5000, null)).toBe(5000);
    expect(durations.take('a', 6000, true)).toBe(6000);
    expect(durations.take('a', 7000, false)).toBe(0);
    expect(durations.take('a', 8000, true)).toBe(0);
    expect(new Durations(durations.save()).take('a', 9000, true)).toBe(1000);
    durations.keepOnly(new Set());
    expect(durations.save()).toEqual({});
  });
});

describe('the values of a distribution within a window', () => {
  it('have the quantile that Prometheus tells of them', () => {
    const bounds = [0.05, 0.1, 0.25];
    const window = new HistogramWindow(5 * MIN);
    window.take(0, { bounds, counts: [500, 0, 9, 0], sum: 0 });
    const within = window.take(MIN, { bounds, counts: [598, 0, 11, 0], sum: 0 });
    expect(within.counts).toEqual([98, 0, 2, 0]);
    // Half of the two above 0.1, taken for evenly spread up to 0.25.
    expect(quantileOf(0.99, within)).toBeCloseTo(0.175, 12);
    expect(quantileOf(0.99, { bounds, counts: [0, 99, 1, 0] })).toBe(0.1);
    expect(quantileOf(0.99, { bounds, counts: [0, 0, 0, 5] })).toBe(0.25);
    expect(quantileOf(0.99, { bounds, counts: [0, 0, 0, 0] })).toBeNull();
  });
});
