/**
 * A strategy's place in its market: as long as it is deployed its book follows every tick and bar
 * of its symbols, whether code of its author runs or not: positions need marks, orders need quotes.
 */
import type { Subscription } from 'rxjs';
import type { Clock } from '../clock.ts';
import type { Bar, Tick } from '../domain/market.ts';
import type { Market } from '../venues/market.ts';
import type { WireStream } from '../worker/protocol.ts';
import { FeedLease } from './feed-lease.ts';
import type { TickActivity } from './tick-activity.ts';

export interface MarketListener {
  tick(tick: Tick): void;
  /** `streams`: those that want this bar. */
  bar(streams: readonly WireStream[], bar: Bar): void;
  /** Bars of the past that came to be known after the stream was first asked for them, oldest first. */
  past(stream: WireStream, bars: readonly Bar[]): void;
  /** The work under way for the last tick; undefined when a replay need not wait. */
  settled(): Promise<void> | undefined;
  /** Something of ours threw: a fault of this strategy, never of the feed or of its neighbours. */
  fault(error: unknown): void;
}

export class MarketBinding {
  /** One per symbol that is followed, renewed by its ticks. */
  readonly feeds = new Map<string, FeedLease>();
  readonly #market: Market;
  /** The wall clock. */
  readonly #clock: Clock;
  readonly #activity: TickActivity;
  readonly #listener: MarketListener;
  #streams: readonly WireStream[] = [];
  #subscriptions: Subscription[] = [];
  #unfollow: (() => void) | undefined;

  constructor(market: Market, clock: Clock, activity: TickActivity, listener: MarketListener) {
    this.#market = market;
    this.#clock = clock;
    this.#activity = activity;
    this.#listener = listener;
  }

  /** Follows these streams, and the symbols of open positions that none of them has. */
  follow(streams: readonly WireStream[], held: readonly string[]): void {
    this.leave();
    this.#streams = streams;
    for (const [symbol, lengthMs, warmup] of barSeries(streams)) {
      const wanted = streams.filter((stream) => stream.symbol === symbol && stream.barMs === lengthMs);
      const { live$ } = this.#market.bars(symbol, lengthMs, warmup);
      this.#subscriptions.push(
        live$.subscribe((bar) => {
          try {
            this.#listener.bar(wanted, bar);
          } catch (error) {
            this.#listener.fault(error);
          }
        }),
      );
    }
    this.#subscriptions.push(this.#market.pastGrew$.subscribe((series) => this.#pastGrew(series)));
    const symbols = new Set([...streams.map((stream) => stream.symbol), ...held]);
    for (const symbol of this.feeds.keys()) if (!symbols.has(symbol)) this.feeds.delete(symbol);
    for (const symbol of symbols) this.#followTicks(symbol);
    this.#unfollow = this.#market.follow(() => this.#listener.settled());
  }

  /** What the market knows of the time before now, for each stream's warm-up, oldest first. */
  pastBars(): readonly { readonly stream: WireStream; readonly bar: Bar }[] {
    return this.#streams
      .flatMap((stream) => this.#pastOf(stream).map((bar) => ({ stream, bar })))
      .toSorted((a, b) => a.bar.end - b.bar.end);
  }

  #pastOf({ symbol, barMs, warmup }: WireStream): readonly Bar[] {
    return barMs === undefined || warmup === 0 ? [] : this.#market.bars(symbol, barMs, warmup).past;
  }

  #pastGrew({ symbol, lengthMs }: { readonly symbol: string; readonly lengthMs: number }): void {
    for (const stream of this.#streams)
      if (stream.symbol === symbol && stream.barMs === lengthMs) this.#listener.past(stream, this.#pastOf(stream));
  }

  leave(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#subscriptions = [];
    this.#unfollow?.();
  }

  #followTicks(symbol: string): void {
    const lease = this.feeds.get(symbol) ?? new FeedLease(symbol, this.#market, this.#clock);
    lease.sessions = this.#sessionsOf(symbol);
    this.feeds.set(symbol, lease);
    const counted = this.#activity.of(symbol);
    this.#subscriptions.push(
      this.#market.ticks$(symbol).subscribe((tick) => {
        const begun = this.#activity.tick(counted, tick.ts) ? this.#clock.monotonic() : undefined;
        try {
          this.#listener.tick(tick);
          lease.ticked();
          if (begun !== undefined) this.#activity.timed(this.#clock.monotonic() - begun);
        } catch (error) {
          this.#listener.fault(error);
        }
      }),
    );
  }

  /** Those that its streams name, else its instrument's. */
  #sessionsOf(symbol: string): readonly string[] {
    const own = this.#market.sessionOf(symbol);
    const named = this.#streams.filter((stream) => stream.symbol === symbol).map(({ session }) => session ?? own);
    return named.length === 0 ? [own] : [...new Set(named)];
  }
}

/** The distinct bar series that streams ask for, each with the longest warm-up. */
function barSeries(streams: readonly WireStream[]): readonly (readonly [string, number, number])[] {
  const series = new Map<string, readonly [string, number, number]>();
  for (const { symbol, barMs, warmup } of streams) {
    if (barMs === undefined) continue;
    const key = `${symbol} ${barMs}`;
    series.set(key, [symbol, barMs, Math.max(warmup, series.get(key)?.[2] ?? 0)]);
  }
  return [...series.values()];
}
