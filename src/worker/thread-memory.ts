/** Watches the memory of all strategies' threads of this process, as long as there are any. */
import { readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { getHeapStatistics } from 'node:v8';
import { LOOK_EVERY_MS, MemoryWatch, type WatchedThread } from './memory-watch.ts';

const KB = 2 ** 10;
const ANONYMOUS = /^RssAnon:\s*(\d+) kB$/m;

const watch = new MemoryWatch(() => {
  const bytes = processBytes();
  return bytes === undefined ? undefined : bytes - ownBytes();
});
let timer: NodeJS.Timeout | undefined;

/** @returns ends the watch */
export function watchMemory(thread: WatchedThread): () => void {
  watch.add(thread);
  timer ??= setInterval(() => watch.look(), LOOK_EVERY_MS).unref();
  return () => {
    watch.remove(thread);
    if (!watch.isEmpty) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * Resident memory; without the pages of files where the system tells them apart: the journal is one that is mapped.
 * Undefined while the system does not tell, as when the process has no file descriptor left.
 */
function processBytes(): number | undefined {
  try {
    const kb = ANONYMOUS.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kb !== undefined) return Number(kb) * KB;
  } catch {
    // Only Linux has it.
  }
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

/** What the daemon's own thread has. */
function ownBytes(): number {
  const { total_physical_size: held, external_memory: outside } = getHeapStatistics();
  return held + outside;
}
