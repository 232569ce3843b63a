/** How busy a strategy's process is, read from outside: also while it hangs. */
import type { Clock } from '../clock.ts';
import { runnableMs } from './thread-cpu.ts';

export class ProcessLoad {
  readonly #pid: number;
  readonly #clock: Clock;
  readonly #isAsked: () => boolean;
  #before: { readonly at: number; readonly runnable: number | undefined };

  /** @param isAsked whether the process owes an answer */
  constructor(pid: number, clock: Clock, isAsked: () => boolean) {
    this.#pid = pid;
    this.#clock = clock;
    this.#isAsked = isAsked;
    this.#before = this.#look();
  }

  /**
   * Share of the time since the last call that the thread of the author's code had work to do, 0
   * to 1. Only Linux tells it; elsewhere 1 while an answer is due and 0 otherwise, since a loop and a
   * lock look the same there.
   */
  take(): number {
    const { at, runnable } = this.#before;
    const now = this.#look();
    this.#before = now;
    if (now.runnable === undefined || runnable === undefined) return this.#isAsked() ? 1 : 0;
    const share = (now.runnable - runnable) / (now.at - at);
    return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  }

  /** The first thread of a process has the process's number: it runs the author's code. */
  #look(): { readonly at: number; readonly runnable: number | undefined } {
    return { at: this.#clock.monotonic(), runnable: runnableMs(this.#pid, this.#pid) };
  }
}
