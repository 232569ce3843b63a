/** Failed authentication, counted over all servers of the daemon and answered late. A valid token never waits. */
import type { Clock } from '../clock.ts';

const SLOWEST_MS = 2000;
const STEP_MS = 100;
/** More than this many held back at once would be a way to use up our connections. */
const MOST_WAITING = 32;

export class FailedAttempts {
  readonly #clock: Clock;
  #total = 0;
  #waiting = 0;
  /** Recent failures; falls by one a second. */
  #level = 0;
  #levelAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#levelAt = clock.monotonic();
  }

  /** All failures since the start. */
  get total(): number {
    return this.#total;
  }

  /** Counts a failure and calls back once its answer may go out: the more there were lately, the later. */
  hold(answer: () => void): void {
    this.#total += 1;
    const now = this.#clock.monotonic();
    this.#level = Math.max(0, this.#level - (now - this.#levelAt) / 1000) + 1;
    this.#levelAt = now;
    if (this.#waiting >= MOST_WAITING) {
      answer();
      return;
    }
    this.#waiting += 1;
    this.#clock.at(this.#clock.now() + Math.min(SLOWEST_MS, STEP_MS * this.#level), () => {
      this.#waiting -= 1;
      answer();
    });
  }
}
