import { describe, expect, it } from 'vitest';
import { CREDITS, INBOX_CAPACITY, Turns, type TurnDone, type TurnHost } from '../../src/actors/turns.ts';
import type { WireItem, WireState } from '../../src/worker/protocol.ts';

const STATE: WireState = { balance: '0', realized: '0', positions: [], orders: [] };
const tick = (stream: string, bid: number): WireItem => ({ kind: 'tick', now: bid, stream, ts: bid, bid, ask: bid });
const timer = (name: string): WireItem => ({ kind: 'timer', now: 0, name });
const name = (item: WireItem): string =>
  item.kind === 'tick' ? `${item.stream}${item.bid}` : item.kind === 'timer' ? item.name : item.kind;

/** A host whose turns end when the test says so, or at once. */
class ScriptedHost implements TurnHost {
  readonly turns: { readonly items: readonly WireItem[]; readonly state: WireState | undefined }[] = [];
  /** How many items the next turn works through; all of them unless said. */
  consume = Infinity;
  throws: Error | undefined;
  #end: ((done: TurnDone) => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  readonly #isThread: boolean;

  constructor(isThread: boolean) {
    this.#isThread = isThread;
  }

  turn(items: readonly WireItem[], state?: WireState): TurnDone | Promise<TurnDone> {
    this.turns.push({ items, state });
    if (this.throws !== undefined) throw this.throws;
    if (!this.#isThread) return this.#done(items);
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
  }

  /** Ends the turn under way; what follows from it has happened when the promise settles. */
  async end(): Promise<void> {
    this.#end?.(this.#done(this.turns.at(-1)!.items));
    await new Promise((resolve) => setImmediate(resolve));
  }

  async fail(error: Error): Promise<void> {
    this.#fail?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }

  names(): string[][] {
    return this.turns.map(({ items }) => items.map(name));
  }

  #done(items: readonly WireItem[]): TurnDone {
    return { consumed: Math.min(items.length, this.consume), intents: [], logs: [] };
  }
}

function scene(host: ScriptedHost) {
  const applied: string[][] = [];
  const failures: unknown[] = [];
  const turns: Turns = new Turns({
    state: () => STATE,
    apply: (_done, consumed) => applied.push(consumed.map(name)),
    failed: (error) => failures.push(error),
    behind: (limit) => new Error(`more than ${limit} items wait`),
  });
  turns.attach(host);
  const put = (...items: readonly WireItem[]): void => {
    for (const item of items) turns.enqueue(item);
    turns.pump();
  };
  return { turns, applied, failures, put };
}

describe('turns', () => {
  it('run in order, one batch under way at a time; what happens meanwhile is the next batch', async () => {
    const host = new ScriptedHost(true);
    const { turns, applied, put } = scene(host);
    put(timer('a'));
    put(timer('b'), timer('c'));
    expect([host.names(), turns.inbox]).toMatchObject([[['a']], { waiting: 3, inFlight: 1 }]);
    await host.end();
    await host.end();
    expect([host.names(), applied]).toEqual([
      [['a'], ['b', 'c']],
      [['a'], ['b', 'c']],
    ]);
    expect(turns.settled()).toBeUndefined();
  });

  it('go on with the rest where the guest stopped to have an order sent', () => {
    const host = new ScriptedHost(false);
    host.consume = 2;
    const { applied, put } = scene(host);
    put(timer('a'), timer('b'), timer('c'), timer('d'), timer('e'));
    expect(applied).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('carry the state only when it has changed', () => {
    const host = new ScriptedHost(false);
    const { turns, put } = scene(host);
    put(timer('a'));
    put(timer('b'));
    turns.stateChanged();
    put(timer('c'));
    expect(host.turns.map(({ state }) => state !== undefined)).toEqual([true, false, true]);
  });

  it('conflate the quotes of a stream while a thread is busy, count them, and drop nothing else', async () => {
    const host = new ScriptedHost(true);
    const { turns, put } = scene(host);
    put(timer('first'));
    put(tick('x', 1), tick('y', 1), timer('t'), tick('x', 2), timer('t'), tick('x', 3));
    await host.end();
    expect(host.names()[1]).toEqual(['y1', 't', 't', 'x3']);
    expect(turns.inbox.conflated).toBe(2);
  });

  it('tell a callback the quote that was in force before it, also when its tick was conflated away', async () => {
    const host = new ScriptedHost(true);
    const { put } = scene(host);
    put(timer('first'));
    put({ ...tick('x', 1), quotes: [{ stream: 'y', ts: 0, bid: 7, ask: 7 }] }, timer('t'), tick('x', 2));
    await host.end();
    const [between] = host.turns[1]!.items;
    expect(between).toMatchObject({
      name: 't',
      quotes: [
        { stream: 'y', bid: 7 },
        { stream: 'x', bid: 1 },
      ],
    });
  });

  it('conflate nothing for a guest that answers at once', () => {
    const host = new ScriptedHost(false);
    const { turns, put } = scene(host);
    put(tick('x', 1), tick('x', 2));
    expect([host.names(), turns.inbox.conflated]).toEqual([[['x1', 'x2']], 0]);
  });

  it('let a waiter wait for the turns that a turn has caused as well', async () => {
    const host = new ScriptedHost(true);
    const { turns, put } = scene(host);
    put(timer('a'));
    put(timer('b'));
    let settled = false;
    void turns.settled()!.then(() => (settled = true));
    await host.end();
    expect(settled).toBe(false);
    await host.end();
    expect(settled).toBe(true);
  });

  it('stop at a failure and drop what waits, until another guest is attached', async () => {
    const host = new ScriptedHost(true);
    const { turns, failures, put, applied } = scene(host);
    put(timer('a'));
    put(timer('lost'));
    await host.fail(new Error('boom'));
    put(timer('also lost'));
    expect([failures, turns.inbox.waiting, turns.settled()]).toMatchObject([[{ message: 'boom' }], 0, undefined]);
    const next = new ScriptedHost(false);
    turns.attach(next);
    put(timer('b'));
    expect([next.names(), applied]).toEqual([[['b']], [['b']]]);
  });

  it('tell of a throw inside an inline turn in the same way', () => {
    const host = new ScriptedHost(false);
    host.throws = new Error('boom');
    const { failures, put } = scene(host);
    put(timer('a'));
    expect(failures).toMatchObject([{ message: 'boom' }]);
  });

  it('ignore the late answer of a guest that is gone', async () => {
    const host = new ScriptedHost(true);
    const { turns, applied, failures, put } = scene(host);
    put(timer('a'));
    turns.detach();
    await host.end();
    expect([applied, failures, turns.settled()]).toEqual([[], [], undefined]);
  });

  it('give a guest no more at once than it has credits for', async () => {
    const host = new ScriptedHost(true);
    const { turns, put } = scene(host);
    put(...Array.from({ length: CREDITS + 44 }, (_, index) => timer(String(index))));
    expect(host.turns.map(({ items }) => items.length)).toEqual([CREDITS]);
    expect(turns.inbox).toMatchObject({ inFlight: CREDITS, waiting: CREDITS + 44, limit: INBOX_CAPACITY });
    await host.end();
    expect(host.turns.map(({ items }) => items.length)).toEqual([CREDITS, 44]);
    await host.end();
    expect(turns.inbox).toMatchObject({ inFlight: 0, waiting: 0, done: CREDITS + 44 });
  });

  it('give up a guest that more items wait for than may, though its quotes are conflated', () => {
    const host = new ScriptedHost(true);
    const { turns, failures, put } = scene(host);
    put(timer('first'));
    for (let ts = 1; ts <= 2 * INBOX_CAPACITY; ts++) put(tick('x', ts));
    expect([failures, turns.inbox.waiting]).toEqual([[], 2]);
    for (let index = 0; index < INBOX_CAPACITY; index++) put(timer(String(index)));
    expect([failures, turns.inbox.waiting, turns.settled()]).toEqual([
      [new Error(`more than ${INBOX_CAPACITY} items wait`)],
      0,
      undefined,
    ]);
  });

  it('leave room for what comes beside a long warm-up', () => {
    const host = new ScriptedHost(true);
    const { turns, failures, put } = scene(host);
    turns.attach(host, INBOX_CAPACITY);
    put(...Array.from({ length: INBOX_CAPACITY }, (_, index) => timer(String(index))), timer('live'));
    expect([failures, turns.inbox.limit]).toEqual([[], 2 * INBOX_CAPACITY]);
  });
});
