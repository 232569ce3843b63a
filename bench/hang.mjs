/**
 * How soon a strategy whose code hangs is seen, and how much later others get their ticks during that
 * time. Some strategies hang at once, in their own threads: a spin takes a processor, a dead-lock none.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrderDesk } from '../dist/streams/order-desk.js';
import { openHost, replayConfig, withDirectory } from './host.mjs';
import { START, tickSeries } from './market-data.mjs';
import { percentilesOf } from './statistics.mjs';
import { wrap } from './wrap.mjs';

const ROUNDS = 25;
/** In each round. */
const HUNG = { spinning: 1, idle: 4 };
const HANG_MS = 2300;
const CALM_MS = 700;
const TICK_EVERY_MS = 2;
/** Late looks are not the daemon's: this is how exact a detection is measured. */
const LOOK_MS = 5;

const HANGING = {
  spinning: `const until = Date.now() + ${HANG_MS}; while (Date.now() < until);`,
  idle: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${HANG_MS});`,
};
const hanging = (how) => `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${how}',
  version: 1,
  onHang: 'hold',
  streams: { gbp: { symbol: 'GBPUSD' } },
  create: () => ({ onTick() { ${HANGING[how]} } }),
});
`;
/** Buys and closes on every quote. */
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

export const hang = {
  title: () =>
    `hangs of ${HANG_MS} ms, ${HUNG.spinning + HUNG.idle} strategies at once of which ${HUNG.spinning} spins; a healthy one gets a quote every ${TICK_EVERY_MS} ms`,
  columns: [
    ['WHAT', 'what', 'text'],
    ['SAMPLES', 'samples', 'whole'],
    ['P50', 'p50', 'milli'],
    ['P99', 'p99', 'milli'],
    ['MOST', 'most', 'milli'],
  ],
  async run({ told }) {
    const { seen, falseOk, calm, during } = await withDirectory((directory) => measure(directory, told));
    if (falseOk > 0) throw new Error(`/health said ok of ${falseOk} strategies that were known to hang`);
    const rows = Object.entries({
      'a spin is seen': seen.spinning,
      'a dead-lock is seen': seen.idle,
      "a healthy strategy's quote to its order, calm": calm,
      "a healthy strategy's quote to its order, during the hangs": during,
    });
    return rows.map(([what, taken]) => ({ what, ...percentilesOf(taken), most: Math.max(...taken) }));
  },
};

async function measure(directory, told) {
  const files = {};
  for (const [name, text] of Object.entries({ trader: TRADER, spinning: hanging('spinning'), idle: hanging('idle') }))
    await writeFile((files[name] = join(directory, `${name}.ts`)), text);
  const config = await replayConfig(directory, { speed: 1_000_000 });
  const host = await openHost({ directory, file: files.trader, config, symbols: ['EURUSD', 'GBPUSD'] });
  const { daemon } = host.app;
  try {
    const hung = Object.entries(HUNG).flatMap(([how, count]) =>
      Array.from({ length: count }, (_, index) => ({ how, name: `${how}-${index}` })),
    );
    for (const { how, name } of hung) await daemon.deploy({ file: files[how], name, by: 'bench' });
    const strategies = hung.map(({ how, name }) => ({ how, strategy: daemon.strategy(name) }));
    return await hangAgainAndAgain({ ...host, config, strategies, told });
  } finally {
    await host.close();
  }
}

async function hangAgainAndAgain({ hand, config, strategies, told }) {
  const begun = performance.now();
  const ts = () => START + Math.floor(performance.now() - begun);
  const quotes = Object.fromEntries(
    ['EURUSD', 'GBPUSD'].map((symbol) => [symbol, tickSeries(config.instruments.get(symbol))]),
  );
  const handNext = (symbol) => hand([{ ...quotes[symbol].take(1)[0], ts: ts() }]);
  const healthy = watchHealthy(() => handNext('EURUSD'));
  const seen = { spinning: [], idle: [] };
  let falseOk = 0;
  for (let round = 0; round < ROUNDS; round++) {
    told(`round ${round + 1} of ${ROUNDS}`);
    await pause(CALM_MS);
    healthy.samples = healthy.during;
    const hungAt = performance.now();
    handNext('GBPUSD');
    await Promise.all(
      strategies.map(async ({ how, strategy }) => {
        await until(() => strategy.health().status === 'unresponsive');
        seen[how].push(performance.now() - hungAt);
        const { status } = await fetch(`http://127.0.0.1:${strategy.port()}/health`);
        if (status !== 503) falseOk += 1;
      }),
    );
    healthy.samples = healthy.calm;
    await until(() => strategies.every(({ strategy }) => strategy.health().ok));
  }
  healthy.stop();
  return { seen, falseOk, calm: healthy.calm, during: healthy.during };
}

/** Milliseconds from a quote of the healthy strategy to its intent at the desk; no quote before the last one's answer. */
function watchHealthy(handNext) {
  const watched = { calm: [], during: [], samples: [], stop: () => {} };
  let handedAt;
  const restore = wrap(
    OrderDesk.prototype,
    'handle',
    (handle) =>
      function (...args) {
        if (handedAt !== undefined) watched.samples.push(performance.now() - handedAt);
        handedAt = undefined;
        return handle.apply(this, args);
      },
  );
  const timer = setInterval(() => {
    if (handedAt !== undefined) return;
    handedAt = performance.now();
    handNext();
  }, TICK_EVERY_MS);
  watched.stop = () => {
    clearInterval(timer);
    restore();
  };
  return watched;
}

async function until(holds) {
  while (!holds()) await pause(LOOK_MS);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
