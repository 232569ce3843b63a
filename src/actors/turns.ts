/**
 * Turns: callbacks for the guest in order, one batch of at most {@link CREDITS} items under way at a
 * time. Everything that happens meanwhile queues up; quotes are conflated per stream and counted,
 * nothing else is ever dropped. What queues up all the same is bounded: a guest so far behind does not
 * read, and is given up. With an inline guest a turn is over when `pump` returns; with a thread it is
 * over later.
 */
import type { FromGuest, WireItem, WireQuote, WireState } from '../worker/protocol.ts';

/** Items that a guest gets before it has answered. */
export const CREDITS = 256;
/** Items that may wait for a guest, besides the warm-up that it begins with. */
export const INBOX_CAPACITY = 10_000;

export type TurnDone = Pick<Extract<FromGuest, { kind: 'done' }>, 'consumed' | 'intents' | 'logs'>;

export interface TurnHost {
  turn(items: readonly WireItem[], state?: WireState): TurnDone | Promise<TurnDone>;
}

export interface TurnDependencies {
  /** The state of account and orders, asked for when it has changed since the last turn. */
  readonly state: () => WireState;
  /** Applies what a turn came to. It may queue further items. */
  readonly apply: (done: TurnDone, consumed: readonly WireItem[]) => void;
  /** A callback threw, or the guest is gone. No further turn is run until {@link Turns.attach}. */
  readonly failed: (error: unknown) => void;
  /** The error that a guest is given up with when more than `limit` items wait for it. */
  readonly behind: (limit: number) => unknown;
}

/** How far a guest is. */
export interface Inbox {
  /** Items worked through so far. */
  readonly done: number;
  /** Items that are not, those in flight included, and the most that may wait. */
  readonly waiting: number;
  readonly limit: number;
  /** Items that the guest has been given and has not answered. */
  readonly inFlight: number;
  /** Quotes that newer ones of their stream have replaced. */
  readonly conflated: number;
  readonly conflatedByStream: ReadonlyMap<string, number>;
}

export const NO_INBOX: Inbox = {
  done: 0,
  waiting: 0,
  limit: INBOX_CAPACITY,
  inFlight: 0,
  conflated: 0,
  conflatedByStream: new Map(),
};

export class Turns {
  readonly #deps: TurnDependencies;
  #host: TurnHost | undefined;
  #queue: WireItem[] = [];
  #underWay: Promise<void> | undefined;
  #pumping = false;
  #stateChanged = true;
  #limit = INBOX_CAPACITY;
  #conflated = 0;
  readonly #conflatedByStream = new Map<string, number>();
  #consumed = 0;
  #inFlight = 0;
  /** Given to whoever waits. */
  #waiting: Deferred | undefined;

  constructor(dependencies: TurnDependencies) {
    this.#deps = dependencies;
  }

  get inbox(): Inbox {
    return {
      done: this.#consumed,
      waiting: this.#waitingItems,
      limit: this.#limit,
      inFlight: this.#inFlight,
      conflated: this.#conflated,
      conflatedByStream: this.#conflatedByStream,
    };
  }

  /** True when there is nothing for the guest to do. */
  get idle(): boolean {
    return this.#waitingItems === 0;
  }

