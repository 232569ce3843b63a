import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedGuard } from '../../src/risk/feed-guard.ts';
import { QuoteWindow } from '../../src/risk/quote-window.ts';
import { Session } from '../../src/risk/sessions.ts';

const ALWAYS = new Session();
const FX = new Session({ zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: [] });

/** Quotes of one price at a steady pace; gives the time of the last. */
function feed(guard: FeedGuard, count: number, gapMs: number, from = 0, price = 100): number {
  for (let n = 0; n < count; n++) guard.accept(from + n * gapMs, price, price);
  return from + (count - 1) * gapMs;
}

describe('a feed that is silent', () => {
  it('M-1: healthy at 100 ms, stale after 30 s of silence where 1 s is the least, healthy with the next tick', () => {
    const guard = new FeedGuard(ALWAYS, 1000);
    const last = feed(guard, 20, 100);
    expect(guard.isStale(last + 100)).toBe(false);
    expect(guard.denies(last + 100)).toBeUndefined();
    expect(guard.isStale(last + 30_000)).toBe(true);
    expect(guard.denies(last + 30_000)).toBe('no quote for 30000 ms, over the limit of 1000 ms');
    guard.accept(last + 30_000, 100, 100);
    expect(guard.isStale(last + 30_000)).toBe(false);
    expect(guard.denies(last + 30_000)).toBeUndefined();
  });

  it('is stale as long as no quote was seen', () => {
    const guard = new FeedGuard(ALWAYS);
    expect(guard.isStale(0)).toBe(true);
    expect(guard.denies(0)).toBe('no price reference: no quote was seen yet');
    expect(guard.silentMs(0)).toBeUndefined();
  });

  it.each([
    [100, 10_000],
    [2000, 10_000],
    [3000, 15_000],
    [60_000, 300_000],
  ])('with a usual gap of %s ms is stale beyond %s ms, and not at it', (gapMs, limitMs) => {
    const guard = new FeedGuard(ALWAYS);
    const last = feed(guard, 50, gapMs);
    expect(guard.limitMs).toBe(limitMs);
    expect(guard.isStale(last + limitMs)).toBe(false);
    expect(guard.isStale(last + limitMs + 1)).toBe(true);
  });

  it('weighs the newest gap with a tenth', () => {
    const guard = new FeedGuard(ALWAYS);
    const last = feed(guard, 3, 4000);
    guard.accept(last + 9000, 100, 100);
    expect(guard.limitMs).toBeCloseTo(5 * (0.9 * 4000 + 0.1 * 9000), 9);
  });

  it('is as watchful after an outage as before', () => {
    const guard = new FeedGuard(ALWAYS);
    const last = feed(guard, 100, 100);
    guard.accept(last + 3_600_000, 100, 100);
    expect(guard.limitMs).toBe(10_000);
  });

  it('is never stale where its silences are part of the data: a replay', () => {
    const guard = new FeedGuard(ALWAYS, Infinity);
    expect(guard.denies(0)).toBe('no price reference: no quote was seen yet');
    const last = feed(guard, 20, 100);
    expect(guard.isStale(last + 1e9)).toBe(false);
    expect(guard.denies(last + 1e9)).toBeUndefined();
  });

  it('is followed when it slows down for good', () => {
    const guard = new FeedGuard(ALWAYS);
    const last = feed(guard, 100, 100);
    const slow = feed(guard, 100, 20_000, last + 20_000);
    expect(guard.isStale(slow + 60_000)).toBe(false);
  });
});

describe('a feed of a market that closes', () => {
  // Friday 2026-07-10 17:00 in New York is 21:00 UTC.
  const close = Date.UTC(2026, 6, 10, 21);
  const open = Date.UTC(2026, 6, 12, 21);

  it('is not stale while the market is closed, but old quotes let no entry through', () => {
    const guard = new FeedGuard(FX);
    feed(guard, 100, 100, close - 10_000);
    expect(guard.isStale(close + 3_600_000)).toBe(false);
    expect(guard.denies(close + 3_600_000)).toMatch(/^the market is closed; the last quote is \d+ ms old$/);
  });

  it('is stale when nothing comes after the opening, and takes entries once something does', () => {
    const guard = new FeedGuard(FX);
    feed(guard, 100, 100, close - 10_000);
    expect(guard.isStale(open + 10_000)).toBe(false);
    expect(guard.denies(open + 1)).toContain('no quote for');
    expect(guard.isStale(open + 10_001)).toBe(true);
    guard.accept(open + 12_000, 100, 100);
    expect(guard.denies(open + 12_001)).toBeUndefined();
    expect(guard.limitMs).toBe(10_000);
  });

  it('that quotes all the same is used', () => {
    const guard = new FeedGuard(FX);
    const last = feed(guard, 20, 100, close + 3_600_000);
    expect(guard.denies(last + 100)).toBeUndefined();
  });
});

