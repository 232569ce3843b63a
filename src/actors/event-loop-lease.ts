/**
 * The lease of the main thread's event loop: the longest that it has kept something waiting. While it is
 * blocked nobody can ask, so a block is shown for a while after its end.
 */
import type { Cancel, Clock } from '../clock.ts';
import { Histogram, type HistogramView } from '../domain/histogram.ts';
import type { LeaseView } from '../domain/health-views.ts';

/** The longest that the loop may keep anything waiting, in milliseconds. */
export const EVENT_LOOP_LIMIT_MS = 2000;
/** How long a delay is shown after it has ended. */
export const SHOWN_FOR_MS = 10_000;
const LOOK_EVERY_MS = 100;
/** Seconds. */
const DELAY_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

interface Delay {
  readonly lateMs: number;
  readonly endedAt: number;
}

export class EventLoopLease {
  readonly #clock: Clock;
  /** Those that may yet be the longest shown: each is longer than all after it. */
  readonly #delays: Delay[] = [];
  readonly #all = new Histogram(DELAY_BOUNDS);
  /** When the loop's next turn has to be there. */
  #dueAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#dueAt = clock.monotonic() + LOOK_EVERY_MS;
  }

  /** Begins to measure. */
  start(): Cancel {
    this.#dueAt = this.#clock.monotonic() + LOOK_EVERY_MS;
    return this.#clock.every(LOOK_EVERY_MS, () => this.#turn());
  }

  /** The longest delay of the last ten seconds, the one that lasts included. */
  get ageMs(): number {
    const now = this.#clock.monotonic();
    this.#forget(now);
    return Math.max(0, now - this.#dueAt, this.#delays[0]?.lateMs ?? 0);
  }

  /** Seconds that each turn was late. */
  delays(): HistogramView {
    return this.#all.view();
  }

  view(): LeaseView {
    const { ageMs } = this;
    const limitMs = EVENT_LOOP_LIMIT_MS;
    return { name: 'eventLoop', ageMs: Math.round(ageMs), limitMs, ok: ageMs <= limitMs };
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    const lateMs = Math.max(0, now - this.#dueAt);
    this.#dueAt = now + LOOK_EVERY_MS;
    this.#all.observe(lateMs / 1000);
    while (this.#delays.length > 0 && this.#delays.at(-1)!.lateMs <= lateMs) this.#delays.pop();
    this.#delays.push({ lateMs, endedAt: now });
    this.#forget(now);
  }

  #forget(now: number): void {
    while (this.#delays.length > 0 && now - this.#delays[0]!.endedAt > SHOWN_FOR_MS) this.#delays.shift();
  }
}
