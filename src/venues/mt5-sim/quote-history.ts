/** What a terminal remembers of one symbol's quotes: the last ones, and bars of a minute, both within bounds. */
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { barStart, floorTo, MINUTE_MS, type Timeframe } from './timeframes.ts';
import { fromServerTime, serverOffsetMs, type ServerClock } from './server-clock.ts';

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
export const KEPT_MINUTES = 10_080;
export const KEPT_TICKS = 20_000;

export class QuoteHistory {
  readonly #point: number;
  readonly #ticks: Tick[] = [];
  readonly #minutes: Rate[] = [];

  constructor(tickSize: number) {
    this.#point = tickSize;
  }

  add(tick: Tick): void {
    keepLast(this.#ticks, KEPT_TICKS);
    this.#ticks.push(tick);
    const start = floorTo(tick.ts, MINUTE_MS);
    const spread = Math.round((tick.ask - tick.bid) / this.#point);
    const one: Rate = { start, open: tick.bid, high: tick.bid, low: tick.bid, close: tick.bid, ticks: 1, spread };
    const last = this.#minutes.at(-1);
    if (last?.start === start) this.#minutes[this.#minutes.length - 1] = joined(last, one);
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
    const bars: Rate[] = [];
    for (const minute of this.#minutes) {
      const start = fromServerTime(clock, barStart(timeframe, minute.start + serverOffsetMs(clock, minute.start)));
      const last = bars.at(-1);
      if (last?.start === start) bars[bars.length - 1] = joined(last, minute);
      else bars.push({ ...minute, start });
    }
    return bars;
  }
}

function joined(bar: Rate, next: Rate): Rate {
  return {
    ...bar,
    high: Math.max(bar.high, next.high),
    low: Math.min(bar.low, next.low),
    close: next.close,
    ticks: bar.ticks + next.ticks,
    spread: next.spread,
  };
}

/** Drops the oldest, some at a time, once there are more than a tenth too many. */
export function keepLast(items: unknown[], bound: number): void {
  if (items.length > bound * 1.1) items.splice(0, items.length - bound);
}
