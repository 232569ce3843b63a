/** Events as a plain list: everything ever put, and which of it can still be had. */
import { TRADING_EVENT_TYPES, type EventType, type QktEvent } from '../../src/domain/events.ts';
import type { EventHistory } from '../../src/streams/event-history.ts';
import { laneOf } from '../../src/streams/lane.ts';

export interface Numbered {
  readonly number: number;
  readonly event: QktEvent;
}

export class ListOracle {
  readonly all: Numbered[] = [];
  readonly #capacity: number;
  /** Trading events that the journal keeps; without a journal none. */
  readonly #kept: number;
  #runStart = 0;

  constructor(capacity: number, kept = 0) {
    this.#capacity = capacity;
    this.#kept = kept;
  }

  put(number: number, event: QktEvent): void {
    this.all.push({ number, event });
  }

  /** The rings of a new run hold nothing of the runs before. */
  restart(): void {
    this.#runStart = this.all.length;
  }

  /** What the rings hold. */
  held(): Numbered[] {
    const run = this.all.slice(this.#runStart);
    return run.filter(
      ({ event }, index) =>
        run.slice(index + 1).filter((later) => laneOf(later.event.type) === laneOf(event.type)).length < this.#capacity,
    );
  }

  /** What the journal holds. */
  journaled(): Numbered[] {
    const trading = this.all.filter(({ event }) => TRADING_EVENT_TYPES.has(event.type));
    return this.#kept === 0 ? [] : trading.slice(-this.#kept);
  }

  /** The journal as a log reads it. */
  history(): EventHistory {
    return {
      after: (since, most) =>
        this.journaled()
          .filter(({ number }) => number > since)
          .slice(0, most)
          .map(({ event }) => event),
      missing: () => {
        const [first] = this.journaled();
        return first === undefined || first.event.journalSeq === 1 ? [] : [{ from: 1, to: first.number - 1 }];
      },
    };
  }

  expected(since: number | undefined, types: ReadonlySet<EventType> | undefined, limit: number): Numbered[] {
    const held = this.held();
    const numbers = new Set(held.map(({ number }) => number));
    const past = since === undefined ? [] : this.journaled().filter(({ number }) => !numbers.has(number));
    return [...past, ...held]
      .toSorted((a, b) => a.number - b.number)
      .filter(({ number, event }) => number > (since ?? -Infinity) && (types?.has(event.type) ?? true))
      .slice(0, limit);
  }
}
