import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso, parseBarLength, parseDuration } from '../../src/domain/time.ts';

describe('times and durations', () => {
  it('are written as ISO-8601 in UTC with milliseconds', () => {
    expect(iso(Date.UTC(2026, 10, 22, 7, 28, 33, 123))).toBe('2026-11-22T07:28:33.123Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(Date.parse(iso(ms))).toBe(ms);
      }),
    );
  });

  it('reads durations with their unit', () => {
    expect(['250ms', '1s', '15m', '8h', '1d', '1.5h', ' 2s '].map(parseDuration)).toEqual([
      250, 1000, 900_000, 28_800_000, 86_400_000, 5_400_000, 2000,
    ]);
  });

  it('refuses what is no positive duration', () => {
    expect(['', '5', '0s', '-1s', '1w', '1 s', 's', '1e3s', '1.s', 'NaNs'].map(parseDuration)).toEqual(
      Array.from({ length: 10 }, () => undefined),
    );
  });

  it('takes bars from one second to one day', () => {
    expect(['1s', '60s', '1m', '4h', '1d'].map(parseBarLength)).toEqual([1000, 60_000, 60_000, 14_400_000, 86_400_000]);
    expect(['999ms', '0s', '2d', '25h', '1.5m', '1w'].map(parseBarLength)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });
});
