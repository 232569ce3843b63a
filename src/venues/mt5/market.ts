/**
 * The market of an MT5 gateway: quotes that are asked for once a period, bars of the past that the
 * terminal has. While the gateway cannot be used no quote is known: a price of before is no price.
 */
import { Observable, Subject } from 'rxjs';
import type { Cancel, Clock } from '../../clock.ts';
import type { Bar, FeedFault, Instrument, Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { FeedGuard } from '../../risk/feed-guard.ts';
import type { Session, SessionHours } from '../../risk/sessions.ts';
import type { BarBuilder } from '../../streams/bars.ts';
import { faultOf, judgePrices } from '../../streams/quote-faults.ts';
import { Market } from '../market.ts';
import { barRequest, barsOf } from './past-bars.ts';
import { QuotePolls } from './quote-polls.ts';
import type { Mt5Client, Mt5Quote } from './types.ts';

export interface Mt5MarketOptions {
  /** The wall clock: the engine time of a live market. */
  readonly clock: Clock;
  readonly client: Pick<Mt5Client, 'quote' | 'bars' | 'symbol' | 'serverTime' | 'utc'>;
  readonly brokerSymbol: (symbol: string) => string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sessions: ReadonlyMap<string, SessionHours>;
  readonly pollMs: number;
  /** The feed is gone, and why; undefined: it is there again. */
  readonly lost: (reason: string | undefined) => void;
}

/** Silence of every symbol in session after which it is the gateway that does not quote, in milliseconds. */
const SILENCE_MS = 30_000;
/** The same, in the silences that each symbol's own feed bears. */
const SILENCES = 3;

/** After so long bars of the past are asked for again that were not to be had. */
const PAST_AGAIN_MS = 10_000;

/** Quotes that go on from one another before a clock that runs behind is believed. */
const GOING_ON = 3;

/** The last quote of a symbol. */
interface Seen {
  readonly serverTime: number;
  readonly ts: EpochMs;
  /** When a good one was there last, on the monotonic clock. */
  readonly at: number;
  /** False for one that was dropped. */
  readonly isGood: boolean;
  /** The latest of those since then that are older by the server's clock, and how many went on from one another. */
  behind?: { readonly serverTime: number; readonly quotes: number };
}

interface Series {
  readonly symbol: string;
  readonly lengthMs: number;
  readonly count: number;
}

export class Mt5Market extends Market {
  readonly ended: Promise<void>;
  /** Quotes that cannot be: each is dropped. */
  readonly drops$: Observable<FeedFault>;
  readonly #drops$ = new Subject<FeedFault>();
  readonly #options: Mt5MarketOptions;
  readonly #polls: QuotePolls;
  readonly #seen = new Map<string, Seen>();
  readonly #guards: FeedGuard[] = [];
  readonly #series: Series[] = [];
  /** Bars of the past that are asked for again. */
  readonly #loading = new Set<Cancel>();
  #isOpen = false;
  #usableSince: number | undefined;
  #end!: () => void;

  constructor(options: Mt5MarketOptions) {
    const { clock, client, brokerSymbol, pollMs, lost } = options;
    super(clock, options.instruments, options.sessions);
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.drops$ = this.#drops$;
    this.#polls = new QuotePolls({
      clock,
      pollMs,
      ask: (symbol) => client.quote(brokerSymbol(symbol)),
      inSession: (symbol) => this.inSession(symbol),
      take: (symbol, quote) => this.#take(symbol, quote),
      lost,
    });
  }

  open(): void {
    this.#isOpen = true;
    if (this.#usableSince !== undefined) this.#polls.begin();
  }

  override close(): void {
    super.close();
    this.suspend();
    this.#isOpen = false;
    this.#drops$.complete();
    this.#end();
  }

  /** The gateway can be used: quotes are asked for, and what has passed since they were last. */
  resume(): void {
    if (this.#usableSince !== undefined) return;
    this.#usableSince = this.clock.monotonic();
    for (const series of this.#series) void this.#loadPast(series);
    if (this.#isOpen) this.#polls.begin();
  }

  /** The gateway cannot be used: no quote is known until it can be again. */
  suspend(): void {
    this.#usableSince = undefined;
    this.#polls.rest();
    for (const cancel of this.#loading) cancel();
    this.#loading.clear();
    this.forgetQuotes();
  }

  override ticks$(symbol: string): Observable<Tick> {
    const ticks$ = super.ticks$(symbol);
    return new Observable((subscriber) => {
      const subscription = ticks$.subscribe(subscriber);
      const unfollow: Cancel = this.#polls.follow(symbol);
      return () => {
        subscription.unsubscribe();
        unfollow();
      };
    });
  }

  /** That no symbol quotes although its market is open, in words; undefined while one does, or none has to. */
  quotesMissing(): string | undefined {
    const due = this.#polls.followed().filter(({ symbol }) => this.inSession(symbol));
    const silent = due.map(({ symbol, since }) => ({ symbol, ms: this.#silentMs(symbol, since) }));
    if (silent.length === 0 || silent.some(({ symbol, ms }) => ms <= this.#mostSilenceMs(symbol))) return undefined;
    const shortest = Math.min(...silent.map(({ ms }) => ms));
    return `no quote of ${silent.map(({ symbol }) => symbol).join(', ')} for ${Math.round(shortest / 1000)} s`;
  }

  /** Since the last quote, or since there could have been one. */
  #silentMs(symbol: string, since: number): number {
    const last = Math.max(this.#seen.get(symbol)?.at ?? -Infinity, this.#usableSince ?? Infinity, since);
    const openMs = this.openForMs(this.sessionOf(symbol)) ?? 0;
    return Math.max(0, Math.min(this.clock.monotonic() - last, openMs));
  }

  #mostSilenceMs(symbol: string): number {
    return Math.max(SILENCE_MS, SILENCES * this.silenceLimitMs(symbol));
  }

  protected newGuard(session: Session): FeedGuard {
    const guard = new FeedGuard(session);
    this.#guards.push(guard);
    this.#noteClock();
    return guard;
  }

  /** The terminal is asked: what it knows comes later. */
  protected pastBars({ symbol, lengthMs }: BarBuilder, count: number): readonly Bar[] {
    const series = { symbol, lengthMs, count };
    this.#series.push(series);
    if (this.#usableSince !== undefined) void this.#loadPast(series);
    return [];
  }

  async #loadPast(series: Series): Promise<void> {
    const { symbol, lengthMs, count } = series;
    const { client, brokerSymbol } = this.#options;
    const since = this.#usableSince;
    const name = brokerSymbol(symbol);
    const request = barRequest(lengthMs, count, client.serverTime().offsetMs);
    if (request === undefined) return;
    const [terms, rows] = await Promise.all([client.symbol(name), client.bars(name, request.timeframe, request.count)]);
    if (since === undefined || this.#usableSince !== since) return;
    // A terminal has none before it has loaded them.
    if (!rows.known || !terms.known || rows.value.length === 0) return this.#loadAgain(series);
    if (terms.value === undefined) return;
    const { closed, open } = barsOf(rows.value, { symbol, lengthMs, point: terms.value.point, now: this.clock.now() });
    this.learnPast(symbol, lengthMs, closed, open);
  }

  #loadAgain(series: Series): void {
    const cancel = this.clock.at(this.clock.now() + PAST_AGAIN_MS, () => {
      this.#loading.delete(cancel);
      void this.#loadPast(series);
    });
    this.#loading.add(cancel);
  }

  #take(symbol: string, { bid, ask, serverTime }: Mt5Quote): void {
    const { client } = this.#options;
    const now = this.clock.now();
    const skewMs = this.#noteClock();
    const before = this.#seen.get(symbol);
    if (before !== undefined && serverTime <= before.serverTime) {
      // After an outage the quote of before may still be the one in force: it is known again, and no tick.
      if (before.isGood && this.quote(symbol) === undefined) this.setQuote({ symbol, ts: before.ts, bid, ask });
      if (!this.#isSetBack(before, serverTime)) return;
    }
    // A clock that is a little off must not make a quote older than it is, nor one of the future.
    const ts = Math.max(before?.ts ?? -Infinity, Math.min(now, client.utc(serverTime) - skewMs));
    const isGood = this.#offer({ symbol, ts, bid, ask });
    const at = isGood ? this.clock.monotonic() : (before?.at ?? -Infinity);
    this.#seen.set(symbol, { serverTime, ts, at, isGood });
  }

  /** A clock that was set back, as at the end of summer time, goes on from there; one old quote does not. */
  #isSetBack(before: Seen, serverTime: number): boolean {
    const { behind } = before;
    if (serverTime === before.serverTime || serverTime === behind?.serverTime) return false;
    const quotes = behind !== undefined && serverTime > behind.serverTime ? behind.quotes + 1 : 1;
    before.behind = { serverTime, quotes };
    return quotes >= GOING_ON;
  }

  /** Entries are denied while the server's clock is too far off. @returns by how much it is ahead */
  #noteClock(): number {
    const now = this.clock.now();
    const { skewMs } = this.#options.client.serverTime();
    for (const guard of this.#guards) guard.noteClock(now + skewMs, now);
    return skewMs;
  }

  /** Routes a quote, unless it is wrong or an outlier. */
  #offer(tick: Tick): boolean {
    const fault = judgePrices(tick.bid, tick.ask);
    if (fault === undefined) this.accept(tick);
    else this.#drops$.next(faultOf(fault, tick));
    return this.quote(tick.symbol) === tick;
  }
}
