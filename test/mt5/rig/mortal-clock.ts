/** The clock of one life: what a process had planned dies with it, time goes on. */
import type { Cancel, Clock, VirtualClock, XStateClock } from '../../../src/clock.ts';

export class MortalClock implements Clock {
  readonly scheduler: Clock['scheduler'];
  readonly xstate: XStateClock;
  readonly #clock: VirtualClock;
  readonly #planned = new Set<Cancel>();
  #over = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.scheduler = clock.scheduler;
    this.xstate = {
      setTimeout: (fn, delayMs) => this.at(this.now() + delayMs, fn),
      clearTimeout: (cancel) => (cancel as Cancel | undefined)?.(),
    };
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  at(time: number, run: () => void): Cancel {
    if (this.#over) return () => undefined;
    const cancel = this.#clock.at(time, () => {
      this.#planned.delete(cancel);
      run();
    });
    return this.#plan(cancel);
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#over ? () => undefined : this.#plan(this.#clock.every(periodMs, run));
  }

  /** Nothing of what was planned is run. */
  die(): void {
    this.#over = true;
    for (const cancel of this.#planned) cancel();
    this.#planned.clear();
  }

  #plan(cancel: Cancel): Cancel {
    this.#planned.add(cancel);
    return () => {
      this.#planned.delete(cancel);
      cancel();
    };
  }
}
