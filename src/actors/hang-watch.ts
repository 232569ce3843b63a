/**
 * Looks from outside whether a strategy's code still answers. It counts the time that the main
 * thread has really run: while the process is stopped, or the main thread is held up, the author's
 * answer could not be taken in, so that time is nobody's hang.
 */
import type { Clock } from '../clock.ts';
import type { Hang } from './strategy-events.ts';

export const LOOK_EVERY_MS = 100;
/** A longer pause between two looks is one in which the main thread did not run: it counts as a single look. */
const LONGEST_LOOK_MS = 500;
/** A thread that hangs and uses less than this share of a processor is asleep, not spinning. */
const BUSY_SHARE = 0.05;

/** The code that is watched. */
export interface WatchedGuest {
  /** Defined while a turn is under way. */
  settled(): Promise<void> | undefined;
  /** Share of the time since the last call that its thread was busy, 0 to 1. */
  utilization(): number;
}

export class HangWatch {
  readonly limitMs: number;
  readonly #clock: Clock;
  #lookedAt: number;
  /** Time of the main thread since the turn under way was first seen. */
  #stuckMs = 0;
  #turnEnded = false;
  #isLoadTaken = false;

  /** @param limitMs how long a turn may last */
  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.limitMs = limitMs;
    this.#lookedAt = clock.monotonic();
  }

  /** A turn has ended, or another guest has come: what is under way now has just begun. */
  turnEnded(): void {
    this.#turnEnded = true;
  }

  /** To be called every {@link LOOK_EVERY_MS}. Gives how the guest hangs, and for how long, once that is clear. */
  look(guest: WatchedGuest): (Hang & { readonly ms: number }) | undefined {
    const sinceLook = this.#sinceLook();
    if (this.#turnEnded || guest.settled() === undefined) return this.#forget();
    this.#stuckMs += sinceLook;
    // The first half may have been work: the second tells what it does instead of answering.
    if (!this.#isLoadTaken && this.#stuckMs >= this.limitMs / 2) {
      this.#isLoadTaken = true;
      guest.utilization();
    }
    if (this.#stuckMs < this.limitMs) return undefined;
    const busy = guest.utilization();
    const ms = Math.round(this.#stuckMs);
    const detail = `no turn finished for ${ms} ms, thread ${Math.round(busy * 100)} % busy`;
    return { cause: busy < BUSY_SHARE ? 'idle' : 'spinning', detail, ms };
  }

  #sinceLook(): number {
    const now = this.#clock.monotonic();
    const gap = now - this.#lookedAt;
    this.#lookedAt = now;
    return gap > LONGEST_LOOK_MS ? LOOK_EVERY_MS : gap;
  }

  #forget(): undefined {
    this.#stuckMs = 0;
    this.#turnEnded = false;
    this.#isLoadTaken = false;
  }
}
