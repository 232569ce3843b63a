/**
 * How busy a strategy's thread is. The event loop's own figure calls a thread that sleeps in
 * `Atomics.wait` busy, since it is inside a callback; the time that the kernel has it running does not.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { ThreadGauge } from './thread-gauge.ts';

const NS_PER_MS = 1e6;

/** The calling thread's number for the kernel; 0 where the system does not tell (only Linux does). */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/**
 * Time that a thread has run or has waited for a processor, in milliseconds: one that spins among many
 * is busy as well. Undefined where it cannot be read.
 * @param threadId the thread's number for the kernel; 0 is none @param processId `self` for this process
 */
export function runnableMs(threadId: number, processId: number | 'self' = 'self'): number | undefined {
  const times = schedulerTimes(threadId, processId);
  return times && times.ranMs + times.waitedMs;
}

/** Time that a thread of this process has run, in milliseconds. Undefined where it cannot be read. @param threadId as in {@link runnableMs} */
export const ranMs = (threadId: number): number | undefined => schedulerTimes(threadId, 'self')?.ranMs;

interface SchedulerTimes {
  readonly ranMs: number;
  /** For a processor. */
  readonly waitedMs: number;
}

function schedulerTimes(threadId: number, processId: number | 'self'): SchedulerTimes | undefined {
  if (threadId === 0) return undefined;
  try {
    const [ran, waited] = readFileSync(`/proc/${processId}/task/${threadId}/schedstat`, 'latin1')
      .split(' ')
      .map(Number);
    // A kernel that does not keep these figures says 0.
    return ran === 0 ? undefined : { ranMs: ran! / NS_PER_MS, waitedMs: waited! / NS_PER_MS };
  } catch {
    return undefined;
  }
}

/** A worker thread's load, read from outside: also while it hangs. */
export class ThreadLoad {
  readonly #performance: Worker['performance'];
  readonly #gauge: Pick<ThreadGauge, 'threadId'>;
  #loop: ReturnType<Worker['performance']['eventLoopUtilization']>;
  #runnableMs: number | undefined;

  constructor(worker: Pick<Worker, 'performance'>, gauge: Pick<ThreadGauge, 'threadId'>) {
    this.#performance = worker.performance;
    this.#gauge = gauge;
    this.#loop = this.#performance.eventLoopUtilization();
  }

  /** Share of the time since the last call that it was busy, 0 to 1. Without the kernel's figure: the event loop's. */
  take(): number {
    const loop = this.#performance.eventLoopUtilization();
    const { active, idle, utilization } = this.#performance.eventLoopUtilization(loop, this.#loop);
    const runnable = runnableMs(this.#gauge.threadId);
    const busy = runnable === undefined || this.#runnableMs === undefined ? undefined : runnable - this.#runnableMs;
    this.#loop = loop;
    this.#runnableMs = runnable;
    const share = busy === undefined ? utilization : busy / (active + idle);
    return Number.isFinite(share) ? Math.min(1, share) : 0;
  }
}
