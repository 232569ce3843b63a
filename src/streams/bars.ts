/**
 * Bars from ticks: of the mid price, aligned to the epoch, `[start, end)`. A bar ends by the clock,
 * before any later tick is applied; an interval without ticks makes no bar.
 *
 * Whoever owns the clock arms a timer for {@link BarBuilder.due} and calls {@link BarBuilder.close}
 * when it is reached, and before it adds a tick of that time or later.
 */
import { ExactDoubles } from '../domain/exact-doubles.ts';
import type { Bar, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';

/** Builds the bars of one symbol and length. */
export class BarBuilder {
  readonly symbol: string;
  readonly lengthMs: number;
  readonly #exact: ExactDoubles;
  #ticks = 0;
  #start: EpochMs = 0;
  /** End of the open bar, or of the last one. */
  #end: EpochMs = -Infinity;
  #open = 0;
  #high = 0;
  #low = 0;
  #close = 0;

  /**
   * @param lengthMs length of a bar in milliseconds, a positive integer
   * @param priceDigits digits after the point that prices usually have; finer ones stay exact too
   */
  constructor(symbol: string, lengthMs: number, priceDigits: number) {
    if (!Number.isSafeInteger(lengthMs) || lengthMs <= 0)
      throw new RangeError(`not a bar length in milliseconds: ${lengthMs}`);
    this.symbol = symbol;
    this.lengthMs = lengthMs;
    this.#exact = new ExactDoubles(priceDigits);
  }

  /**
   * Takes a tick into the open bar, or opens one with it. A tick that arrives after its own bar was
   * closed by the clock is the price from now on, and so counts for the bar after that.
   * @throws Error when the open bar has ended before the tick and was not closed.
   */
  add(tick: Tick): void {
    const mid = this.#exact.mid(tick.bid, tick.ask);
    if (this.#ticks === 0) {
      this.#begin(tick.ts, mid);
      return;
    }
    if (tick.ts >= this.#end) throw new Error(`bar of ${this.symbol} due at ${this.#end} was not closed`);
    if (mid > this.#high) this.#high = mid;
    else if (mid < this.#low) this.#low = mid;
    this.#close = mid;
    this.#ticks += 1;
  }

  /** Goes on with a bar that somebody else has begun; only while none is open. Other lengths are not its own. */
  begin({ start, end, open, high, low, close, ticks }: Bar): void {
    if (this.#ticks > 0 || start < this.#end || end - start !== this.lengthMs) return;
    this.#start = start;
    this.#end = end;
    this.#open = open;
    this.#high = high;
    this.#low = low;
    this.#close = close;
    this.#ticks = Math.max(1, ticks);
  }

  #begin(ts: EpochMs, mid: number): void {
    this.#start = ts < this.#end ? this.#end : Math.floor(ts / this.lengthMs) * this.lengthMs;
    this.#end = this.#start + this.lengthMs;
    this.#open = this.#high = this.#low = this.#close = mid;
    this.#ticks = 1;
  }

  /** When the open bar ends; `undefined` when none is open. */
  due(): EpochMs | undefined {
    return this.#ticks === 0 ? undefined : this.#end;
  }

  /**
   * Closes the open bar and gives it.
   * @throws Error when no bar is open.
   */
  close(): Bar {
    if (this.#ticks === 0) throw new Error(`no bar of ${this.symbol} is open`);
    const bar: Bar = {
      symbol: this.symbol,
      lengthMs: this.lengthMs,
      start: this.#start,
      end: this.#end,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      ticks: this.#ticks,
    };
    this.#ticks = 0;
    return bar;
  }
}
