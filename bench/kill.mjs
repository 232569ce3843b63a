/** From `kill` to the verified end: gate closed, entries cancelled, positions closed, all of it on disk. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHost, replayConfig, until, withDirectory } from './host.mjs';
import { START, tickSeries } from './market-data.mjs';
import { percentilesOf } from './statistics.mjs';

const SAMPLES = 100;
const TIMEOUT_MS = 30_000;

/** Holds a position and a working order; may hang once it has them. */
const holder = (last) => `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'holder',
  version: 1,
  streams: { eur: { symbol: 'EURUSD' } },
  create() {
    let quotes = 0;
    return {
      onTick(tick, ctx) {
        quotes += 1;
        if (quotes === 1) {
          ctx.buy('eur', { qty: 1000 });
          ctx.buy('eur', { qty: 1000, type: 'limit', price: 0.9 });
        }
        if (quotes === 2) { ${last} }
      },
    };
  },
});
`;

const HANG = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
const SCENES = [
  { what: 'one strategy', count: 1, rounds: SAMPLES, last: '' },
  { what: 'all of ten strategies', count: 10, rounds: SAMPLES / 10, last: '' },
  { what: 'all of ten whose code hangs', count: 10, rounds: SAMPLES / 10, last: HANG },
];

export const kill = {
  title: () =>
    'from kill to every position closed and every entry cancelled, on disk; and to its end, all of that verified and the code ended',
  columns: [
    ['OF', 'what', 'text'],
    ['TO', 'until', 'text'],
    ['SAMPLES', 'samples', 'whole'],
    ['P50', 'p50', 'milli'],
    ['P99', 'p99', 'milli'],
  ],
  async run({ told }) {
    const rows = [];
    for (const scene of SCENES) {
      told(scene.what);
      const { flat, ended } = await withDirectory((directory) => killAgainAndAgain(directory, scene));
      rows.push({ what: scene.what, until: 'flat', ...percentilesOf(flat) });
      rows.push({ what: scene.what, until: 'its end', ...percentilesOf(ended) });
    }
    return rows;
  },
};

/** @returns milliseconds, one of each for each strategy and kill */
async function killAgainAndAgain(directory, { count, rounds, last }) {
  const file = join(directory, 'holder.ts');
  await writeFile(file, holder(last));
  const config = await replayConfig(directory, { speed: 1_000_000 });
  const { app, names, hand, close } = await openHost({ directory, file, count, config });
  const { daemon } = app;
  const strategies = names.map((name) => daemon.strategy(name));
  const series = tickSeries(config.instruments.get('EURUSD'));
  const begun = performance.now();
  const handNext = () => hand([{ ...series.take(1)[0], ts: START + Math.floor(performance.now() - begun) }]);
  const taken = { flat: [], ended: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await Promise.all(names.map((name) => daemon.start(name, { by: 'bench' })));
      await until(() => strategies.every((strategy) => strategy.health().status === 'trading'));
      handNext();
      await until(() => strategies.every((strategy) => isExposed(strategy.status())));
      handNext();
      const killedAt = performance.now();
      const results = daemon.kill({ by: 'bench', flatten: true, timeoutMs: TIMEOUT_MS });
      await until(() => strategies.every((strategy) => isFlat(strategy.status())));
      const flatMs = performance.now() - killedAt;
      checkVerified(strategies, await results);
      const endedMs = performance.now() - killedAt;
      for (let n = 0; n < count; n++) {
        taken.flat.push(flatMs);
        taken.ended.push(endedMs);
      }
    }
    return taken;
  } finally {
    await close();
  }
}

const isExposed = ({ positions, orders }) => positions.length > 0 && orders.length > 0;
const isFlat = ({ positions, orders }) => positions.length + orders.length === 0;

function checkVerified(strategies, results) {
  for (const strategy of strategies)
    if (!results[strategy.name].verified || !isFlat(strategy.status()))
      throw new Error(`${strategy.name} is not flat after the kill`);
}
