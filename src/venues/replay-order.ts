/**
 * The order of a replay's rows in time. A row that is earlier than the one before it is dropped. A
 * single row far in the future would make every row after it late, and so end the replay for all
 * purposes: such a leap is held back until the next row shows which of the two is wrong.
 */
import type { EpochMs } from '../domain/time.ts';

/** Longer than any market is closed. */
const LEAP_MS = 30 * 86_400_000;

/** Where a row stood, for the fault that names it. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Timed {
  readonly ts: EpochMs;
  readonly symbol: string;
}

/** Passes rows on in order of time, and drops those that are not. */
export class RowOrder<T extends Timed> {
  readonly #emit: (row: T) => void;
  readonly #drop: (row: T, place: Place, cause: 'backwards' | 'malformed') => void;
  #last: EpochMs | undefined;
  #held: { readonly row: T; readonly place: Place } | undefined;

  /** @param drop `backwards`: the row is late; `malformed`: its time leaps ahead of both its neighbours. */
  constructor(emit: (row: T) => void, drop: (row: T, place: Place, cause: 'backwards' | 'malformed') => void) {
    this.#emit = emit;
    this.#drop = drop;
  }

  /** @param place asked for only when it is needed */
  push(row: T, place: () => Place): void {
    if (this.#held !== undefined) this.#settle(row.ts);
    const last = this.#last ?? row.ts;
    if (row.ts < last) this.#drop(row, place(), 'backwards');
    else if (row.ts - last > LEAP_MS) this.#held = { row, place: place() };
    else this.#pass(row);
  }

  /** Passes on what is held: there is no next row to judge it by. */
  end(): void {
    this.#settle(Infinity);
  }

  #settle(nextTs: EpochMs): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    if (nextTs < held.row.ts && nextTs >= this.#last!) this.#drop(held.row, held.place, 'malformed');
    else this.#pass(held.row);
  }

  #pass(row: T): void {
    this.#last = row.ts;
    this.#emit(row);
  }
}
