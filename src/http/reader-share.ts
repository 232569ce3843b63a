/**
 * What reading may cost: all followers of events of a daemon together get a share of the main thread, all
 * readers of the past another, so that however many they are, and however fast the ticks come, a reader never
 * slows trading. Who has to wait for its turn finds more at once then, or a gap that says so.
 */
import type { Clock } from '../clock.ts';
import { pause } from './pause.ts';

/** Of the time that goes by: what all followers of events may take for as long as they follow. */
const FOLLOWERS_SHARE = 0.07;
/** What all who look into the past may take: for seconds, because a person waits. */
export const HISTORY_SHARE = 0.3;
/** Milliseconds of work that may be saved up: a reader that comes back to a history has it soon. */
const MOST_SAVED_MS = 50;

export class ReaderShare {
  readonly #clock: Clock;
  readonly #share: number;
  #saved = MOST_SAVED_MS;
  #countedAt: number;

  /** @param share of the main thread's time, above 0 */
  constructor(clock: Clock, share = FOLLOWERS_SHARE) {
    this.#clock = clock;
    this.#share = share;
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
    this.#saved = Math.min(MOST_SAVED_MS, this.#saved + (now - this.#countedAt) * this.#share);
    this.#countedAt = now;
    return this.#saved > 0 ? 0 : Math.ceil(-this.#saved / this.#share) + 1;
  }
}
