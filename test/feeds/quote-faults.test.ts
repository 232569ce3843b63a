import { describe, expect, it } from 'vitest';
import { faultOf, judgePrices } from '../../src/streams/quote-faults.ts';

const tick = (ts: number, bid: number, ask: number) => ({ symbol: 'EURUSD', ts, bid, ask });

describe('a quote', () => {
  it.each([
    ['a crossed quote (M-4)', 100.5, 99.5, 'crossed'],
    ['a bid of zero', 0, 1.1, 'nonPositive'],
    ['a negative ask', 1.1, -1, 'nonPositive'],
    ['a bid that is no number', NaN, 1.1, 'malformed'],
    ['an infinite ask', 1.1, Infinity, 'malformed'],
    ['two infinite prices', Infinity, Infinity, 'malformed'],
    ['an ask that is no number', 1.1, NaN, 'malformed'],
  ])('that is %s is dropped for it', (_, bid, ask, cause) => {
    expect(judgePrices(bid, ask)).toBe(cause);
  });

  it('that is good, or locked, is in order', () => {
    expect([judgePrices(1.1, 1.2), judgePrices(1.15, 1.15), judgePrices(1e-9, 1e9)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
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
