import { describe, expect, it } from 'vitest';
import { faultOf, QuoteGuard } from '../../src/streams/quote-guard.ts';

const tick = (ts: number, bid: number, ask: number) => ({ symbol: 'EURUSD', ts, bid, ask });

describe('the quote guard', () => {
  it.each([
    ['a crossed quote (M-4)', 100.5, 99.5, 'crossed'],
    ['a bid of zero', 0, 1.1, 'nonPositive'],
    ['a negative ask', 1.1, -1, 'nonPositive'],
    ['a bid that is no number', NaN, 1.1, 'malformed'],
    ['an infinite ask', 1.1, Infinity, 'malformed'],
    ['two infinite prices', Infinity, Infinity, 'malformed'],
    ['an ask that is no number', 1.1, NaN, 'malformed'],
  ])('drops and counts %s', (_, bid, ask, cause) => {
    const guard = new QuoteGuard();
    expect(guard.check(tick(1, bid, ask))).toBe(cause);
    expect(guard.counts).toEqual({
      malformed: 0,
      crossed: 0,
      nonPositive: 0,
      backwards: 0,
      otherSymbol: 0,
      [cause]: 1,
    });
    expect(guard.dropped).toBe(1);
  });

  it('passes good quotes, locked ones and ones of the same time', () => {
    const guard = new QuoteGuard();
    for (const good of [tick(1000, 1.1, 1.2), tick(1000, 1.15, 1.15), tick(1001, 1e-9, 1e9)])
      expect(guard.check(good)).toBeUndefined();
    expect(guard.dropped).toBe(0);
  });

  it('drops time that runs backwards, and goes on from the last good quote', () => {
    const guard = new QuoteGuard();
    expect([1000, 999, 1000, 1500].map((ts) => guard.check(tick(ts, 1, 1)))).toEqual([
      undefined,
      'backwards',
      undefined,
      undefined,
    ]);
  });

  it('does not let a dropped quote set the time', () => {
    const guard = new QuoteGuard();
    guard.check(tick(1000, 1, 1));
    guard.check(tick(9000, 2, 1));
    guard.check(tick(NaN, 1, 1));
    expect(guard.check(tick(1001, 1, 1))).toBeUndefined();
    expect(guard.counts).toMatchObject({ crossed: 1, malformed: 1 });
  });

  it('tells a drop in a sentence with the figures', () => {
    expect(faultOf('crossed', tick(1, 100.5, 99.5))).toEqual({
      cause: 'crossed',
      symbol: 'EURUSD',
      detail: 'crossed quote: bid 100.5 is above ask 99.5',
    });
    expect(faultOf('backwards', tick(0, 1, 1)).detail).toContain('1970-01-01T00:00:00.000Z');
    expect(faultOf('malformed', tick(NaN, 1, 1)).detail).toContain('NaN');
    expect(faultOf('nonPositive', tick(0, 0, 1)).detail).toContain('bid 0');
  });
});
