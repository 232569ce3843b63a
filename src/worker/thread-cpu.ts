/**
 * How busy a strategy's thread is. The event loop's own figure calls a thread that sleeps in
 * `Atomics.wait` busy, since it is inside a callback; the processor time that it has used does not.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/** Length of the kernel's unit of processor time, in milliseconds: `USER_HZ` is 100 on every Linux. */
const UNIT_MS = 10;
/** Of `/proc/…/stat`, counted from the field after the name in brackets. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** The calling thread's number for the kernel; 0 where the system does not tell (only Linux does). */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/**
 * Processor time that a thread has used, in milliseconds; undefined where it cannot be read.
 * @param threadId the thread's number for the kernel; 0 is none @param processId `self` for this process
 */
export function cpuMs(threadId: number, processId: number | 'self' = 'self'): number | undefined {
  if (threadId === 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${processId}/task/${threadId}/stat`, 'latin1');
    // The name may hold blanks and brackets: the last bracket ends it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * UNIT_MS;
  } catch {
    return undefined;
  }
}

/** A worker thread's load, read from outside: also while it hangs. */
export class ThreadLoad {
  readonly #performance: Worker['performance'];
  /** Written by the thread as it starts. */
  readonly #threadId: Int32Array;
  #loop: ReturnType<Worker['performance']['eventLoopUtilization']>;
  #cpuMs: number | undefined;

  constructor(worker: Pick<Worker, 'performance'>, threadId: Int32Array) {
    this.#performance = worker.performance;
    this.#threadId = threadId;
    this.#loop = this.#performance.eventLoopUtilization();
  }

  /** Share of the time since the last call that it was busy, 0 to 1. Without processor times: the event loop's figure. */
  take(): number {
    const loop = this.#performance.eventLoopUtilization();
    const { active, idle, utilization } = this.#performance.eventLoopUtilization(loop, this.#loop);
    const cpu = cpuMs(Atomics.load(this.#threadId, 0));
    const used = cpu === undefined || this.#cpuMs === undefined ? undefined : cpu - this.#cpuMs;
    this.#loop = loop;
    this.#cpuMs = cpu;
    const share = used === undefined ? utilization : used / (active + idle);
    return Number.isFinite(share) ? Math.min(1, share) : 0;
  }
}
