/** Entry of a strategy's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { measureMemory } from './guest-memory.ts';
import { serveGuest } from './guest-serve.ts';
import { refuseThreads } from './guest-threads.ts';
import type { MemoryLimits } from './memory-limits.ts';
import type { FromGuest } from './protocol.ts';
import { ownThreadId } from './thread-cpu.ts';
import { ThreadGauge } from './thread-gauge.ts';

/** What the daemon gives a thread along. */
export interface ThreadStart {
  /** Of a {@link ThreadGauge}. */
  readonly shared: Int32Array<SharedArrayBuffer>;
  readonly limits: MemoryLimits;
}

if (parentPort === null) throw new Error('guest.ts runs in a worker thread only');
const port = parentPort;
const { shared, limits } = workerData as ThreadStart;
const gauge = new ThreadGauge(shared);
gauge.threadId = ownThreadId();
measureMemory(gauge, limits);
refuseThreads();

const send = port.postMessage.bind(port) as (message: FromGuest) => void;
serveGuest({ send, listen: (hear) => port.on('message', hear) }, (stray) => {
  port.postMessage = stray;
});
