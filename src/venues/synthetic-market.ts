/**
 * The synthetic market in real time: each symbol's own seeded series, which began some hours before
 * the daemon so that strategies find the bars that they warm up on.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Bar, Instrument, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { BarBuilder } from '../streams/bars.ts';
import { FeedGuard } from '../risk/feed-guard.ts';
import { Session } from '../risk/sessions.ts';
import { Market } from './market.ts';
import { defaultStartPrice, syntheticTicks } from './synthetic.ts';

/** How long before the market opened its series began, in milliseconds. */
const PAST_MS = 2 * 3_600_000;

export interface SyntheticMarketOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly instruments: ReadonlyMap<string, Instrument>;
}

interface Series {
  readonly ticks: Iterator<Tick, never>;
  /** The first quote that nobody has seen yet: bars of the past end before it, the live ones begin with it. */
  next: Tick;
  timer: Cancel | undefined;
}

export class SyntheticMarket extends Market {
  readonly ended: Promise<void>;
  readonly #options: SyntheticMarketOptions;
  readonly #origin: EpochMs;
  readonly #series = new Map<string, Series>();
  #end!: () => void;
  #open = false;

  constructor(options: SyntheticMarketOptions) {
    super(options.clock, options.instruments);
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

  /** It never closes. */
  protected newGuard(): FeedGuard {
    return new FeedGuard(new Session());
  }

  protected pastBars(builder: BarBuilder, count: number): readonly Bar[] {
    const { next } = this.#seriesOf(builder.symbol);
    const bars: Bar[] = [];
    for (const tick of this.#ticksOf(builder.symbol)) {
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
    const series: Series = { ticks, next, timer: undefined };
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
    series.timer = this.clock.at(series.next.ts, () => {
      const tick = series.next;
      series.next = series.ticks.next().value;
      this.accept(tick);
      if (this.#open) this.#play(series);
    });
  }
}
