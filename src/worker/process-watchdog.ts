/**
 * A thread beside the author's code in a strategy's process. That code may spin, block, or take the
 * listeners away: this ends the process all the same once the daemon is gone, and when native code
 * takes more memory than a limit on the heap can see.
 */
import { writeSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { workerData } from 'node:worker_threads';
import { MEMORY_MARK, type ProcessStart } from './process-start.ts';

const LOOK_EVERY_MS = 250;
const STDERR = 2;
const MB = 2 ** 20;

const { parent, memoryMb } = workerData as ProcessStart;

setInterval(() => {
  if (!daemonLives()) end();
  if (process.memoryUsage.rss() < memoryMb * MB) return;
  writeSync(STDERR, `${MEMORY_MARK}\n`);
  end();
}, LOOK_EVERY_MS);

/** An orphan gets another parent; where it does not (Windows), its parent's number is free. */
function daemonLives(): boolean {
  if (process.ppid !== parent) return false;
  try {
    return process.kill(parent, 0);
  } catch {
    return false;
  }
}

/** Not `process.exit`: in a thread that ends the thread alone. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
