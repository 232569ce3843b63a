/**
 * The clock port: the only place that reads time. A clock is the machine's or
 * virtual; XState's delays and RxJS's time operators run on the same one. A daemon has one wall
 * clock for supervision; each market has a clock for engine time, which in live trading is the wall
 * clock and in a replay follows the data.
 */
import { asyncScheduler, VirtualAction, VirtualTimeScheduler, type SchedulerLike } from 'rxjs';
import type { EpochMs } from './domain/time.ts';

export type Cancel = () => void;

/** XState's own clock interface. */
export interface XStateClock {
  setTimeout(fn: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

export interface Clock {
  now(): EpochMs;
  /** Milliseconds that never jump, for durations and ages; the origin means nothing. */
  monotonic(): number;
  /**
   * Runs once at that time, or as soon as possible when it is past; on a machine whose clock is set or that sleeps
   * meanwhile, within a minute.
   */
  at(time: EpochMs, run: () => void): Cancel;
  /** Runs every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Cancel;
  readonly xstate: XStateClock;
  readonly scheduler: SchedulerLike;
}

/** Node's timers fire at once beyond this. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
/** The machine's clock may be set, and Node's timers stand still while it sleeps: so often what is left is looked up. */
const LOOK_EVERY_MS = 60_000;

/** The machine's time. */
export class WallClock implements Clock {
  readonly scheduler: SchedulerLike = asyncScheduler;
  /** Delays are durations: they last as long as they do, whatever the machine's clock is set to. */
  readonly xstate: XStateClock = {
    setTimeout: (fn, delayMs) => {
      const due = this.monotonic() + delayMs;
      return inLegs(() => due - this.monotonic(), LONGEST_TIMEOUT, fn);
    },
    clearTimeout: (cancel) => (cancel as Cancel | undefined)?.(),
  };

  now(): EpochMs {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  at(time: EpochMs, run: () => void): Cancel {
    return inLegs(() => time - this.now(), LOOK_EVERY_MS, run);
  }

  every(periodMs: number, run: () => void): Cancel {
    const handle = setInterval(run, periodMs);
    return () => clearInterval(handle);
  }
}

/** A wait of `left` milliseconds, which are asked for again after each `leg` of it. */
function inLegs(left: () => number, leg: number, run: () => void): Cancel {
  let handle: NodeJS.Timeout | undefined;
  const arm = (wait: number): void => {
    handle = wait > leg ? setTimeout(again, leg) : setTimeout(run, Math.max(0, wait));
  };
  const again = (): void => {
    const wait = left();
    if (wait > 0) arm(wait);
    else run();
  };
  arm(left());
  return () => clearTimeout(handle);
}

/** Time that stands still until it is advanced. Timers cascade: one that a timer sets is run in the same advance. */
export class VirtualClock implements Clock {
  readonly #scheduler = new VirtualTimeScheduler(VirtualAction);
  readonly scheduler: SchedulerLike = this.#scheduler;
  readonly xstate: XStateClock;

  constructor(start: EpochMs = 0) {
    this.#scheduler.frame = start;
    this.xstate = {
      setTimeout: (fn, delayMs) => this.at(this.now() + delayMs, fn),
      clearTimeout: (cancel) => (cancel as Cancel | undefined)?.(),
    };
  }

  now(): EpochMs {
    return this.#scheduler.frame;
  }

  monotonic(): number {
    return this.#scheduler.frame;
  }

  at(time: EpochMs, run: () => void): Cancel {
    const action = this.#scheduler.schedule(run, Math.max(0, time - this.now()));
    return () => action.unsubscribe();
  }

  every(periodMs: number, run: () => void): Cancel {
    let cancelled = false;
    let cancel: Cancel;
    const arm = (): void => {
      cancel = this.at(this.now() + periodMs, () => {
        run();
        if (!cancelled) arm();
      });
    };
    arm();
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** When the next timer is due; `Infinity` when there is none. */
  nextDue(): EpochMs {
    const { actions } = this.#scheduler;
    while (actions.length > 0 && actions[0]!.closed) actions.shift();
    return actions[0]?.delay ?? Infinity;
  }

  /** Runs the one timer that is due next and sets the time to it. */
  runNext(): void {
    if (this.nextDue() === Infinity) return;
    const action = this.#scheduler.actions.shift()!;
    this.#scheduler.frame = Math.max(this.#scheduler.frame, action.delay);
    const error: unknown = action.execute(action.state, action.delay);
    if (error !== undefined) throw asError(error);
  }

  /** Runs everything due up to `time`, in order, and sets the time to it. */
  advanceTo(time: EpochMs): void {
    while (this.nextDue() <= time) this.runNext();
    this.setNow(time);
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.now() + ms);
  }

  /** Moves the time without running anything: only for a caller that has looked at {@link nextDue}. */
  setNow(time: EpochMs): void {
    if (time > this.#scheduler.frame) this.#scheduler.frame = time;
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
