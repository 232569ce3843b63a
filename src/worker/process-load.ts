/** How busy a strategy's process is, read from outside: also while it hangs. */
import type { Clock } from '../clock.ts';
import { cpuMs } from './thread-cpu.ts';

export class ProcessLoad {
  readonly #pid: number;
  readonly #clock: Clock;
  readonly #isAsked: () => boolean;
  #before: { readonly at: number; readonly cpu: number | undefined };

  /** @param isAsked whether the process owes an answer */
  constructor(pid: number, clock: Clock, isAsked: () => boolean) {
    this.#pid = pid;
    this.#clock = clock;
    this.#isAsked = isAsked;
    this.#before = this.#look();
  }

  /**
   * Share of the time since the last call that the thread of the author's code had the processor, 0
   * to 1. Only Linux tells it; elsewhere 1 while an answer is due and 0 otherwise, since a loop and a
   * lock look the same there.
   */
  take(): number {
    const { at, cpu } = this.#before;
    const now = this.#look();
    this.#before = now;
    if (now.cpu === undefined || cpu === undefined) return this.#isAsked() ? 1 : 0;
    const share = (now.cpu - cpu) / (now.at - at);
    return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  }

  /** The first thread of a process has the process's number: it runs the author's code. */
  #look(): { readonly at: number; readonly cpu: number | undefined } {
    return { at: this.#clock.monotonic(), cpu: cpuMs(this.#pid, this.#pid) };
  }
}
