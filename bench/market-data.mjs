/** Quotes made beforehand and held in memory, so that no benchmark measures a CSV parser. */
import { EMPTY } from 'rxjs';
import { defaultStartPrice, syntheticTicks } from '../dist/venues/synthetic.js';
import { noDrops } from '../dist/streams/quote-faults.js';

const SEED = 1;
const START = Date.parse('2024-01-10T00:00:00Z');
/** Like those of a file: some thousand ticks at a time. */
const BATCH = 4096;

/** The first `count` quotes of the seeded synthetic market of one instrument. */
export function makeTicks(instrument, count) {
  const symbols = [{ instrument, startPrice: defaultStartPrice(instrument.symbol) }];
  const series = syntheticTicks({ seed: SEED, start: START, symbols });
  return Array.from({ length: count }, () => series.next().value);
}

/** A `ReplaySource` over ticks in memory; it can be read once, as one of a file. */
export function memorySource(ticks) {
  let next = 0;
  return {
    layout: 'quotes',
    barMs: undefined,
    firstTs: ticks[0].ts,
    symbols: [ticks[0].symbol],
    counts: noDrops(),
    faults$: EMPTY,
    progress: () => next / ticks.length,
    close: async () => {},
    async *batches() {
      for (; next < ticks.length; next += BATCH) yield ticks.slice(next, next + BATCH);
    },
  };
}

/** A `ReplaySource` whose quotes are handed over one at a time, as a live feed has them. */
export function handedSource(symbol, firstTs) {
  const waiting = [];
  let wake = () => {};
  const state = { ended: false };
  const hand = (tick) => {
    waiting.push(tick);
    wake();
  };
  const source = {
    layout: 'quotes',
    barMs: undefined,
    firstTs,
    symbols: [symbol],
    counts: noDrops(),
    faults$: EMPTY,
    progress: () => 0,
    close: async () => {},
    async *batches() {
      while (!state.ended) {
        if (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
        if (waiting.length > 0) yield waiting.splice(0);
      }
    },
  };
  const end = () => {
    state.ended = true;
    wake();
  };
  return { source, hand, end };
}
