/**
 * One run of an author's code: it is fed bars, ticks, fills, refusals and timers as turns, and what
 * it asks for goes to the order desk. The next run gets a new session; the book stays.
 */
import type { Subscription } from 'rxjs';
import type { Cancel } from '../clock.ts';
import type { Bar, Tick } from '../domain/market.ts';
import type { Intent, Order, Refusal } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import { lossFailure, type GuestFailure } from '../worker/guest-failure.ts';
import type { GuestHost } from '../worker/host.ts';
import type { CallbackName, WireDefinition, WireItem, WireLog, WireQuote, WireStream } from '../worker/protocol.ts';
import type { Trade } from '../streams/desk-types.ts';
import type { StrategyBook } from './strategy-book.ts';
import { armTimers } from './timers.ts';
import { Turns, type Inbox, type TurnDone } from './turns.ts';
import { WarmUp } from './warm-up.ts';
import { readIntent, wireState } from './wire.ts';

/** What a strategy may ask for within so much market time: in a replay as in a live market, at any speed. */
const MAX_INTENTS = 5_000;
const WINDOW_MS = 10_000;
/** A share of time above which a guest that does not keep up is one that spins. */
const BUSY = 0.5;

export interface SessionOptions {
  readonly moduleUrl: string;
  readonly definition: WireDefinition;
  readonly params: Readonly<Record<string, number | string | boolean>>;
  /** How often the strategy was started, this time included: part of its order ids. */
  readonly run: number;
}

export interface SessionListener {
  /** The last warm-up bar has been worked through. */
  warmed(): void;
  /** A callback threw, or the thread is gone. */
  failed(error: unknown): void;
  logs(lines: readonly WireLog[]): void;
  /** A turn is over: the tick loop runs. `acted`: it asked for orders. */
  turnDone(acted: boolean): void;
}

/** An item that is being made: `warming` and `quotes` are added where it is queued. */
type Draft = Writable<WireItem>;
type Writable<Item> = { -readonly [Member in keyof Item]: Item[Member] };

export class GuestSession {
  readonly #options: SessionOptions;
  readonly #book: StrategyBook;
  readonly #host: GuestHost;
  readonly #listener: SessionListener;
  readonly #turns: Turns;
  readonly #warmUp: WarmUp;
  readonly #streams: readonly WireStream[];
  readonly #streamsOf = new Map<string, readonly WireStream[]>();
  readonly #newQuotes = new Map<string, Tick>();
  #wants: ReadonlySet<CallbackName> = new Set();
  #failures: Subscription | undefined;
  #disarm: Cancel | undefined;
  #ended = false;
  /** What was asked for in the running window of market time. */
  #asked = { window: -1, count: 0 };
  #stopTold = false;

