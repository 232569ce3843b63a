/**
 * Leases: obligations with a deadline, kept outside the code that they watch and renewed by
 * finished work. Ages are monotonic, so that a clock that jumps breaks none.
 */
import type { Clock } from '../clock.ts';
import type { LeaseView } from '../domain/health-views.ts';

/** The longest that a tick loop may go without finishing a turn, in milliseconds. */
export const TICK_LOOP_LIMIT_MS = 1500;
export const GATEWAY_LIMIT_MS = 15_000;
/** The longest that a turn may wait for the disk. */
export const JOURNAL_LIMIT_MS = 5_000;
/** The longest that an item may wait for the author's code. */
export const INBOX_LIMIT_MS = 5_000;
/** The longest that a small write to the state directory may be ago. */
export const DISK_LIMIT_MS = 10_000;

export class Lease {
  readonly name: string;
  readonly limitMs: number;
  readonly #clock: Clock;
  #renewedAt: number;
  #reason: string | undefined;

  constructor(name: string, limitMs: number, clock: Clock) {
    this.name = name;
    this.limitMs = limitMs;
    this.#clock = clock;
    this.#renewedAt = clock.monotonic();
  }

  /** A piece of the work that it stands for is finished. */
  renew(): void {
    this.#renewedAt = this.#clock.monotonic();
    this.#reason = undefined;
  }

  /** The work has failed: broken at once, until the next piece is finished. */
  fail(reason: string): void {
    this.#reason = reason;
  }

  get ageMs(): number {
    return this.#clock.monotonic() - this.#renewedAt;
  }

  get ok(): boolean {
    return this.#reason === undefined && this.ageMs <= this.limitMs;
  }

  view(): LeaseView {
    return {
      name: this.name,
      ageMs: Math.round(this.ageMs),
      limitMs: this.limitMs,
      ok: this.ok,
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }
}
