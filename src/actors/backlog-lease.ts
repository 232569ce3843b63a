/**
 * The lease of something that is worked through in order: how long its oldest item has waited. Nothing
 * is stamped on the way in. At each look a mark is set at what has come in so far; once as much is done,
 * whatever waits came in after that mark. So the age is never too small, and too large by the time
 * between two marks at most.
 */
import type { Clock } from '../clock.ts';
import type { LeaseView } from '../domain/health-views.ts';

/** What waits, in the order in which it is worked through. An item that replaces a waiting one takes its place in the count. */
export interface Backlog {
  /** Items worked through so far; it begins anew when the worker does. */
  readonly done: number;
  /** Items that have come in and are not done, those under way included. */
  readonly waiting: number;
}

interface Mark {
  readonly at: number;
  /** All that had come in by then is done when this many are. */
  readonly upTo: number;
}

export class BacklogLease {
  readonly name: string;
  readonly limitMs: number;
  readonly #clock: Clock;
  readonly #backlog: () => Backlog;
  /** Whatever waits came in after this. */
  #since: number;
  #mark: Mark;
  #lookedAt: number;
  #done = 0;

  constructor(name: string, limitMs: number, clock: Clock, backlog: () => Backlog) {
    this.name = name;
    this.limitMs = limitMs;
    this.#clock = clock;
    this.#backlog = backlog;
    this.#since = clock.monotonic();
    this.#lookedAt = this.#since;
    this.#mark = { at: this.#since, upTo: 0 };
  }

  /** To be called several times within the limit; a look that is late makes the age larger, never smaller. */
  look(): void {
    const { done, waiting } = this.#backlog();
    const now = this.#clock.monotonic();
    const isNew = done < this.#done;
    if (isNew || done >= this.#mark.upTo) {
      this.#since = waiting === 0 ? now : isNew ? this.#lookedAt : this.#mark.at;
      this.#mark = { at: now, upTo: done + waiting };
    }
    this.#done = done;
    this.#lookedAt = now;
  }

  /** Of the oldest item that waits, at most; 0 when none does. */
  get ageMs(): number {
    return this.#backlog().waiting === 0 ? 0 : this.#clock.monotonic() - this.#since;
  }

  view(): LeaseView {
    const { ageMs, name, limitMs } = this;
    return { name, ageMs: Math.round(ageMs), limitMs, ok: ageMs <= limitMs };
  }
}
