/** How many closed bars each stream has seen, and whether that is enough for orders to pass. */
import type { WireStream } from '../worker/protocol.ts';

export class WarmUp {
  readonly #left = new Map<string, number>();
  /** Streams that have had no bar yet. */
  readonly #untouched: Set<string>;

  constructor(streams: readonly WireStream[]) {
    for (const { key, barMs, warmup } of streams) if (barMs !== undefined && warmup > 0) this.#left.set(key, warmup);
    this.#untouched = new Set(this.#left.keys());
  }

  /** It wants bars of the past and has had none at all. */
  lacksAll(stream: string): boolean {
    return this.#untouched.has(stream);
  }

  /** A bar of that stream has closed. */
  count(stream: string): void {
    this.#untouched.delete(stream);
    const left = this.#left.get(stream);
    if (left === undefined) return;
    if (left > 1) this.#left.set(stream, left - 1);
    else this.#left.delete(stream);
  }

  get complete(): boolean {
    return this.#left.size === 0;
  }
}
