/**
 * Bar files as quotes: a bar becomes four, at its start, a third, two thirds and its end less 1 ms.
 * A rising bar (or one that ends where it began) goes open, low, high, close; a falling one open,
 * high, low, close. Bid and ask lie half the instrument's spread below and above the mid price.
 */
import { ExactDoubles } from '../domain/exact-doubles.ts';
import type { Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';

/** A checked row of a bar file; `ts` is the start of the bar. */
export interface BarRow {
  readonly symbol: string;
  readonly ts: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Digits after the point that prices are first expected to have. */
const USUAL_DIGITS = 5;

/**
 * The length of the bars: the commonest distance in time between two neighbouring bars of one
 * symbol (the shortest of those that are equally common), so that gaps do not count.
 * @returns milliseconds, or `undefined` when no symbol has two bars.
 */
export function inferBarLength(rows: readonly BarRow[]): number | undefined {
  const last = new Map<string, EpochMs>();
  const seen = new Map<number, number>();
  for (const { symbol, ts } of rows) {
    const distance = ts - (last.get(symbol) ?? ts);
    if (distance > 0) seen.set(distance, (seen.get(distance) ?? 0) + 1);
    last.set(symbol, ts);
  }
  let best: number | undefined;
  for (const [distance, times] of seen) {
    const before = best === undefined ? 0 : seen.get(best)!;
    if (times > before || (times === before && distance < best!)) best = distance;
  }
  return best;
}

/** Why a bar cannot be replayed after all. */
export type BarRefusal = 'overlap' | 'nonPositive';

/** Turns bars into quotes in order of time; bars of several symbols at one time are interleaved. */
export class BarUnfolder {
  readonly #lengthMs: number;
  readonly #spreadOf: (symbol: string) => number;
  readonly #prices = new Map<string, { readonly exact: ExactDoubles; readonly half: number }>();
  readonly #group = new Map<string, BarRow>();
  #start: EpochMs = -Infinity;

  /** @param spreadOf the full spread of a symbol in price units; asked once for each */
  constructor(lengthMs: number, spreadOf: (symbol: string) => number) {
    this.#lengthMs = lengthMs;
    this.#spreadOf = spreadOf;
  }

  /** Takes the next bar, in order of start times. The quotes of the bars before it go to `out` once they are complete. */
  add(row: BarRow, out: Tick[]): BarRefusal | undefined {
    const together = row.ts === this.#start;
    if (together ? this.#group.has(row.symbol) : row.ts < this.#start + this.#lengthMs) return 'overlap';
    const { exact, half } = this.#pricesOf(row.symbol);
    if (exact.sum(row.low, -half) <= 0) return 'nonPositive';
    if (!together) this.flush(out);
    this.#start = row.ts;
    this.#group.set(row.symbol, row);
    return undefined;
  }

  /** Gives the quotes of the bars that are held. */
  flush(out: Tick[]): void {
    const times = [0, Math.floor(this.#lengthMs / 3), Math.floor((this.#lengthMs * 2) / 3), this.#lengthMs - 1];
    for (let step = 0; step < times.length; step++)
      for (const row of this.#group.values()) out.push(this.#quote(row, step, this.#start + times[step]!));
    this.#group.clear();
  }

  #quote(row: BarRow, step: number, ts: EpochMs): Tick {
    const { symbol, open, high, low, close } = row;
    const { exact, half } = this.#pricesOf(symbol);
    const path = close >= open ? [open, low, high, close] : [open, high, low, close];
    const mid = path[step]!;
    // Within its bar the market moved from quote to quote without a gap; between bars it may have jumped.
    return { symbol, ts, bid: exact.sum(mid, -half), ask: exact.sum(mid, half), path: step > 0 };
  }

  #pricesOf(symbol: string): { readonly exact: ExactDoubles; readonly half: number } {
    let prices = this.#prices.get(symbol);
    if (prices === undefined) {
      const exact = new ExactDoubles(USUAL_DIGITS);
      prices = { exact, half: exact.mid(this.#spreadOf(symbol), 0) };
      this.#prices.set(symbol, prices);
    }
    return prices;
  }
}
