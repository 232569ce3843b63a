/**
 * Bars of the past from a gateway, made like ours: of the middle price, aligned to the epoch. A
 * terminal makes its bars of bids and aligns them to its server's day, so what is asked for is a
 * length that falls on the same boundaries, and half of each bar's spread is added.
 */
import { dec, type Decimal } from '../../domain/decimal.ts';
import type { Bar } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Mt5Bar, Timeframe } from './types.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longest first. */
const LENGTHS: readonly (readonly [Timeframe, number])[] = [
  ['D1', 24 * HOUR_MS],
  ['H4', 4 * HOUR_MS],
  ['H1', HOUR_MS],
  ['M30', 30 * MINUTE_MS],
  ['M15', 15 * MINUTE_MS],
  ['M5', 5 * MINUTE_MS],
  ['M1', MINUTE_MS],
];

/** The most that a gateway gives at once. */
const MOST_BARS = 10_000;
const HALF = dec('0.5');

export interface BarRequest {
  readonly timeframe: Timeframe;
  readonly count: number;
}

/**
 * What to ask for so that `count` bars of a length come of it, the one that is open included.
 * Undefined where no bars of a terminal fall on its boundaries: under a minute.
 */
export function barRequest(lengthMs: number, count: number, serverOffsetMs: number): BarRequest | undefined {
  const found = LENGTHS.find(([, ms]) => lengthMs % ms === 0 && serverOffsetMs % ms === 0);
  if (found === undefined) return undefined;
  const [timeframe, ms] = found;
  return { timeframe, count: Math.min(MOST_BARS, (count + 1) * (lengthMs / ms)) };
}

export interface PastBars {
  /** Oldest first. */
  readonly closed: readonly Bar[];
  /** The one that is not over yet, as far as it has come. */
  readonly open: Bar | undefined;
}

/** @param rows oldest first; the first may be the rest of a longer bar, and is left out then @param point of the symbol */
export function barsOf(
  rows: readonly Mt5Bar[],
  { symbol, lengthMs, point, now }: { symbol: string; lengthMs: number; point: Decimal; now: EpochMs },
): PastBars {
  const bars: Bar[] = [];
  for (const row of rows) {
    const start = Math.floor(row.start / lengthMs) * lengthMs;
    const last = bars.at(-1);
    const one = middle(row, point);
    if (last?.start === start) bars[bars.length - 1] = joined(last, one);
    else if (last !== undefined || row.start === start)
      bars.push({ ...one, symbol, lengthMs, start, end: start + lengthMs });
  }
  return { closed: bars.filter(({ end }) => end <= now), open: bars.find(({ end }) => end > now) };
}

type Prices = Pick<Bar, 'open' | 'high' | 'low' | 'close' | 'ticks'>;

function middle({ open, high, low, close, ticks, spread }: Mt5Bar, point: Decimal): Prices {
  const half = point.times(dec(spread)).times(HALF);
  const up = (bid: number): number => dec(bid).plus(half).toNumber();
  return { open: up(open), high: up(high), low: up(low), close: up(close), ticks };
}

const joined = (bar: Bar, next: Prices): Bar => ({
  ...bar,
  high: Math.max(bar.high, next.high),
  low: Math.min(bar.low, next.low),
  close: next.close,
  ticks: bar.ticks + next.ticks,
});
