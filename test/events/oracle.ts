/** The rings as a plain list: everything ever put, and which of it a bounded lane still holds. */
import type { EventType, QktEvent } from '../../src/domain/events.ts';
import { laneOf } from '../../src/streams/lane.ts';

export interface Numbered {
  readonly number: number;
  readonly event: QktEvent;
}

export class ListOracle {
  readonly all: Numbered[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  put(number: number, event: QktEvent): void {
    this.all.push({ number, event });
  }

  held(): Numbered[] {
    return this.all.filter(
      ({ event }, index) =>
        this.all.slice(index + 1).filter((later) => laneOf(later.event.type) === laneOf(event.type)).length <
        this.#capacity,
    );
  }

  expected(since: number | undefined, types: ReadonlySet<EventType> | undefined, limit: number): Numbered[] {
    return this.held()
      .filter(({ number, event }) => number > (since ?? -Infinity) && (types?.has(event.type) ?? true))
      .slice(0, limit);
  }
}
