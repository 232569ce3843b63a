/**
 * What following events may cost: all followers of a daemon together get a share of the main thread,
 * so that however many they are, and however fast the ticks come, a reader never slows trading. Who
 * has to wait for its turn finds more at once then, or a gap that says so.
 */
import type { Clock } from '../clock.ts';
import { pause } from './pause.ts';

/** Of the time that goes by. */
const SHARE = 0.07;
/** Milliseconds of work that may be saved up: a reader that comes back to a history has it soon. */
const MOST_SAVED_MS = 50;

export class ReaderShare {
  readonly #clock: Clock;
  #saved = MOST_SAVED_MS;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  /** Settles when something may be done for a reader, or the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    for (let wait = this.#owed(); wait > 0 && !signal.aborted; wait = this.#owed())
      await pause(this.#clock, wait, signal);
  }

  /** Does the work of a turn, and counts what it takes. */
  spend<Result>(work: () => Result): Result {
    const begun = this.#clock.monotonic();
    try {
      return work();
    } finally {
      this.#saved -= this.#clock.monotonic() - begun;
    }
  }

  /** Milliseconds until there is something to spend; 0 when there is. */
  #owed(): number {
    const now = this.#clock.monotonic();
    this.#saved = Math.min(MOST_SAVED_MS, this.#saved + (now - this.#countedAt) * SHARE);
    this.#countedAt = now;
    return this.#saved > 0 ? 0 : Math.ceil(-this.#saved / SHARE) + 1;
  }
}
