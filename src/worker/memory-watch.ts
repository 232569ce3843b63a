/**
 * Sees from outside that the code of a thread takes more memory than it may. V8's own limit is none: where a
 * single allocation goes far beyond it, as that of a growing array, map or set does, V8 ends the whole process. So
 * threads have a limit that is far away, write down what they use, and are ended here.
 *
 * A thread that comes round to that says it itself. Of one whose code has not returned since, only what the
 * process has grown by meanwhile is known: that is its own where it has been busy, and nobody else explains it.
 */
import { exceeded, MB, type MemoryLimit, type MemoryLimits } from './memory-limits.ts';
import type { ThreadGauge } from './thread-gauge.ts';

export interface WatchedThread {
  readonly gauge: ThreadGauge;
  readonly limits: MemoryLimits;
  /** Time that it has run, in milliseconds; undefined where the system does not tell. */
  ran(): number | undefined;
  /** Ends it, for what it has exceeded. */
  end(limit: MemoryLimit): void;
}

/** Between looks, in milliseconds. */
export const LOOK_EVERY_MS = 100;
/** The share of its limit from which on it is asked whether a thread runs: past the limit it is ended at the next look. */
const SUSPECT_AT = 0.25;
/** In which a busy thread has run for so long at least, in milliseconds: of one that only waits nothing grows. */
const BUSY_MS = 20;
/** Where it cannot be told whether a thread runs: after so many looks without a beat it does. */
const LOOKS_WITHOUT_BEAT = 10;

interface Seen {
  beats: number;
  /** Looks since its last beat. */
  looks: number;
  /** What of the process nobody explained at that beat, or has since. */
  base: number;
  /** How long it had run when it could be on the way to too much. */
  suspected?: { readonly ran: number | undefined };
}

export class MemoryWatch {
  readonly #processBytes: () => number | undefined;
  readonly #threads = new Map<WatchedThread, Seen>();

  /** @param processBytes memory of the process without the daemon's own heap; undefined while it cannot be told */
  constructor(processBytes: () => number | undefined) {
    this.#processBytes = processBytes;
  }

  get isEmpty(): boolean {
    return this.#threads.size === 0;
  }

  add(thread: WatchedThread): void {
    this.#threads.set(thread, { beats: 0, looks: 0, base: Infinity });
  }

  remove(thread: WatchedThread): void {
    this.#threads.delete(thread);
  }

  look(): void {
    const unexplained = this.#unexplained();
    const guilty: WatchedThread[] = [];
    for (const [thread, seen] of this.#threads) {
      const limit = exceeded(thread.gauge.memory, thread.limits);
      if (limit !== undefined) this.#end(thread, limit);
      else if (unexplained !== undefined && isTooMuch(thread, seen, unexplained)) guilty.push(thread);
    }
    // One whose code had hung before did not grow: the latest is the one, and the others are judged anew.
    const latest = guilty.toSorted((a, b) => this.#threads.get(a)!.looks - this.#threads.get(b)!.looks)[0];
    if (latest === undefined) return;
    this.#end(latest, 'all');
    for (const seen of this.#threads.values()) seen.base = Infinity;
  }

  #unexplained(): number | undefined {
    let bytes = this.#processBytes();
    if (bytes === undefined) return undefined;
    for (const { gauge } of this.#threads.keys()) bytes -= gauge.memory.held + gauge.memory.outside;
    return bytes;
  }

  #end(thread: WatchedThread, limit: MemoryLimit): void {
    this.#threads.delete(thread);
    thread.end(limit);
  }
}

function follow(seen: Seen, beats: number, unexplained: number): void {
  if (beats === seen.beats) {
    seen.looks += 1;
    seen.base = Math.min(seen.base, unexplained);
    return;
  }
  seen.beats = beats;
  seen.looks = 0;
  seen.base = unexplained;
  delete seen.suspected;
}

function isTooMuch(thread: WatchedThread, seen: Seen, unexplained: number): boolean {
  const { gauge, limits } = thread;
  follow(seen, gauge.beats, unexplained);
  // Before its first beat it is the daemon that starts it.
  if (seen.beats === 0) return false;
  const bytes = gauge.memory.held + gauge.memory.outside + unexplained - seen.base;
  const limit = limits.allMb * MB;
  if (bytes <= limit * SUSPECT_AT) return false;
  return isBusy(thread, seen) && bytes > limit;
}

/** Has it run since it was suspected? */
function isBusy(thread: WatchedThread, seen: Seen): boolean {
  const ran = thread.ran();
  const since = seen.suspected;
  if (since === undefined) {
    seen.suspected = { ran };
    return false;
  }
  return ran === undefined || since.ran === undefined ? seen.looks >= LOOKS_WITHOUT_BEAT : ran - since.ran >= BUSY_MS;
}
