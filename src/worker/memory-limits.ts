/** How much memory an author's code may use, in a thread and in a process. */
import type { ThreadMemory } from './thread-gauge.ts';

export interface MemoryLimits {
  /** Of the JavaScript heap, in MB. */
  readonly heapMb: number;
  /** In all, buffers and what native code takes included, in MB. */
  readonly allMb: number;
}

export const MB = 2 ** 20;

const HEAP_MB = 256;
/** What is needed besides the heap. */
const BESIDES_HEAP_MB = 512;

export const memoryLimits = (heapMb = HEAP_MB): MemoryLimits => ({ heapMb, allMb: heapMb + BESIDES_HEAP_MB });

/** Which limit is exceeded. */
export type MemoryLimit = 'heap' | 'all';

export function exceeded({ heap, outside }: ThreadMemory, { heapMb, allMb }: MemoryLimits): MemoryLimit | undefined {
  if (heap > heapMb * MB) return 'heap';
  return heap + outside > allMb * MB ? 'all' : undefined;
}

export const memoryText = (limit: MemoryLimit, { heapMb, allMb }: MemoryLimits): string =>
  limit === 'heap'
    ? `the strategy ran out of memory (limit ${heapMb} MB)`
    : `the strategy took more than ${allMb} MB of memory`;
