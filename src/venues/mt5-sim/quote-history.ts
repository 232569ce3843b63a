/** What a terminal remembers of one symbol's quotes: the last ones, and bars of a minute, both within bounds. */
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { barStart, floorTo, MINUTE_MS, type Timeframe } from './timeframes.ts';
import { fromServerTime, serverOffsetMs, type ServerClock } from '../mt5-server-clock.ts';

/** A bar of bid prices, as MT5 makes them. Prices are doubles as in a tick. */
export interface Rate {
  /** Its begin, UTC. */
  readonly start: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ticks: number;
  /** Of its last quote, in points. */
  readonly spread: number;
}

/** A week of minutes; ten thousand bars is the most that can be asked for. */
const KEPT_MINUTES = 10_080;
const KEPT_TICKS = 20_000;

export class QuoteHistory {
  readonly #point: number;
  readonly #ticks: Tick[] = [];
  readonly #minutes: OpenRate[] = [];

  constructor(tickSize: number) {
    this.#point = tickSize;
  }

  add(tick: Tick): void {
    keepLast(this.#ticks, KEPT_TICKS);
    this.#ticks.push(tick);
    const start = floorTo(tick.ts, MINUTE_MS);
    const spread = Math.round((tick.ask - tick.bid) / this.#point);
    const one = { start, open: tick.bid, high: tick.bid, low: tick.bid, close: tick.bid, ticks: 1, spread };
    const last = this.#minutes.at(-1);
    if (last?.start === start) extend(last, one);
    else {
      keepLast(this.#minutes, KEPT_MINUTES);
      this.#minutes.push(one);
    }
  }

  /** With times from `from` to `to`, both included. */
  ticks(from: EpochMs, to: EpochMs): readonly Tick[] {
    return this.#ticks.filter(({ ts }) => ts >= from && ts <= to);
  }

  /** Oldest first; the last one may still be open. */
  rates(timeframe: Timeframe, clock: ServerClock): readonly Rate[] {
    const bars: OpenRate[] = [];
    for (const minute of this.#minutes) {
      const start = fromServerTime(clock, barStart(timeframe, minute.start + serverOffsetMs(clock, minute.start)));
      const last = bars.at(-1);
      if (last?.start === start) extend(last, minute);
      else bars.push({ ...minute, start });
    }
    return bars;
  }
}

type OpenRate = { -readonly [member in keyof Rate]: Rate[member] };

/** In place: a market's past is hundreds of thousands of quotes. */
function extend(bar: OpenRate, next: Rate): void {
  if (next.high > bar.high) bar.high = next.high;
  if (next.low < bar.low) bar.low = next.low;
  bar.close = next.close;
  bar.ticks += next.ticks;
  bar.spread = next.spread;
}

/** Drops the oldest, some at a time, once there are more than a tenth too many. */
export function keepLast(items: unknown[], bound: number): void {
  if (items.length > bound * 1.1) items.splice(0, items.length - bound);
}
