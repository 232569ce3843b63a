/** A market that is handed its quotes some thousand at a time, and says when all of them have been worked through. */
import { EMPTY } from 'rxjs';
import type { Instrument, Tick } from '../../src/domain/market.ts';
import { noDrops } from '../../src/streams/quote-faults.ts';
import type { ReplaySource } from '../../src/venues/replay-file.ts';
import { defaultStartPrice, syntheticTicks } from '../../src/venues/synthetic.ts';

/** A Wednesday: markets are open. */
const START = Date.parse('2024-01-10T00:00:00Z');
const BATCH = 4096;

export class FedMarket {
  readonly source: ReplaySource;
  readonly #ticks: Iterator<Tick>;
  #left = 0;
  #ended = false;
  #asked = deferred();
  #worked = deferred();

  constructor(instrument: Instrument, seed: number) {
    const startPrice = defaultStartPrice(instrument.symbol);
    this.#ticks = syntheticTicks({ seed, start: START, symbols: [{ instrument, startPrice }] });
    this.source = {
      layout: 'quotes',
      barMs: undefined,
      firstTs: START,
      symbols: [instrument.symbol],
      counts: noDrops(),
      faults$: EMPTY,
      progress: () => 0,
      close: () => Promise.resolve(),
      batches: () => this.#batches(),
    };
  }

  /** Hands over the next quotes; settles when they have been worked through, by strategies in threads as well. */
  async feed(count: number): Promise<void> {
    this.#left = count;
    this.#worked = deferred();
    this.#asked.resolve();
    await this.#worked.promise;
  }

  end(): void {
    this.#ended = true;
    this.#asked.resolve();
  }

  async *#batches(): AsyncGenerator<readonly Tick[]> {
    // One and the same, emptied in the end: what is measured between two feeds holds no quotes.
    const batch: Tick[] = [];
    for (;;) {
      while (this.#left > 0) {
        batch.length = Math.min(BATCH, this.#left);
        for (let next = 0; next < batch.length; next++) batch[next] = this.#ticks.next().value as Tick;
        this.#left -= batch.length;
        yield batch;
      }
      batch.length = 0;
      // Asked for more, it has no more: what was handed over has been worked through.
      this.#worked.resolve();
      if (this.#ended) return;
      this.#asked = deferred();
      await this.#asked.promise;
    }
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
