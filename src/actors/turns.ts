/**
 * Turns: callbacks for the guest in order, one batch under way at a time. Everything that happens
 * meanwhile queues up; quotes are conflated per stream and counted, nothing else is ever dropped.
 * With an inline guest a turn is over when `pump` returns; with a thread it is over later.
 */
import type { FromGuest, WireItem, WireQuote, WireState } from '../worker/protocol.ts';

/** Items that may wait for a guest. */
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
}

export class Turns {
  readonly #deps: TurnDependencies;
  #host: TurnHost | undefined;
  #queue: WireItem[] = [];
  #underWay: Promise<void> | undefined;
  #pumping = false;
  #stateChanged = true;
  #conflated = 0;
  #consumed = 0;
  #inFlight = 0;
  /** Given to whoever waits. */
  #waiting: Deferred | undefined;

  constructor(dependencies: TurnDependencies) {
    this.#deps = dependencies;
  }

  /** Quotes that were replaced by newer ones before the guest could see them. */
  get conflated(): number {
    return this.#conflated;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Items that the guest has not worked through: those queued, and those of the turn under way. */
  get waiting(): number {
    return this.#queue.length + this.#inFlight;
  }

  /** Items that the guest has worked through. */
  get consumed(): number {
    return this.#consumed;
  }

  attach(host: TurnHost): void {
    this.#host = host;
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
    this.#conflated += 1;
    if (replaced?.kind !== 'tick' || next === undefined) return;
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
    if (this.#pumping || this.#underWay !== undefined) return;
    this.#pumping = true;
    try {
      while (this.#host !== undefined && this.#queue.length > 0 && this.#underWay === undefined) this.#turn(this.#host);
    } finally {
      this.#pumping = false;
    }
  }

  #turn(host: TurnHost): void {
    const items = this.#queue;
    this.#queue = [];
    this.#inFlight = items.length;
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