  get #waitingItems(): number {
    return this.#queue.length + this.#inFlight;
  }

  /** @param backlog items that it begins with: they take no room from those to come */
  attach(host: TurnHost, backlog = 0): void {
    this.#host = host;
    this.#limit = INBOX_CAPACITY + backlog;
    this.#stateChanged = true;
  }

  /** The guest is gone: what waits for it is dropped, and nobody waits any more. */
  detach(): void {
    this.#host = undefined;
    this.#queue = [];
    this.#inFlight = 0;
    this.#underWay = undefined;
    this.letGo();
  }

  /** Nobody waits any longer for the turn under way: it hangs. */
  letGo(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  /** Account or orders have changed. */
  stateChanged(): void {
    this.#stateChanged = true;
  }

  enqueue(item: WireItem): void {
    if (this.#host === undefined) return;
    const older = item.kind === 'tick' && this.#underWay !== undefined ? this.#waitingTick(item.stream) : -1;
    this.#queue.push(item);
    if (older >= 0) this.#conflate(older);
  }

  #waitingTick(stream: string): number {
    return this.#queue.findIndex((waiting) => waiting.kind === 'tick' && waiting.stream === stream);
  }

  /** Takes out a quote that a newer one replaces; a callback that stands between the two must know it all the same. */
  #conflate(index: number): void {
    const [replaced] = this.#queue.splice(index, 1);
    const next = this.#queue[index];
    if (replaced?.kind !== 'tick' || next === undefined) return;
    this.#conflated += 1;
    this.#conflatedByStream.set(replaced.stream, (this.#conflatedByStream.get(replaced.stream) ?? 0) + 1);
    const quotes = newestQuotes(replaced, next);
    if (quotes.length > 0) this.#queue[index] = { ...next, quotes };
  }

  /** Resolves when all is worked through, or is given up; undefined when there is nothing to wait for. */
  settled(): Promise<void> | undefined {
    if (this.#underWay === undefined) return undefined;
    return (this.#waiting ??= deferred()).promise;
  }

  /** Runs turns until the queue is empty or a thread has to be waited for. */
  pump(): void {
    // On the path of every tick: mostly there is nothing to do.
    if (this.#queue.length === 0) return;
    if (this.#waitingItems > this.#limit) this.#giveUp();
    if (this.#pumping || this.#underWay !== undefined) return;
    this.#pumping = true;
    try {
      while (this.#host !== undefined && this.#queue.length > 0 && this.#underWay === undefined) this.#turn(this.#host);
    } finally {
      this.#pumping = false;
    }
  }

  #takeCredits(): readonly WireItem[] {
    const waiting = this.#queue;
    this.#queue = waiting.length > CREDITS ? waiting.slice(CREDITS) : [];
    const items = waiting.length > CREDITS ? waiting.slice(0, CREDITS) : waiting;
    this.#inFlight = items.length;
    return items;
  }

  #giveUp(): void {
    const limit = this.#limit;
    if (this.#host !== undefined) this.#fail(this.#host, this.#deps.behind(limit));
  }

  #turn(host: TurnHost): void {
    const items = this.#takeCredits();
    const state = this.#stateChanged ? this.#deps.state() : undefined;
    this.#stateChanged = false;
    try {
      const done = host.turn(items, state);
      if (done instanceof Promise) this.#underWay = this.#await(host, done, items);
      else this.#finish(done, items);
    } catch (error) {
      this.#fail(host, error);
    }
  }

  async #await(host: TurnHost, pending: Promise<TurnDone>, items: readonly WireItem[]): Promise<void> {
    try {
      const done = await pending;
      if (this.#host !== host) return;
      this.#underWay = undefined;
      this.#finish(done, items);
      this.pump();
    } catch (error) {
      this.#fail(host, error);
    }
    // Whoever waits in lock-step waits for the turns that this one has caused as well.
    if (this.#underWay === undefined) this.letGo();
  }

  #finish(done: TurnDone, items: readonly WireItem[]): void {
    this.#inFlight = 0;
    this.#consumed += done.consumed;
    if (done.consumed < items.length) this.#queue.unshift(...items.slice(done.consumed));
    this.#deps.apply(done, items.slice(0, done.consumed));
  }

  #fail(host: TurnHost, error: unknown): void {
    if (this.#host !== host) return;
    this.detach();
    this.#deps.failed(error);
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** What `next` must bring of the quotes before it: one a stream, however many were replaced while a guest hung. */
function newestQuotes(replaced: WireItem & { readonly kind: 'tick' }, next: WireItem): readonly WireQuote[] {
  const { stream, ts, bid, ask, quotes = [] } = replaced;
  const newest = new Map<string, WireQuote>();
  for (const quote of [...quotes, { stream, ts, bid, ask }, ...(next.quotes ?? [])]) newest.set(quote.stream, quote);
  if (next.kind === 'tick') newest.delete(next.stream);
  return [...newest.values()];
}
