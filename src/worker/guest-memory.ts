/** A strategy's thread measures its memory whenever its code lets it: a leak is seen long before V8's own limit. */
import { setInterval } from 'node:timers';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exceeded, type MemoryLimits } from './memory-limits.ts';
import type { ThreadGauge, ThreadMemory } from './thread-gauge.ts';

const EVERY_MS = 250;

export function measureMemory(gauge: ThreadGauge, limits: MemoryLimits): void {
  let collect: (() => void) | undefined;
  const beat = (): void => {
    let memory = ownMemory();
    if (exceeded(memory, limits) !== undefined) {
      // Only what is still there after a collection is in use.
      collect ??= garbageCollector();
      // Without one it is judged at the next beat.
      if (collect === undefined) return;
      collect();
      memory = ownMemory();
    }
    gauge.beat(memory);
  };
  beat();
  setInterval(beat, EVERY_MS).unref();
}

function ownMemory(): ThreadMemory {
  const { used_heap_size: heap, total_physical_size: held, external_memory: outside } = getHeapStatistics();
  return { heap, held, outside };
}

/** Undefined where another thread has put the flag, which is the process's, back meanwhile. */
function garbageCollector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('globalThis.gc') as (() => void) | undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
