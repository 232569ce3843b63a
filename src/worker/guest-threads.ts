/**
 * No threads of the author's own in a strategy's thread. Nobody would see the memory of one: where it
 * fills its heap with a single array, V8 ends the whole process.
 */
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

/** Not of the catalogue: what it comes to depends on where it is thrown, while loading or in a callback. */
const REFUSAL = "a strategy in a thread cannot start threads of its own: give it isolation: 'process'";

/** From now on, in this thread. */
export function refuseThreads(): void {
  function Worker(): never {
    throw new Error(REFUSAL);
  }
  Object.assign(workerThreads, { Worker });
  syncBuiltinESMExports();
}
