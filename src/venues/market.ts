/**
 * A market: engine time, the quote in force per symbol, and the streams of ticks and bars that
 * strategies follow. Ticks are routed by symbol in plain code; they never pass through machines.
 */
import { Subject, type Observable } from 'rxjs';
import type { Cancel, Clock } from '../clock.ts';
import type { Bar, Instrument, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { FeedGuard } from '../risk/feed-guard.ts';
import { BarBuilder } from '../streams/bars.ts';

/** Still has work to do for the last tick? The promise settles when it is done; it never rejects. */
export type Settled = () => Promise<void> | undefined;

/** Bars of one symbol and length: those before the subscription, as far as the market knows them, and those to come. */
export interface BarStream {
  readonly past: readonly Bar[];
  readonly live$: Observable<Bar>;
}

interface BarSeries {
  readonly builder: BarBuilder;
  readonly subject: Subject<Bar>;
  /** The last closed bars, newest last: a strategy that starts again warms up on them. */
  readonly recent: Bar[];
  timer: Cancel | undefined;
}

/** Closed bars kept of each series; a longer warm-up than this is not kept beyond the first start. */
const RECENT_BARS = 1000;

export abstract class Market {
  /** Engine time: the wall clock of a live market, the data's time in a replay. */
  readonly clock: Clock;
  /** Ticks routed so far. */
  tickCount = 0;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #quotes = new Map<string, Tick>();
  readonly #ticks = new Map<string, Subject<Tick>>();
  readonly #bars = new Map<string, Map<number, BarSeries>>();
  readonly #followers = new Set<Settled>();
  readonly #guards = new Map<string, FeedGuard>();
  /** When the next open bar ends. */
  #barsDue: EpochMs = Infinity;

  protected constructor(clock: Clock, instruments: ReadonlyMap<string, Instrument>) {
    this.clock = clock;
    this.#instruments = instruments;
  }

  /** Lets the data flow; called once, when all that should see the first tick is attached. */
  abstract open(): void;

  /** The end of the data for everybody; no timer is left behind. */
  close(): void {
    for (const series of this.#allSeries()) series.timer?.();
    this.#bars.clear();
    this.#barsDue = Infinity;
  }

  /** Settles when there will be no more data; a live market never ends by itself. */
  abstract readonly ended: Promise<void>;

  /** Feeds a new builder all that the market knows from before now; gives the last `count` bars that closed, newest last. */
  protected abstract pastBars(builder: BarBuilder, count: number): readonly Bar[];

  quote(symbol: string): Tick | undefined {
    return this.#quotes.get(symbol);
  }

  quotes(): ReadonlyMap<string, Tick> {
    return this.#quotes;
  }

  ticks$(symbol: string): Observable<Tick> {
    let subject = this.#ticks.get(symbol);
    if (subject === undefined) this.#ticks.set(symbol, (subject = new Subject()));
    return subject;
  }

  bars(symbol: string, lengthMs: number, warmup: number): BarStream {
    let bySymbol = this.#bars.get(symbol);
    if (bySymbol === undefined) this.#bars.set(symbol, (bySymbol = new Map()));
    const digits = this.#instruments.get(symbol)?.tickSize.scale ?? 0;
    let series = bySymbol.get(lengthMs);
    if (series === undefined) {
      const builder = new BarBuilder(symbol, lengthMs, digits);
      const recent = this.pastBars(builder, RECENT_BARS);
      series = { builder, subject: new Subject(), recent: [...recent], timer: undefined };
      bySymbol.set(lengthMs, series);
      this.#arm(series);
    }
    return { past: warmup > 0 ? series.recent.slice(-warmup) : [], live$: series.subject };
  }

  /** Takes part in lock-step: a replay waits for its followers before it goes on. */
  follow(settled: Settled): () => void {
    this.#followers.add(settled);
    return () => this.#followers.delete(settled);
  }

  protected get followerCount(): number {
    return this.#followers.size;
  }

  /** Undefined when nobody has work to do: the usual case, and cheap. */
  protected settle(): Promise<unknown> | undefined {
    let waits: Promise<void>[] | undefined;
    for (const settled of this.#followers) {
      const wait = settled();
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    return waits === undefined ? undefined : Promise.all(waits);
  }

  /** Why quotes of a symbol cannot be relied on now; undefined while they can. */
  feedDenies(symbol: string): string | undefined {
    return this.#guard(symbol).denies(this.clock.now());
  }

  /** Quotes of a symbol that were dropped as too far from all before them. */
  outliers(symbol: string): number {
    return this.#guards.get(symbol)?.outliers ?? 0;
  }

  /** Of all symbols together. */
  allOutliers(): number {
    let sum = 0;
    for (const guard of this.#guards.values()) sum += guard.outliers;
    return sum;
  }

  /** What watches the quotes of one symbol. */
  protected abstract newGuard(): FeedGuard;

  #guard(symbol: string): FeedGuard {
    let guard = this.#guards.get(symbol);
    if (guard === undefined) this.#guards.set(symbol, (guard = this.newGuard()));
    return guard;
  }

  /** The quote in force before anybody could follow the market. */
  protected setQuote(tick: Tick): void {
    this.#quotes.set(tick.symbol, tick);
  }

  /** One good tick: bars that end by it are closed, the quote is applied, then it is routed. */
  protected accept(tick: Tick): void {
    if (!this.#guard(tick.symbol).accept(tick.ts, tick.bid, tick.ask, tick.path)) return;
    this.tickCount += 1;
    // A timer of a real clock may be late: a bar is closed before any later tick all the same.
    if (this.#barsDue <= tick.ts) this.closeBars(tick.ts);
    this.#quotes.set(tick.symbol, tick);
    const bySymbol = this.#bars.get(tick.symbol);
    if (bySymbol !== undefined)
      for (const series of bySymbol.values()) {
        series.builder.add(tick);
        if (series.timer === undefined) this.#arm(series);
      }
    this.#ticks.get(tick.symbol)?.next(tick);
  }

  /** Closes every bar that has ended by that time: before anything else of the same moment. */
  closeBars(time: EpochMs): void {
    if (this.#barsDue > time) return;
    for (const series of this.#allSeries()) {
      const due = series.builder.due();
      if (due !== undefined && due <= time) this.#closeBar(series);
    }
  }

  #allSeries(): readonly BarSeries[] {
    return [...this.#bars.values()].flatMap((bySymbol) => [...bySymbol.values()]);
  }

  #arm(series: BarSeries): void {
    const due = series.builder.due();
    if (due === undefined) return;
    series.timer = this.clock.at(due, () => this.#closeBar(series));
    this.#barsDue = Math.min(this.#barsDue, due);
  }

  #closeBar(series: BarSeries): void {
    series.timer?.();
    series.timer = undefined;
    const bar = series.builder.close();
    this.#barsDue = Math.min(...this.#allSeries().map(({ builder }) => builder.due() ?? Infinity));
    series.recent.push(bar);
    if (series.recent.length > RECENT_BARS) series.recent.shift();
    series.subject.next(bar);
  }
}
