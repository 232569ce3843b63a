/** How many closed bars each stream has seen, and whether that is enough for orders to pass. */
import type { WireStream } from '../worker/protocol.ts';

export class WarmUp {
  readonly #left = new Map<string, number>();

  constructor(streams: readonly WireStream[]) {
    for (const { key, barMs, warmup } of streams) if (barMs !== undefined && warmup > 0) this.#left.set(key, warmup);
  }

  /** A bar of that stream has closed. */
  count(stream: string): void {
    const left = this.#left.get(stream);
    if (left === undefined) return;
    if (left > 1) this.#left.set(stream, left - 1);
    else this.#left.delete(stream);
  }

  get complete(): boolean {
    return this.#left.size === 0;
  }
}
