/** A disk that outlives its process: what was synced is there again, what was not may be lost. */
import { pack, unpack } from 'msgpackr';
import type { Turn, TurnStore } from '../../../src/actors/commit-queue.ts';
import type { BookState } from '../../../src/actors/book-types.ts';
import type { Clock } from '../../../src/clock.ts';
import { toPlain } from '../../../src/domain/json.ts';
import { fromStored, toStored } from '../../../src/store/stored.ts';
import type { Strike } from './strike.ts';

/** An event as it was journaled. */
export type KeptEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** Of one strategy. */
export class StrategyDisk {
  readonly events: KeptEvent[] = [];
  #state: unknown;
  #nextSeq = 1;
  #nextJournalSeq = 1;
  /** When the last write is done: they come to an end in their order. */
  #busyUntil = 0;

  get next(): { readonly seq: number; readonly journalSeq: number } {
    return { seq: this.#nextSeq, journalSeq: this.#nextJournalSeq };
  }

  /** As a process that starts reads it. */
  get state(): BookState | undefined {
    return this.#state === undefined ? undefined : (fromStored(unpack(pack(this.#state))) as BookState);
  }

  /** For one life. @param syncMs how long the next write takes @param strike hears of commits */
  store(clock: Clock, syncMs: () => number, strike: Strike): TurnStore {
    return {
      commit: (turn) => {
        const written = encoded(turn);
        this.#busyUntil = Math.max(this.#busyUntil, clock.now() + syncMs());
        const synced = new Promise<void>((resolve) => {
          clock.at(this.#busyUntil, () => {
            this.#write(written);
            strike.reached('synced');
            resolve();
          });
        });
        strike.reached('commit');
        return { synced };
      },
    };
  }

  reserve(upTo: number): void {
    this.#nextSeq = Math.max(this.#nextSeq, upTo + 1);
  }

  #write({ state, events }: Written): void {
    this.#state = state;
    for (const event of events) {
      this.events.push(event);
      this.#nextJournalSeq = Math.max(this.#nextJournalSeq, (event['journalSeq'] as number) + 1);
    }
  }
}

interface Written {
  readonly state: unknown;
  readonly events: readonly KeptEvent[];
}

/** At once: what it is made of may change afterwards. */
const encoded = ({ state, events }: Turn): Written => ({
  state: toStored(state()),
  events: events.map((event) => toPlain(event) as KeptEvent),
});
