/** What this process holds: memory after a collection, and everything that keeps it alive. */
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of live objects, the larger parts of buffers included. */
export function liveBytes(): number {
  // Finalizers free what the next collection can take.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sockets, servers, threads and timers by kind, the listeners of the process, and open files. */
export function handles(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  for (const event of process.eventNames()) counts[`listeners of ${String(event)}`] = process.listenerCount(event);
  counts.files = readdirSync('/proc/self/fd').length;
  return counts;
}

/** Growth by the step, as the least squares of equally spaced samples say. */
export function slope(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  let above = 0;
  let below = 0;
  for (const [index, sample] of samples.entries()) {
    above += (index - middle) * (sample - mean);
    below += (index - middle) ** 2;
  }
  return above / below;
}
