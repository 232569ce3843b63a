/** How much of a stretch of time a market was open for, whatever sessions it has. */
import type { EpochMs } from '../domain/time.ts';
import { Session, type SessionHours } from './sessions.ts';

/** Changes of a session that are looked at for one question: some years of a daily one. */
const MOST_STEPS = 2000;

/**
 * Adds up open time as it passes: asked again, only what is new is looked at. Its sessions are its
 * own, because each remembers the stretch that it was asked about last.
 */
export class OpenTime {
  readonly #sessions: readonly Session[];
  #from: EpochMs = Number.NaN;
  #until: EpochMs = Number.NaN;
  #openMs = 0;

  /** @param hours of each session; it is open while any is. One without hours is always open. */
  constructor(hours: readonly (SessionHours | undefined)[]) {
    this.#sessions = hours.map((one) => new Session(one));
  }

  /** Milliseconds of open market within `[from, now)`. */
  within(from: EpochMs, now: EpochMs): number {
    if (from !== this.#from || now < this.#until) {
      this.#from = from;
      this.#until = from;
      this.#openMs = 0;
    }
    for (let step = 0; this.#until < now && step < MOST_STEPS; step++) {
      const spans = this.#sessions.map((session) => session.spanAt(this.#until));
      const next = Math.min(now, ...spans.map(({ until }) => until));
      if (spans.some(({ open }) => open)) this.#openMs += next - this.#until;
      this.#until = next;
    }
    return this.#openMs;
  }
}
