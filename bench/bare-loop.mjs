/**
 * What a person would write without qkt: one loop over an array, bars and two averages in plain
 * numbers, one position. It knows nothing of exact money, orders, events or readers. Its trades must
 * be those of `examples/ema-cross.ts`, or the comparison would be of different work.
 */
import { EMA } from 'trading-signals';

const BAR_MS = 60_000;
const WARM_UP_BARS = 21;
const SCALE = 1e5;
const STOP = 0.0015;
const TARGET = 0.003;

/** @returns `run` works through the next ticks and gives the fills and the gain per unit of quantity so far */
export function bareLoop() {
  const fast = new EMA(9);
  const slow = new EMA(21);
  let bars = 0;
  let barEnd = 0;
  let close = 0;
  let above;
  let quote;
  let entry;
  let trades = 0;
  let gain = 0;

  const leave = (price) => {
    gain += price - entry.price;
    entry = undefined;
    trades += 1;
  };
  const onBar = () => {
    bars += 1;
    const f = fast.update(close, false);
    const s = slow.update(close, false);
    if (!slow.isStable) return;
    const was = above;
    above = f > s;
    if (bars < WARM_UP_BARS) return;
    if (was === false && above && entry === undefined) {
      entry = { price: quote.ask, stop: onGrid(quote.ask - STOP), target: onGrid(quote.ask + TARGET) };
      trades += 1;
    } else if (was === true && !above && entry !== undefined) leave(quote.bid);
  };
  const run = (ticks) => {
    for (const tick of ticks) {
      if (tick.ts >= barEnd) {
        if (barEnd > 0) onBar();
        barEnd = Math.floor(tick.ts / BAR_MS) * BAR_MS + BAR_MS;
      }
      close = (Math.round(tick.bid * SCALE) + Math.round(tick.ask * SCALE)) / (2 * SCALE);
      quote = tick;
      if (entry !== undefined && (tick.bid <= entry.stop || tick.bid >= entry.target)) leave(tick.bid);
    }
    return { trades, gain };
  };
  return { run };
}

const onGrid = (price) => Math.round(price * SCALE) / SCALE;