describe('a quote far from the others', () => {
  const usual = (guard: FeedGuard, count = 32): void => {
    for (let n = 0; n < count; n++) guard.accept(n * 100, n % 2 === 0 ? 100 : 100.2, n % 2 === 0 ? 100 : 100.2);
  };

  it('M-3: after 32 quotes around 100, 250 is an outlier and 100.4 is in order', () => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard);
    expect(guard.accept(3200, 250, 250)).toBe(false);
    expect(guard.outliers).toBe(1);
    expect(guard.denies(3200)).toBe('the last quote was an outlier and was dropped: middle 250');
    expect(guard.accept(3300, 100.4, 100.4)).toBe(true);
    expect(guard.denies(3300)).toBeUndefined();
    expect(guard.outliers).toBe(1);
  });

  it('is not an outlier while fewer than sixteen are known', () => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard, 15);
    expect(guard.accept(1500, 250, 250)).toBe(true);
    const enough = new FeedGuard(ALWAYS);
    usual(enough, 16);
    expect(enough.accept(1600, 250, 250)).toBe(false);
  });

  it('is in order where a replayed bar says that the market moved there', () => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard);
    expect(guard.accept(3200, 110, 110, true)).toBe(true);
    expect(guard.outliers).toBe(0);
  });

  it.each([
    [101.3, true],
    [101.31, false],
    [98.9, true],
    [98.89, false],
  ])('in a quiet market is one beyond 6 × 0.2 percent of 100.1: %s passes: %s', (price, passes) => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard, 64);
    expect(guard.accept(6400, price, price)).toBe(passes);
  });

  it('the third time in a row, when the three agree, is the market', () => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard);
    expect([110, 110.5, 110.2].map((price, n) => guard.accept(3200 + n, price, price))).toEqual([false, false, true]);
    expect(guard.denies(3203)).toBeUndefined();
    expect(guard.outliers).toBe(2);
    expect(guard.accept(3300, 110.4, 110.4)).toBe(true);
  });

  it('is not the market when the three do not agree, or a usual one comes between them', () => {
    const guard = new FeedGuard(ALWAYS);
    usual(guard);
    expect([110, 150, 90, 110].map((price, n) => guard.accept(3200 + n, price, price))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const between = new FeedGuard(ALWAYS);
    usual(between);
    expect([110, 110, 100, 110, 110].map((price, n) => between.accept(3200 + n, price, price))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it('is told from the last 64 by their true spread, however many came before', () => {
    const price = fc.integer({ min: 50, max: 150 });
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 16, maxLength: 300 }),
        fc.integer({ min: 1, max: 1000 }),
        (prices, next) => {
          const window = new QuoteWindow();
          for (const each of prices) window.add(each);
          const last = prices.slice(-64);
          const mean = last.reduce((sum, each) => sum + each, 0) / last.length;
          const sigma = Math.sqrt(last.reduce((sum, each) => sum + (each - mean) ** 2, 0) / last.length);
          expect(window.isOutlier(next)).toBe(Math.abs(next - mean) > 6 * Math.max(sigma, 0.002 * mean));
        },
      ),
    );
  });
});

describe('clocks that differ', () => {
  it.each([
    [60_000, undefined],
    [60_001, "the venue's clock is 60001 ms ahead"],
    [-60_001, "the venue's clock is 60001 ms behind"],
  ])('by %s ms', (offset, reason) => {
    const guard = new FeedGuard(ALWAYS);
    const last = feed(guard, 20, 100);
    guard.noteClock(1_000_000 + offset, 1_000_000);
    expect(guard.denies(last)).toBe(reason);
  });
});
