/** An event source in memory, with one bounded ring. */
import { Subject } from 'rxjs';
import type { EventBody, EventFilter, EventPage, QktEvent } from '../../src/domain/events.ts';
import type { EventSource } from '../../src/domain/ports.ts';

export class MemoryEvents implements EventSource {
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

  add(body: EventBody, journalSeq?: number): QktEvent {
    const place = { seq: ++this.#last, ts: Date.UTC(2026, 10, 22, 7, 0, 0, this.#last), strategy: 'ema-cross' };
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

  read(since: number | undefined, filter: EventFilter): EventPage {
    this.reads += 1;
    const oldest = this.#held[0]?.seq ?? this.#last + 1;
    const from = since ?? oldest - 1;
    const matching = this.#held.filter(({ seq, type }) => seq > from && (filter.types?.has(type) ?? true));
    const events = matching.slice(0, filter.limit);
    const next = events.length < matching.length ? events.at(-1)!.seq : Math.max(this.#last, from);
    return from < oldest - 1 ? { gap: { from: from + 1, to: oldest - 1 }, events, next } : { events, next };
  }
}
