/** What a strategy's process prints by itself: the author's own lines come as log lines, so this is native code, or its last words. */
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../clock.ts';

/** Bytes in a second that are a flood: reading more would take the daemon's time. */
const MAX_BYTES_PER_SECOND = 8 * 2 ** 20;
const SECOND_MS = 1_000;
/** Characters kept of the end: V8 says on standard error what it died of. */
const KEPT = 16_000;

export class ProcessOutput {
  readonly #clock: Clock;
  readonly #flooded: (bytes: number) => void;
  #second = { from: -Infinity, bytes: 0 };
  #last = '';

  constructor(child: ChildProcess, clock: Clock, flooded: (bytes: number) => void) {
    this.#clock = clock;
    this.#flooded = flooded;
    child.stdout?.on('data', (chunk: Buffer) => this.#count(chunk.length));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#count(chunk.length);
      this.#last = `${this.#last}${chunk.toString()}`.slice(-KEPT);
    });
  }

  /** The last of standard error. */
  get last(): string {
    return this.#last;
  }

  #count(bytes: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#second.from >= SECOND_MS) this.#second = { from: now, bytes: 0 };
    this.#second.bytes += bytes;
    if (this.#second.bytes > MAX_BYTES_PER_SECOND) this.#flooded(MAX_BYTES_PER_SECOND);
  }
}
