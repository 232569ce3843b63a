/** The figures of this process under the names that every Prometheus client gives them. Linux tells them all; what is not told is left out. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessMetrics } from '../domain/metrics.ts';
import type { EpochMs } from '../domain/time.ts';

/** @param startedAt of the process */
export function processFigures(startedAt: EpochMs): ProcessMetrics {
  const { user, system } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  const status = read('/proc/self/status');
  const virtualKb = fieldOf(status, /^VmSize:\s+(\d+) kB/m);
  return {
    process_cpu_user_seconds_total: user / 1e6,
    process_cpu_system_seconds_total: system / 1e6,
    process_cpu_seconds_total: (user + system) / 1e6,
    process_start_time_seconds: startedAt / 1000,
    process_resident_memory_bytes: rss,
    process_virtual_memory_bytes: virtualKb === undefined ? undefined : virtualKb * 1024,
    process_heap_bytes: heapUsed,
    process_open_fds: openFiles(),
    process_max_fds: fieldOf(read('/proc/self/limits'), /^Max open files\s+(\d+)/m),
    process_threads: fieldOf(status, /^Threads:\s+(\d+)/m),
  };
}

function fieldOf(text: string | undefined, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Without the one that is opened to count them. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}
