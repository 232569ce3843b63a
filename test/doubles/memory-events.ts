/** Event sources in memory, with one bounded ring. */
import { Subject } from 'rxjs';
import { NamedConsumers, type KeptConsumers } from '../../src/actors/event-consumers.ts';
import { WallClock } from '../../src/clock.ts';
import { POSITIONS, SEQUENCE, type CursorForm, type Positions } from '../../src/domain/cursors.ts';
import { isGap, type EventBody, type EventFilter, type EventPage, type QktEvent } from '../../src/domain/events.ts';
import type { EventPort, EventSource } from '../../src/domain/ports.ts';

/** Every event is of this strategy. */
const STRATEGY = 'ema-cross';

function consumersOf<Cursor>(form: CursorForm<Cursor>): NamedConsumers<Cursor> {
  let kept: KeptConsumers | undefined;
  const store = {
    recall: () => kept,
    keep: (consumers: KeptConsumers) => {
      kept = consumers;
      return Promise.resolve();
    },
  };
  return new NamedConsumers(form, store, new WallClock());
}

export class MemoryEvents implements EventSource<number>, EventPort<number> {
  readonly form = SEQUENCE;
  readonly source = this;
  readonly consumers = consumersOf(SEQUENCE);
  readonly changed$ = new Subject<void>();
  readonly #capacity: number;
  readonly #held: QktEvent[] = [];
  #last = 0;
  reads = 0;

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  last(): number {
    return this.#last;
  }

  isAhead(cursor: number): boolean {
    return cursor > this.#last;
  }

  add(body: EventBody, journalSeq?: number): QktEvent {
    const place = { seq: ++this.#last, ts: Date.UTC(2026, 10, 22, 7, 0, 0, this.#last), strategy: STRATEGY };
    const event: QktEvent = { ...body, ...place, ...(journalSeq === undefined ? {} : { journalSeq }) };
    this.#held.push(event);
    if (this.#held.length > this.#capacity) this.#held.shift();
    this.changed$.next();
    return event;
  }

  /** A lifecycle event with a recognisable text. */
  say(detail: string): QktEvent {
    return this.add({ type: 'lifecycle', from: 'warming', to: 'trading', cause: 'test', detail });
  }

  tick(bid = 1.1): QktEvent {
    return this.add({ type: 'tick', symbol: 'EURUSD', bid, ask: bid + 0.0001 });
  }

  read(since: number | undefined, { types, symbols, limit }: EventFilter): EventPage {
    this.reads += 1;
    const oldest = this.#held[0]?.seq ?? this.#last + 1;
    const from = since ?? oldest - 1;
    const wanted = (event: QktEvent): boolean =>
      (types?.has(event.type) ?? true) && (symbols === undefined || ('symbol' in event && symbols.has(event.symbol)));
    const matching = this.#held.filter((event) => event.seq > from && wanted(event));
    const events = matching.slice(0, limit);
    const more = events.length < matching.length;
    const next = more ? events.at(-1)!.seq : Math.max(this.#last, from);
    const gaps = from < oldest - 1 ? [{ type: 'gap', from: from + 1, to: oldest - 1 } as const] : [];
    return { from, items: [...gaps, ...events], next, more };
  }

  newest({ limit, ...filter }: EventFilter): EventPage {
    const { items, ...page } = this.read(undefined, { ...filter, limit: Infinity });
    const events = items.filter((item) => !isGap(item));
    return { ...page, items: events.slice(Math.max(0, events.length - limit)) };
  }
}

/** The same as the daemon's: one strategy's events, with a cursor that has places. */
export class MemoryMergedEvents implements EventSource<Positions>, EventPort<Positions> {
  readonly form = POSITIONS;
  readonly source = this;
  readonly consumers = consumersOf(POSITIONS);
  readonly inner = new MemoryEvents();
  readonly changed$ = this.inner.changed$;

  say(detail: string): QktEvent {
    return this.inner.say(detail);
  }

  isAhead(cursor: Positions): boolean {
    return this.inner.isAhead(cursor.get(STRATEGY) ?? 0);
  }

  newest(filter: EventFilter): EventPage<Positions> {
    const { from, next, ...page } = this.inner.newest(filter);
    return { ...page, from: new Map([[STRATEGY, from]]), next: new Map([[STRATEGY, next]]) };
  }

  read(since: Positions | undefined, filter: EventFilter): EventPage<Positions> {
    const { from, items, next, more } = this.inner.read(since && (since.get(STRATEGY) ?? 0), filter);
    const at = (seq: number): Positions => new Map(since).set(STRATEGY, seq);
    const told = items.map((item) => (isGap(item) ? { ...item, strategy: STRATEGY } : item));
    return { from: at(from), items: told, next: at(next), more };
  }
}
