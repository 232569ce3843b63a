/** Writes to a reader that may be slow: says when to hold back, keeps the line alive, cuts one that is stuck. */
import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from '../clock.ts';

/** Bytes; nothing more is pulled for a reader that is this far behind. */
const MAX_BEHIND = 256 * 1024;
const STUCK_MS = 30_000;
const KEEP_ALIVE_MS = 15_000;

export class PacedWriter {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #stopKeepAlive: Cancel;
  readonly #onCut: () => void;
  #cancelCut: Cancel | undefined;
  #resume: (() => void) | undefined;

  /** @param signal aborts when the reader has gone or the server closes @param onCut told when one that is stuck is cut */
  constructor(
    response: ServerResponse,
    clock: Clock,
    keepAlive: string | Buffer,
    signal: AbortSignal,
    onCut: () => void,
  ) {
    this.#response = response;
    this.#onCut = onCut;
    this.#clock = clock;
    this.#signal = signal;
    this.#stopKeepAlive = clock.every(KEEP_ALIVE_MS, () => {
      if (response.writableLength === 0) this.write(keepAlive);
    });
    response.on('drain', () => this.#drained());
    signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  /** Whether all that was written has gone to the system. */
  get keepsUp(): boolean {
    return !this.#signal.aborted && !this.#response.writableNeedDrain;
  }

  write(text: string | Buffer): void {
    if (this.#signal.aborted || text.length === 0) return;
    if (this.#response.write(text) || this.#cancelCut !== undefined) return;
    this.#cancelCut = this.#clock.at(this.#clock.now() + STUCK_MS, () => {
      this.#onCut();
      this.#response.destroy();
    });
  }

  /** What a closing server still has to say, to a reader that is there and keeps up. */
  last(text: string | Buffer): void {
    if (this.#response.writable && this.#response.writableLength <= MAX_BEHIND) this.#response.write(text);
  }

  /** Settles when more may be written; false when nobody reads any more. One caller at a time. */
  async room(): Promise<boolean> {
    if (this.#response.writableLength > MAX_BEHIND && !this.#signal.aborted) {
      await new Promise<void>((resolve) => (this.#resume = resolve));
    }
    return !this.#signal.aborted;
  }

  #drained(): void {
    this.#cancelCut?.();
    this.#cancelCut = undefined;
    this.#resume?.();
    this.#resume = undefined;
  }

  #stop(): void {
    this.#stopKeepAlive();
    this.#drained();
  }
}