  constructor(options: SessionOptions, book: StrategyBook, host: GuestHost, listener: SessionListener) {
    this.#options = options;
    this.#book = book;
    this.#host = host;
    this.#listener = listener;
    this.#streams = options.definition.streams;
    this.#warmUp = new WarmUp(this.#streams);
    for (const stream of this.#streams)
      this.#streamsOf.set(stream.symbol, [...(this.#streamsOf.get(stream.symbol) ?? []), stream]);
    this.#turns = new Turns({
      state: () => this.#state(),
      apply: (done, items) => this.#apply(done, items),
      failed: (error) => this.#fail(error),
      behind: (limit) => this.#behind(limit),
    });
  }

  /** Loads and creates the strategy. @throws GuestFailure when the author's code fails. */
  async launch(): Promise<void> {
    const { moduleUrl, params, run } = this.#options;
    await this.#host.load(moduleUrl);
    const callbacks = await this.#host.create({
      strategy: this.#book.options.name,
      run,
      params,
      startingBalance: this.#book.options.startingBalance.toString(),
      state: this.#state(),
    });
    this.#wants = new Set(callbacks);
    this.#failures = this.#host.failures$.subscribe((failure) => this.#fail(failure));
  }

  /** Begins to feed: the bars before now first, as warm-up. */
  begin(past: readonly { readonly stream: WireStream; readonly bar: Bar }[]): void {
    if (this.#ended) return;
    this.#turns.attach(this.#host, past.length);
    for (const [symbol, tick] of this.#book.options.market.quotes())
      if (this.#streamsOf.has(symbol)) this.#newQuotes.set(symbol, tick);
    for (const { stream, bar } of past) {
      this.#warmUp.count(stream.key);
      this.#enqueue(barItem(stream.key, bar), true);
    }
    const { market } = this.#book.options;
    this.#disarm = armTimers(this.#options.definition.timers, market.clock, (name) => {
      market.closeBars(market.clock.now());
      if (!this.#wants.has('onTimer')) return;
      this.#enqueue({ kind: 'timer', now: this.#now, name });
      this.#turns.pump();
    });
    this.#enqueue({ kind: 'probe', now: this.#now });
    this.#turns.pump();
  }

  /** Bars of the past that were not known when it began: of use to a stream that has had none yet. */
  warmUpWith({ key }: WireStream, past: readonly Bar[]): void {
    const hasBegun = this.#disarm !== undefined;
    if (this.#ended || !hasBegun || !this.#warmUp.lacksAll(key)) return;
    for (const bar of past) {
      this.#warmUp.count(key);
      this.#enqueue(barItem(key, bar), true);
    }
    this.#turns.pump();
  }

  onBar(stream: WireStream, bar: Bar): void {
    this.#warmUp.count(stream.key);
    this.#enqueue(barItem(stream.key, bar));
  }

  onTick(tick: Tick): void {
    if (!this.#wants.has('onTick')) {
      this.#newQuotes.set(tick.symbol, tick);
      return;
    }
    // The guest takes the quote from the tick itself.
    const { symbol, ts, bid, ask } = tick;
    const now = this.#now;
    for (const { key } of this.#streamsOf.get(symbol) ?? [])
      this.#enqueue({ kind: 'tick', now, stream: key, ts, bid, ask });
  }

  onTrade({ booking, order }: Trade): void {
    if (!this.#wants.has('onFill')) return;
    const { fill, realized, reducing } = booking;
    const stream = this.streamOf(fill.symbol);
    if (stream === undefined) return;
    this.#enqueue({
      kind: 'fill',
      now: this.#now,
      stream,
      fillId: fill.fillId,
      orderId: fill.orderId,
      side: fill.side,
      qty: fill.qty.toString(),
      price: fill.price.toNumber(),
      commission: fill.commission.toString(),
      realized: realized.toString(),
      reducing,
      role: order.role,
      ...(order.tag !== undefined && { tag: order.tag }),
    });
  }

  onRefusal({ by, orderId, symbol, side, qty, code, reason }: Refusal, order: Order): void {
    const stream = this.streamOf(symbol);
    if (!this.#wants.has('onReject') || stream === undefined) return;
    const status = by === 'gate' ? 'denied' : 'rejected';
    const tag = order.tag === undefined ? {} : { tag: order.tag };
    this.#enqueue({
      kind: 'reject',
      now: this.#now,
      stream,
      orderId,
      status,
      code,
      reason,
      side,
      qty: qty.toString(),
      ...tag,
    });
  }

  /** The last callback, once however often the stop begins anew: what it still asks for passes only as far as the gate lets it. */
  stop(): void {
    if (this.#wants.has('onStop') && !this.#stopTold) this.#enqueue({ kind: 'stop', now: this.#now });
    this.#stopTold = true;
    this.#turns.pump();
  }

  /** Asks the loop for a sign of life, through the same queue as everything else. */
  probe(): void {
    if (this.#turns.idle) this.#enqueue({ kind: 'probe', now: this.#now });
    this.#turns.pump();
  }

  pump(): void {
    this.#turns.pump();
  }

  stateChanged(): void {
    this.#turns.stateChanged();
  }

  /** Nobody waits any longer for what hangs. */
  letGo(): void {
    this.#turns.letGo();
  }

  /** The work under way; undefined when the guest is idle. */
  settled(): Promise<void> | undefined {
    return this.#turns.settled();
  }

  get inbox(): Inbox {
    return this.#turns.inbox;
  }

  streamOf(symbol: string): string | undefined {
    return this.#streamsOf.get(symbol)?.[0]?.key;
  }

  /** Share of the time that the author's code was busy since the last call, 0 to 1. */
  utilization(): number {
    return this.#host.utilization();
  }

  /** Ends it at once, whatever it is doing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failures?.unsubscribe();
    this.#disarm?.();
    this.#turns.detach();
    this.#host.terminate();
  }

  #state(): ReturnType<typeof wireState> {
    return wireState({
      ledger: this.#book.ledger,
      orders: this.#book.desk.orders(),
      streamOf: (symbol) => this.streamOf(symbol),
      termsOf: (position) => this.#book.termsOf(position),
    });
  }

  get #now(): EpochMs {
    return this.#book.options.market.clock.now();
  }

  /** On the path of every tick: nothing is copied. */
  #enqueue(item: Draft, history = false): void {
    if (history || !this.#warmUp.complete) item.warming = true;
    if (this.#newQuotes.size > 0) item.quotes = this.#takeQuotes();
    this.#turns.enqueue(item);
  }

  #takeQuotes(): readonly WireQuote[] {
    const quotes = [...this.#newQuotes.values()].flatMap(({ symbol, ts, bid, ask }) =>
      (this.#streamsOf.get(symbol) ?? []).map(({ key }) => ({ stream: key, ts, bid, ask })),
    );
    this.#newQuotes.clear();
    return quotes;
  }

  /** Only the last item may have asked for orders: the guest stops there, so that they go out at that very tick. */
  #apply({ intents, logs }: TurnDone, items: readonly WireItem[]): void {
    if (logs.length > 0) this.#listener.logs(logs);
    if (intents.length > 0 && this.#floods(intents.length)) {
      const within = `${WINDOW_MS / 1000} s of market time`;
      this.#fail(lossFailure('flooding', `more than ${MAX_INTENTS} orders and cancels in ${within}`));
      return;
    }
    const last = items.at(-1);
    if (!this.#book.warm && items.some(({ warming }) => warming !== true)) {
      this.#book.warm = true;
      this.#listener.warmed();
    }
    const { evaluations, desk } = this.#book;
    for (let index = 0; index < items.length - 1; index++) {
      const item = items[index]!;
      if (isEvaluation(item)) evaluations.quiet(item.kind, item.now);
    }
    if (last !== undefined) {
      const asked = intents.map((wire) => {
        const intent = readIntent(wire);
        return { intent, symbol: this.#symbolOf(intent), outcome: desk.handle(intent) };
      });
      evaluations.record(asked, { on: last.kind, now: last.now }, isEvaluation(last));
    }
    this.#listener.turnDone(intents.length > 0);
  }

  /** Undefined for what concerns every stream, or an order by its id. */
  #symbolOf(intent: Intent): string | undefined {
    if (!('stream' in intent)) return undefined;
    return this.#streams.find(({ key }) => key === intent.stream)?.symbol;
  }

  /** By market time, so that a replay is judged as the live market is. */
  #floods(count: number): boolean {
    const window = Math.floor(this.#now / WINDOW_MS);
    if (window !== this.#asked.window) this.#asked = { window, count: 0 };
    this.#asked.count += count;
    return this.#asked.count > MAX_INTENTS;
  }

  #behind(limit: number): GuestFailure {
    const busy = this.#host.utilization();
    const share = `${Math.round(busy * 100)} % busy`;
    return lossFailure(busy >= BUSY ? 'spinning' : 'idle', `more than ${limit} items wait for the strategy, ${share}`);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.end();
    this.#listener.failed(error);
  }
}

const isEvaluation = ({ kind }: WireItem): boolean => kind === 'bar' || kind === 'tick';

function barItem(stream: string, { start, end, open, high, low, close, ticks }: Bar): Draft {
  return { kind: 'bar', now: end, stream, start, end, open, high, low, close, ticks };
}
