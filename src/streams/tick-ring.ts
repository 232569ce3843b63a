/**
 * The last ticks of a strategy, kept in typed arrays: putting one costs some nanoseconds and
 * allocates nothing; a `TickEvent` is made only for a reader.
 */
import type { QktEvent } from '../domain/events.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Lane } from './lane.ts';

/** Numbers of one tick, side by side: seq, order, ts, bid, ask. */
const STRIDE = 5;

export class TickRing implements Lane {
  readonly #strategy: string;
  readonly #capacity: number;
  readonly #numbers: Float64Array;
  readonly #symbols: string[];
  #next = 0;
  #size = 0;
  lostSeq: number;

  constructor(strategy: string, capacity: number, lostSeq: number) {
    this.#strategy = strategy;
    this.#capacity = capacity;
    this.#numbers = new Float64Array(capacity * STRIDE);
    this.#symbols = Array.from({ length: capacity }, () => '');
    this.lostSeq = lostSeq;
  }

  get size(): number {
    return this.#size;
  }

  put(seq: number, order: number, ts: EpochMs, symbol: string, bid: number, ask: number): void {
    const slot = this.#next;
    const base = slot * STRIDE;
    const numbers = this.#numbers;
    if (this.#size === this.#capacity) this.lostSeq = numbers[base]!;
    else this.#size += 1;
    numbers[base] = seq;
    numbers[base + 1] = order;
    numbers[base + 2] = ts;
    numbers[base + 3] = bid;
    numbers[base + 4] = ask;
    this.#symbols[slot] = symbol;
    this.#next = slot + 1 === this.#capacity ? 0 : slot + 1;
  }

  seqAt(index: number): number {
    return this.#numbers[this.#slot(index) * STRIDE]!;
  }

  orderAt(index: number): number {
    return this.#numbers[this.#slot(index) * STRIDE + 1]!;
  }

  eventAt(index: number): QktEvent {
    const slot = this.#slot(index);
    const base = slot * STRIDE;
    const numbers = this.#numbers;
    return {
      seq: numbers[base]!,
      ts: numbers[base + 2]!,
      type: 'tick',
      strategy: this.#strategy,
      symbol: this.#symbols[slot]!,
      bid: numbers[base + 3]!,
      ask: numbers[base + 4]!,
    };
  }

  #slot(index: number): number {
    return (this.#next - this.#size + index + this.#capacity) % this.#capacity;
  }
}
