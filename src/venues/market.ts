/**
 * A market: engine time, the quote in force per symbol, and the streams of ticks and bars that
 * strategies follow. Ticks are routed by symbol in plain code; they never pass through machines.
 */
import { Subject, type Observable } from 'rxjs';
import type { Cancel, Clock } from '../clock.ts';
import { ALWAYS_OPEN, type Bar, type Instrument, type Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { STALE_AFTER_MS, type FeedGuard } from '../risk/feed-guard.ts';
import { OpenTime } from '../risk/open-time.ts';
import { sessionNamed, type Session, type SessionHours } from '../risk/sessions.ts';
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
  recent: Bar[];
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
  readonly #hours: ReadonlyMap<string, SessionHours>;
  readonly #sessions = new Map<string, Session>();
  /** When the next open bar ends. */
  #barsDue: EpochMs = Infinity;
  readonly #pastGrew$ = new Subject<{ readonly symbol: string; readonly lengthMs: number }>();
  /** Bars of the time before have become known, later than they were asked for. */
  readonly pastGrew$: Observable<{ readonly symbol: string; readonly lengthMs: number }> = this.#pastGrew$;

  /** @param sessions opening hours by name; a name that is not there is always open. */
  protected constructor(
    clock: Clock,
    instruments: ReadonlyMap<string, Instrument>,
    sessions: ReadonlyMap<string, SessionHours> = new Map(),
  ) {
    this.clock = clock;
    this.#instruments = instruments;
    this.#hours = sessions;
  }

  /** Lets the data flow; called once, when all that should see the first tick is attached. */
  abstract open(): void;

  /** The end of the data for everybody; no timer is left behind. */
  close(): void {
    for (const series of this.#allSeries()) series.timer?.();
    this.#bars.clear();
    this.#barsDue = Infinity;
  }

  /** No further data, where they are a replay's that has begun: nobody is left who trades on them. */
  cut(): void {}

  /** Holds back a symbol's quotes, or lets them flow again; only a market that is simulated in real time does. */
  silence(symbol: string, _silent: boolean): void {
    throw new QktError('QKT_E_UNKNOWN_SYMBOL', `the quotes of ${symbol} cannot be held back: they are not synthetic`);
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

  /** Is the symbol's own session open, in engine time? */
  inSession(symbol: string): boolean {
    return this.#session(this.sessionOf(symbol)).isOpen(this.clock.now());
  }

  /** The session that a symbol's instrument names. */
  sessionOf(symbol: string): string {
    return this.#instruments.get(symbol)?.session ?? ALWAYS_OPEN[0]!;
  }

  /**
   * How long that session has been open, in wall-clock milliseconds: Infinity where it never closes, or
   * where time passes too fast to tell; undefined while it is closed.
   */
  openForMs(session: string): number | undefined {
    const now = this.marketTime();
    const since = this.#session(session).openSince(now);
    if (since === undefined) return undefined;
    return this.speed === Infinity ? Infinity : (now - since) / this.speed;
  }

  /** Adds up, in market time, how long any of these sessions was open. */
  openTime(sessions: readonly string[]): OpenTime {
    return new OpenTime(sessions.map((name) => this.#hours.get(name)));
  }

  /** Has any quote of the symbol been relied on yet? */
  seen(symbol: string): boolean {
    return this.#guard(symbol).silentMs(0) !== undefined;
  }

  /** Wall-clock milliseconds of silence after which a symbol's feed is stale: five of its usual gaps, 10 s at least. */
  silenceLimitMs(symbol: string): number {
    return Math.max(STALE_AFTER_MS, this.#guard(symbol).usualSilenceMs / this.speed);
  }

  /** The time by which sessions are judged for those who watch: engine time, unless that stands still between quotes. */
  protected marketTime(): EpochMs {
    return this.clock.now();
  }

  /** How many times faster than the wall clock market time passes; Infinity: as fast as it goes. */
  protected get speed(): number {
    return 1;
  }

  /** What watches the quotes of one symbol, of a market with that session. */
  protected abstract newGuard(session: Session): FeedGuard;

  #guard(symbol: string): FeedGuard {
    let guard = this.#guards.get(symbol);
    if (guard === undefined) this.#guards.set(symbol, (guard = this.newGuard(this.#session(this.sessionOf(symbol)))));
    return guard;
  }

  #session(name: string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) this.#sessions.set(name, (session = sessionNamed(name, this.#hours)));
    return session;
  }

  /** The quote in force before anybody could follow the market. */
  protected setQuote(tick: Tick): void {
    this.#quotes.set(tick.symbol, tick);
  }

  /** No quote is known any more: those of before are no prices. */
  protected forgetQuotes(): void {
    this.#quotes.clear();
  }

  /**
   * Takes in bars that the market has not made itself; its own stay. `open` is the bar under way as
   * far as it has come: the one that is being made begins with it, unless there are ticks of it already.
   */
  protected learnPast(symbol: string, lengthMs: number, closed: readonly Bar[], open: Bar | undefined): void {
    const series = this.#bars.get(symbol)?.get(lengthMs);
    if (series === undefined) return;
    const own = new Set(series.recent.map(({ start }) => start));
    const underWay = (series.builder.due() ?? Infinity) - lengthMs;
    const learnt = closed.filter(({ start }) => !own.has(start) && start < underWay);
    series.recent = [...learnt, ...series.recent].toSorted((a, b) => a.start - b.start).slice(-RECENT_BARS);
    if (open !== undefined && series.builder.due() === undefined && open.end > this.clock.now()) {
      series.builder.begin(open);
      this.#arm(series);
    }
    if (learnt.length > 0) this.#pastGrew$.next({ symbol, lengthMs });
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
