/**
 * The synthetic market in real time: each symbol's own seeded series, which began some hours before
 * the daemon so that strategies find the bars that they warm up on.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Bar, Instrument, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { BarBuilder } from '../streams/bars.ts';
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
    this.#open = true;
    for (const symbol of this.#series.keys()) this.#run(symbol);
  }

  override close(): void {
    super.close();
    this.#open = false;
    for (const series of this.#series.values()) series.timer?.();
    this.#end();
  }

  /** A symbol's series starts to be played when somebody first asks for it. */
  override ticks$(symbol: string): ReturnType<Market['ticks$']> {
    if (!this.#series.has(symbol)) {
      this.#series.set(symbol, { ticks: this.#ticksOf(symbol), timer: undefined });
      if (this.#open) this.#run(symbol);
    }
    return super.ticks$(symbol);
  }

  protected pastBars(builder: BarBuilder, count: number): readonly Bar[] {
    const now = this.clock.now();
    const bars: Bar[] = [];
    for (const tick of syntheticTicks(this.#seriesOptions(builder.symbol))) {
      if (tick.ts > now) break;
      if (builder.due()! <= tick.ts) bars.push(builder.close());
      builder.add(tick);
    }
    if (builder.due()! <= now) bars.push(builder.close());
    return bars.slice(-count);
  }

  #ticksOf(symbol: string): Iterator<Tick, never> {
    return syntheticTicks(this.#seriesOptions(symbol));
  }

  #seriesOptions(symbol: string): Parameters<typeof syntheticTicks>[0] {
    const instrument = this.#options.instruments.get(symbol)!;
    return {
      seed: this.#options.seed,
      symbols: [{ instrument, startPrice: defaultStartPrice(symbol) }],
      start: this.#origin,
    };
  }

  /** Plays what is past in one go, without anybody seeing it, then each quote at its time. */
  #run(symbol: string): void {
    const series = this.#series.get(symbol)!;
    const now = this.clock.now();
    let next = series.ticks.next().value;
    let last: Tick | undefined;
    while (next.ts <= now) {
      last = next;
      next = series.ticks.next().value;
    }
    if (last !== undefined) this.setQuote(last);
    this.#playAt(series, next);
  }

  #playAt(series: Series, tick: Tick): void {
    series.timer = this.clock.at(tick.ts, () => {
      this.accept(tick);
      this.#playAt(series, series.ticks.next().value);
    });
  }
}
