/**
 * The synthetic market in real time: each symbol's own seeded series, which began some hours before
 * the daemon so that strategies find the bars that they warm up on.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Bar, Instrument, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { BarBuilder } from '../streams/bars.ts';
import { FeedGuard } from '../risk/feed-guard.ts';
import type { Session, SessionHours } from '../risk/sessions.ts';
import { Market } from './market.ts';
import { defaultStartPrice, syntheticTicks } from './synthetic.ts';

/** How long before the market opened its series began, in milliseconds. */
const PAST_MS = 2 * 3_600_000;
/** A quote that is this far from its time was not late: the clock has jumped, or the machine has slept. */
const JUMP_MS = 5_000;

export interface SyntheticMarketOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sessions?: ReadonlyMap<string, SessionHours>;
}

interface Series {
  readonly ticks: Iterator<Tick, never>;
  /** The first quote that nobody has seen yet: bars of the past end before it, the live ones begin with it. */
  next: Tick;
  timer: Cancel | undefined;
  /** Between the time of its quotes as they were drawn and the clock's: it goes on with the clock when that jumps. */
  shiftMs: number;
  silent: boolean;
}

export class SyntheticMarket extends Market {
  readonly ended: Promise<void>;
  readonly #options: SyntheticMarketOptions;
  readonly #origin: EpochMs;
  readonly #series = new Map<string, Series>();
  #end!: () => void;
  #open = false;

  constructor(options: SyntheticMarketOptions) {
    super(options.clock, options.instruments, options.sessions);
    this.#options = options;
    this.#origin = options.clock.now() - PAST_MS;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    for (const series of this.#series.values()) this.#play(series);
  }

  override close(): void {
    super.close();
    this.#open = false;
    for (const series of this.#series.values()) series.timer?.();
    this.#end();
  }

  override ticks$(symbol: string): ReturnType<Market['ticks$']> {
    this.#seriesOf(symbol);
    return super.ticks$(symbol);
  }

  override silence(symbol: string, silent: boolean): void {
    const series = this.#seriesOf(symbol);
    series.timer?.();
    series.silent = silent;
    if (silent || !this.#open) return;
    while (series.next.ts < this.clock.now()) series.next = shifted(series.ticks.next().value, series.shiftMs);
    this.#play(series);
  }

  /** It quotes while its session is closed as well. */
  protected newGuard(session: Session): FeedGuard {
    return new FeedGuard(session);
  }

  protected pastBars(builder: BarBuilder, count: number): readonly Bar[] {
    const { next, shiftMs } = this.#seriesOf(builder.symbol);
    const bars: Bar[] = [];
    for (const drawn of this.#ticksOf(builder.symbol)) {
      const tick = shifted(drawn, shiftMs);
      if (tick.ts >= next.ts) break;
      if (builder.due()! <= tick.ts) bars.push(builder.close());
      builder.add(tick);
    }
    if (builder.due()! <= Math.min(next.ts, this.clock.now())) bars.push(builder.close());
    return bars.slice(-count);
  }

  /** A symbol's series starts when somebody first asks for it: what is past of it is played in one go, unseen. */
  #seriesOf(symbol: string): Series {
    const known = this.#series.get(symbol);
    if (known !== undefined) return known;
    const ticks = this.#ticksOf(symbol);
    const now = this.clock.now();
    let next = ticks.next().value;
    let last: Tick | undefined;
    while (next.ts <= now) {
      last = next;
      next = ticks.next().value;
    }
    if (last !== undefined) this.setQuote(last);
    const series: Series = { ticks, next, timer: undefined, shiftMs: 0, silent: false };
    this.#series.set(symbol, series);
    if (this.#open) this.#play(series);
    return series;
  }

  #ticksOf(symbol: string): Generator<Tick, never> {
    const instrument = this.#options.instruments.get(symbol)!;
    return syntheticTicks({
      seed: this.#options.seed,
      symbols: [{ instrument, startPrice: defaultStartPrice(symbol) }],
      start: this.#origin,
    });
  }

  /** Gives each quote at its time. */
  #play(series: Series): void {
    if (series.silent) return;
    this.#align(series);
    series.timer = this.clock.at(series.next.ts, () => {
      this.#align(series);
      const tick = series.next;
      series.next = shifted(series.ticks.next().value, series.shiftMs);
      this.accept(tick);
      if (this.#open) this.#play(series);
    });
  }

  /** After a jump the quotes go on from the new time: nobody wants an hour of them at once, or none for an hour. */
  #align(series: Series): void {
    const offBy = this.clock.now() - series.next.ts;
    if (Math.abs(offBy) < JUMP_MS) return;
    series.shiftMs += offBy;
    series.next = shifted(series.next, offBy);
  }
}

const shifted = (tick: Tick, byMs: number): Tick => (byMs === 0 ? tick : { ...tick, ts: tick.ts + byMs });
