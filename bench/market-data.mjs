/** Quotes made beforehand and held in memory, so that no benchmark measures a CSV parser. */
import { EMPTY } from 'rxjs';
import { defaultStartPrice, syntheticTicks } from '../dist/venues/synthetic.js';
import { noDrops } from '../dist/streams/quote-faults.js';

const SEED = 1;
/** A Wednesday: the markets of the instruments are open. */
export const START = Date.parse('2024-01-10T00:00:00Z');
/** Like those of a file: some thousand ticks at a time. */
const BATCH = 4096;

/** The seeded synthetic market of one instrument: `take(count)` gives the next quotes of its series. */
export function tickSeries(instrument) {
  const symbols = [{ instrument, startPrice: defaultStartPrice(instrument.symbol) }];
  const series = syntheticTicks({ seed: SEED, start: START, symbols });
  return { take: (count) => Array.from({ length: count }, () => series.next().value) };
}

/** A `ReplaySource` over ticks in memory; it can be read once, as one of a file. */
export function memorySource(ticks) {
  const { source, hand, end } = handedSource([ticks[0].symbol], ticks[0].ts);
  hand(ticks);
  end();
  return source;
}

/**
 * A `ReplaySource` whose quotes are handed over while it runs, as a live feed has them.
 * @returns `hand` gives it the next quotes; `worked` settles when all of them have been worked through,
 *   by the strategies that a replay waits for as well; `end` lets it end after them
 */
export function handedSource(symbols, firstTs) {
  const waiting = [];
  const state = { ended: false, wake: () => {} };
  let [workedThrough, resolveWorked] = deferred();
  const source = {
    layout: 'quotes',
    barMs: undefined,
    firstTs,
    symbols,
    counts: noDrops(),
    faults$: EMPTY,
    progress: () => 0,
    close: async () => {},
    async *batches() {
      for (;;) {
        while (waiting.length > 0) {
          const ticks = waiting.shift();
          for (let next = 0; next < ticks.length; next += BATCH) yield ticks.slice(next, next + BATCH);
        }
        // Asked for more, it has no more: what was handed over has been worked through.
        resolveWorked();
        if (state.ended) return;
        await new Promise((resolve) => (state.wake = resolve));
      }
    },
  };
  const hand = (ticks) => {
    [workedThrough, resolveWorked] = deferred();
    waiting.push(ticks);
    state.wake();
  };
  const end = () => {
    state.ended = true;
    state.wake();
  };
  return { source, hand, end, worked: () => workedThrough };
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return [promise, resolve];
}
