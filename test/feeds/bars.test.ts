import { Big } from 'big.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar, Tick } from '../../src/domain/market.ts';
import { BarBuilder } from '../../src/streams/bars.ts';

const tick = (ts: number, bid: number, ask = bid): Tick => ({ symbol: 'EURUSD', ts, bid, ask });

/** What the owner of a clock does: closes a bar when its end is reached, before a tick of that time is added. */
function build(ticks: readonly Tick[], lengthMs: number, until = Infinity): Bar[] {
  const builder = new BarBuilder('EURUSD', lengthMs, 5);
  const bars: Bar[] = [];
  const advance = (ts: number): void => {
    const due = builder.due();
    if (due !== undefined && due <= ts) bars.push(builder.close());
  };
  for (const one of ticks) {
    advance(one.ts);
    builder.add(one);
  }
  advance(until);
  return bars;
}

const number = (value: Big): number => Number(value.toFixed());

/** The same by definition: ticks grouped by interval, prices in big.js. */
function naive(ticks: readonly Tick[], lengthMs: number): Bar[] {
  const groups = new Map<number, Big[]>();
  for (const { ts, bid, ask } of ticks) {
    const index = Math.floor(ts / lengthMs);
    groups.set(index, [...(groups.get(index) ?? []), Big(bid).plus(ask).times('0.5')]);
  }
  return [...groups].map(([index, mids]) => ({
    symbol: 'EURUSD',
    lengthMs,
    start: index * lengthMs,
    end: (index + 1) * lengthMs,
    open: number(mids[0]!),
    high: number(mids.reduce((a, b) => (b.gt(a) ? b : a))),
    low: number(mids.reduce((a, b) => (b.lt(a) ? b : a))),
    close: number(mids.at(-1)!),
    ticks: mids.length,
  }));
}

describe('bars from ticks', () => {
  it('go on with a bar that another has begun, unless one of their own is open, or it is over or of another length', () => {
    const begun = { symbol: 'EURUSD', lengthMs: 60_000, start: 60_000, end: 120_000, open: 1.3, high: 1.4, low: 1.2, close: 1.25, ticks: 7 }; // prettier-ignore
    const builder = new BarBuilder('EURUSD', 60_000, 5);
    builder.begin({ ...begun, end: 90_000 });
    expect(builder.due()).toBeUndefined();
    builder.begin(begun);
    builder.add(tick(90_000, 1.1));
    builder.begin({ ...begun, open: 9 });
    expect(builder.close()).toEqual({ ...begun, low: 1.1, close: 1.1, ticks: 8 });
    builder.begin(begun);
    expect(builder.due()).toBeUndefined();
  });

  it('are of the mid price, aligned to the epoch, with a tick at the end in the next bar', () => {
    const bars = build([tick(60_500, 1.1, 1.2), tick(119_999, 1.0, 1.1), tick(120_000, 1.3, 1.4)], 60_000);
    expect(bars).toEqual([
      {
        symbol: 'EURUSD',
        lengthMs: 60_000,
        start: 60_000,
        end: 120_000,
        open: 1.15,
        high: 1.15,
        low: 1.05,
        close: 1.05,
        ticks: 2,
      },
      expect.objectContaining({ start: 120_000, end: 180_000, open: 1.35, ticks: 1 }),
    ]);
  });

  it('make no bar of an empty interval', () => {
    expect(build([tick(500, 1), tick(10_500, 2)], 1000).map((bar) => bar.start)).toEqual([0, 10_000]);
  });

  it('say when the open bar is due, and that none is open', () => {
    const builder = new BarBuilder('EURUSD', 1000, 5);
    expect(builder.due()).toBeUndefined();
    builder.add(tick(1700, 1));
    expect(builder.due()).toBe(2000);
    builder.close();
    expect(builder.due()).toBeUndefined();
  });

  it('count a tick that comes after its bar was closed by the clock for the bar after it', () => {
    const builder = new BarBuilder('EURUSD', 1000, 5);
    builder.add(tick(500, 1));
    expect(builder.close()).toMatchObject({ start: 0, end: 1000 });
    builder.add(tick(990, 2));
    expect(builder.due()).toBe(2000);
    expect(builder.close()).toMatchObject({ start: 1000, end: 2000, open: 2, ticks: 1 });
  });

  it('align times before 1970 as well', () => {
    expect(build([tick(-500, 1)], 1000)).toMatchObject([{ start: -1000, end: 0 }]);
  });

  it('refuse to be used wrongly: a late close, a close without a bar, a length that is none', () => {
    const builder = new BarBuilder('EURUSD', 1000, 5);
    expect(() => builder.close()).toThrow('no bar of EURUSD is open');
    builder.add(tick(0, 1));
    expect(() => builder.add(tick(1000, 1))).toThrow('not closed');
    for (const length of [0, -1, 1.5, NaN]) expect(() => new BarBuilder('EURUSD', length, 5)).toThrow(RangeError);
  });

  it('equal those by definition for any ticks and any length from 1 s to 1 d (against big.js)', () => {
    const steps = fc.array(
      fc.tuple(
        fc.oneof(fc.nat(500), fc.nat(90_000_000)),
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.nat(500),
        fc.integer({ min: 0, max: 8 }),
      ),
      { maxLength: 60 },
    );
    const length = fc.constantFrom(1000, 5000, 15_000, 60_000, 300_000, 3_600_000, 14_400_000, 86_400_000);
    fc.assert(
      fc.property(steps, fc.nat(2_000_000_000_000), length, (moves, start, lengthMs) => {
        let ts = start;
        const ticks = moves.map(([wait, bid, spread, places]) => {
          ts += wait;
          return tick(ts, Number(`${bid}e-${places}`), Number(`${bid + spread}e-${places}`));
        });
        expect(build(ticks, lengthMs)).toEqual(naive(ticks, lengthMs));
      }),
      { numRuns: 300 },
    );
  });
});
