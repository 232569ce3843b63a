/** Entry of a strategy's thread: answers messages, and lets nothing that the author's code does go unseen. */
import { parentPort, workerData } from 'node:worker_threads';
import { GuestRuntime } from './guest-runtime.ts';
import type { FromGuest, ToGuest } from './protocol.ts';
import { ownThreadId } from './thread-cpu.ts';

if (parentPort === null) throw new Error('guest.ts runs in a worker thread only');
const port = parentPort;
const runtime = new GuestRuntime();
// Read while the author's code hangs: whether this thread is busy then.
Atomics.store((workerData as { readonly threadId: Int32Array }).threadId, 0, ownThreadId());
// Deep enough that the author's own line is in it, below the frames of what it called.
Error.stackTraceLimit = 50;

const answer = (message: FromGuest): void => port.postMessage(message);

// What the author prints goes to the strategy's log, never to the daemon's output.
globalThis.console = runtime.log.console;
const stdout = runtime.log.stream('info');
const stderr = runtime.log.stream('error');
process.stdout.write = stdout.write.bind(stdout);
process.stderr.write = stderr.write.bind(stderr);

process.on('uncaughtException', (error) => answer(runtime.background(error)));
process.on('unhandledRejection', (reason) => answer(runtime.background(reason)));

port.on('message', (message: ToGuest) => {
  const reply = runtime.handle(message);
  if (reply instanceof Promise) void reply.then(answer);
  else answer(reply);
});
