/**
 * The lease of the time of day: broken for a while after it has jumped, be it that somebody has set the
 * clock or that the machine has slept. Durations do not depend on it; bars, sessions and records do.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { LeaseView } from '../domain/health-views.ts';

/** What the time of day may gain or lose from one look to the next, in milliseconds. */
const CLOCK_LIMIT_MS = 1_000;
/** How long a jump is shown. */
const SHOWN_FOR_MS = 10_000;
const LOOK_EVERY_MS = 250;

export class ClockLease {
  readonly #clock: Clock;
  /** Between the time of day and the time that never jumps, at the last look: slow corrections are followed. */
  #offsetMs: number;
  #jump: { readonly byMs: number; readonly at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonic();
  }

  /** Begins to look. */
  start(): Cancel {
    return this.#clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  view(): LeaseView {
    this.#look();
    const byMs = this.#jump?.byMs ?? 0;
    const view = { name: 'clock', ageMs: Math.abs(byMs), limitMs: CLOCK_LIMIT_MS, ok: byMs === 0 };
    return byMs === 0 ? view : { ...view, reason: `the time of day has jumped by ${byMs} ms` };
  }

  #look(): void {
    const at = this.#clock.monotonic();
    const offsetMs = this.#clock.now() - at;
    const byMs = Math.round(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
    if (Math.abs(byMs) > CLOCK_LIMIT_MS) this.#jump = { byMs, at };
    else if (this.#jump !== undefined && at - this.#jump.at > SHOWN_FOR_MS) this.#jump = undefined;
  }
}
