/** Entry of a strategy's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveGuest } from './guest-serve.ts';
import type { FromGuest } from './protocol.ts';
import { ownThreadId } from './thread-cpu.ts';

if (parentPort === null) throw new Error('guest.ts runs in a worker thread only');
const port = parentPort;
// Read while the author's code hangs: whether this thread is busy then.
Atomics.store((workerData as { readonly threadId: Int32Array }).threadId, 0, ownThreadId());

const send = port.postMessage.bind(port) as (message: FromGuest) => void;
serveGuest({ send, listen: (hear) => port.on('message', hear) }, (stray) => {
  port.postMessage = stray;
});
