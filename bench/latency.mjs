/**
 * How late a strategy's order is: from a quote's arrival to the intent at the order desk, and to the
 * fill in the ledger, with nothing else going on and while other strategies are flooded with quotes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrderDesk } from '../dist/streams/order-desk.js';
import { TradeLog } from '../dist/actors/trade-log.js';
import { openHost, replayConfig, withDirectory } from './host.mjs';
import { START, tickSeries } from './market-data.mjs';
import { percentilesOf } from './statistics.mjs';
import { wrap } from './wrap.mjs';

const SAMPLES = 2000;
const WARM_UP = 300;
/** Quotes of another symbol, to each of so many other strategies. */
const FLOOD = { perSecond: 2_000, strategies: 10 };
const FLOOD_EVERY_MS = 2;

/** Asks for an order on every quote. */
const TRADER = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'trader',
  version: 1,
  streams: { eur: { symbol: 'EURUSD' } },
  create: () => ({
    onTick(tick, ctx) {
      if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 1000 });
      else ctx.close('eur');
    },
  }),
});
`;
/** Is called on every quote, and asks for nothing. */
const FLOODED = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'flooded',
  version: 1,
  streams: { gbp: { symbol: 'GBPUSD' } },
  create: () => ({ onTick() {} }),
});
`;

export const latency = {
  title: () =>
    `from the arrival of a quote, ${SAMPLES} quotes; flood: ${FLOOD.strategies} other strategies with ${FLOOD.perSecond * FLOOD.strategies} quotes a second`,
  columns: [
    ['WAY', 'way', 'text'],
    ['TO THE', 'what', 'text'],
    ['P50', 'p50', 'micro'],
    ['P99', 'p99', 'micro'],
    ['P99.9', 'p999', 'micro'],
  ],
  async run({ told }) {
    const rows = [];
    for (const isolation of ['inline', 'worker'])
      for (const flooded of [false, true]) {
        const way = `${isolation}, ${flooded ? 'flood' : 'idle'}`;
        told(way);
        const { intent, fill } = await withDirectory((directory) => sample({ directory, isolation, flooded }));
        rows.push({ way, what: 'intent', ...percentilesOf(intent) }, { way, what: 'fill', ...percentilesOf(fill) });
      }
    return rows;
  },
};

async function sample({ directory, isolation, flooded }) {
  const [trader, other] = [join(directory, 'trader.ts'), join(directory, 'flooded.ts')];
  await writeFile(trader, TRADER);
  await writeFile(other, FLOODED);
  // At a number for its speed a replay waits for no strategy, as a live market does not.
  const config = await replayConfig(directory, { speed: 1_000_000 });
  const symbols = ['EURUSD', 'GBPUSD'];
  const host = await openHost({ directory, file: trader, isolation, config, symbols });
  try {
    for (let n = 0; n < FLOOD.strategies; n++)
      await host.app.daemon.deploy({ file: other, name: `flooded-${n}`, by: 'bench' });
    const begun = performance.now();
    const ts = () => START + Math.floor(performance.now() - begun);
    const stop = flooded ? flood(host, config, ts) : () => {};
    const taken = await tradeOnQuotes(host, tickSeries(config.instruments.get('EURUSD')), ts);
    stop();
    return taken;
  } finally {
    await host.close();
  }
}

/** One quote at a time, the next some time after the last one's fill. */
async function tradeOnQuotes({ hand }, series, ts) {
  const seen = watchOrders();
  const [intent, fill] = [[], []];
  try {
    for (let n = 0; n < SAMPLES + WARM_UP; n++) {
      const [quote] = series.take(1);
      seen.intentAt = undefined;
      const filled = new Promise((resolve) => (seen.filled = resolve));
      const handedAt = performance.now();
      hand([{ ...quote, ts: ts() }]);
      const filledAt = await filled;
      if (n >= WARM_UP) {
        intent.push((seen.intentAt - handedAt) * 1000);
        fill.push((filledAt - handedAt) * 1000);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    seen.restore();
  }
  return { intent, fill };
}

/** Notes when an intent comes to the desk, and when its trade has been booked. */
function watchOrders() {
  const seen = { intentAt: undefined, filled: () => {}, restore: () => {} };
  const restores = [
    wrap(
      OrderDesk.prototype,
      'handle',
      (handle) =>
        function (...args) {
          seen.intentAt ??= performance.now();
          return handle.apply(this, args);
        },
    ),
    wrap(
      TradeLog.prototype,
      'add',
      (add) =>
        function (...args) {
          const added = add.apply(this, args);
          seen.filled(performance.now());
          return added;
        },
    ),
  ];
  seen.restore = () => restores.forEach((restore) => restore());
  return seen;
}

function flood({ hand }, config, ts) {
  const series = tickSeries(config.instruments.get('GBPUSD'));
  const burst = (FLOOD.perSecond * FLOOD_EVERY_MS) / 1000;
  const timer = setInterval(() => {
    const now = ts();
    hand(series.take(burst).map((quote) => ({ ...quote, ts: now })));
  }, FLOOD_EVERY_MS);
  return () => clearInterval(timer);
}
