/**
 * How fast a breach becomes a halt, in a whole daemon: a replay whose quotes are handed over one at a
 * time, and a strategy with a position that each of them brings under its daily loss. The halt is
 * lifted again after each, with the day's reference taken anew.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../dist/app.js';
import { loadConfig } from '../dist/config/load.js';
import { OrderDesk } from '../dist/streams/order-desk.js';
import { handedSource } from './market-data.mjs';
import { shareOf } from './statistics.mjs';

const START = Date.parse('2024-01-10T00:00:00Z');
const PRICE = 1.1;
/** 10 000 units lose 2 of the currency by each step, of which 1 is allowed. */
const STEP = 0.0002;
const WARM_UP = 20;
const SETTINGS = `
venues: { paper: { type: paper, feed: replay, file: none.csv, speed: max } }
http: { controlPort: 0 }
risk: { halt: [{ rule: maxDailyLoss, limit: 1 }] }
`;
/** It tries to add to its position on every quote but the first. */
const STRATEGY = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'bench',
  version: 1,
  streams: { eur: { symbol: 'EURUSD' } },
  create() {
    let bought = false;
    return {
      onTick(tick, ctx) {
        if (!bought) ctx.buy('eur', { qty: 10000 });
        else if (ctx.position('eur').unrealized < 0) ctx.buy('eur', { qty: 1 });
        bought = true;
      },
    };
  },
});
`;

/**
 * @param breaches how many times it is done
 * @returns microseconds: `gate` from the quote to the closing of the gate (what the author's code asks
 *   for on the same quote is denied `HALTED`); `synced` from the quote to the halt on disk and told
 */
export async function measureHalts({ breaches }) {
  const directory = await mkdtemp(join(tmpdir(), 'qkt-bench-halts-'));
  try {
    return await withDaemon(directory, (daemon) => sample(daemon, breaches));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function withDaemon(directory, run) {
  const [settings, file] = [join(directory, 'qkt.config.yaml'), join(directory, 'bench.ts')];
  await writeFile(settings, SETTINGS);
  await writeFile(file, STRATEGY);
  const { config } = await loadConfig({ file: settings, env: {}, cwd: directory });
  const { source, hand, end } = handedSource('EURUSD', START);
  const stateDir = await mkdtemp(join(directory, 'state-'));
  const app = createApp({ config, stateDir, isolation: 'inline', openReplay: async () => source });
  await app.start();
  try {
    const { name } = await app.daemon.deploy({ file, by: 'bench' });
    app.openMarkets();
    return await run({ strategy: app.daemon.strategy(name), hand });
  } finally {
    end();
    await app.stop();
  }
}

async function sample({ strategy, hand }, breaches) {
  const [gate, synced] = [[], []];
  const closing = watchGate();
  for (let n = 0; n <= breaches; n++) {
    closing.at = undefined;
    const price = PRICE - n * STEP;
    const begun = performance.now();
    hand({ ts: START + n * 1000, symbol: 'EURUSD', bid: round(price), ask: round(price) });
    if (n === 0) {
      await until(() => strategy.status().positions.length > 0);
      continue;
    }
    await until(() => strategy.health().status !== 'trading');
    const told = performance.now();
    await until(() => strategy.health().status === 'halted' && strategy.status().evaluations.blocked.HALTED === n);
    if (n > WARM_UP) {
      gate.push((closing.at - begun) * 1000);
      synced.push((told - begun) * 1000);
    }
    await strategy.resume({ by: 'bench', reason: 'once more', rebase: 'day' });
  }
  return { gate: percentiles(gate), synced: percentiles(synced) };
}

/** When the gate was first closed since `at` was cleared. */
function watchGate() {
  const closing = { at: undefined };
  const closeGate = Reflect.get(OrderDesk.prototype, 'closeGate');
  OrderDesk.prototype.closeGate = function (...args) {
    closeGate.apply(this, args);
    closing.at ??= performance.now();
  };
  return closing;
}

const percentiles = (values) => ({ p50: shareOf(values, 0.5), p99: shareOf(values, 0.99) });

const round = (price) => Math.round(price * 1e5) / 1e5;

/** Looks again at every turn of the event loop. */
async function until(holds) {
  while (!holds()) await new Promise(setImmediate);
}
