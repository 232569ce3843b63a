/** A strategy's journal as the readers of its events see it: what has been written, by event number. */
import type { QktEvent } from '../domain/events.ts';
import type { EventHistory } from '../streams/event-history.ts';
import type { Zone } from '../streams/window.ts';
import { reviveEvent } from './journal-event.ts';
import type { Journal } from './journal.ts';

export class JournalHistory implements EventHistory {
  readonly #journal: Pick<Journal, 'events' | 'lastEvents' | 'span'>;
  readonly #strategy: string;
  /** Where the last piece ended: who reads on does not have to be looked for. */
  #end = { seq: 0, journalSeq: 0 };

  constructor(journal: Pick<Journal, 'events' | 'lastEvents' | 'span'>, strategy: string) {
    this.#journal = journal;
    this.#strategy = strategy;
  }

  after(since: number, most: number): readonly QktEvent[] {
    const after = this.#journalSeqAt(since);
    const events = [...this.#journal.events(this.#strategy, { after, limit: most })].map(reviveEvent);
    const { seq, journalSeq } = events.at(-1) ?? this.#end;
    if (journalSeq !== undefined) this.#end = { seq, journalSeq };
    return events;
  }

  missing(upTo: number, journalSeq: number): readonly Zone[] {
    const { oldest } = this.#journal.span(this.#strategy);
    const zones: Zone[] = [];
    if (oldest > 1) zones.push({ from: 1, to: (this.#seqOf(oldest) ?? upTo + 1) - 1 });
    const written = this.#journal.lastEvents(this.#strategy, 1)[0] ?? { journalSeq: 0, seq: 0 };
    if (written.journalSeq < journalSeq) zones.push({ from: written.seq + 1, to: upTo });
    return zones;
  }

  /** `journalSeq` of the last event numbered up to `seq`: both grow together. */
  #journalSeqAt(seq: number): number {
    const { oldest, lastJournalSeq } = this.#journal.span(this.#strategy);
    if (seq === this.#end.seq) return Math.max(oldest - 1, this.#end.journalSeq);
    let low = oldest - 1;
    let high = lastJournalSeq;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#seqOf(middle) ?? Infinity) <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Undefined for one that is not written. */
  #seqOf(journalSeq: number): number | undefined {
    const [event] = this.#journal.events(this.#strategy, { after: journalSeq - 1, limit: 1 });
    return event?.journalSeq === journalSeq ? event.seq : undefined;
  }
}
