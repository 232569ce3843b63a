/**
 * What a daemon asks of an MT5 gateway while strategies hold positions on it: requests a second, as the simulator
 * counts them over a real socket. Reads are shared, so it must not matter how many strategies there are.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '../dist/app.js';
import { loadConfig } from '../dist/config/load.js';
import { createMt5Simulator } from '../dist/mt5-sim/simulator.js';
import { until, withDirectory } from './host.mjs';

const COUNTS = [1, 10, 50];
/** Two of the full looks that come every 30 s. */
const MEASURED_MS = 60_000;
const SETTLE_MS = 2000;
const STRATEGY = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'bench',
  version: 1,
  streams: { gold: { symbol: 'GOLD', venue: 'exness' } },
  create() {
    let asked = false;
    return {
      onTick(tick, ctx) {
        if (!asked) ctx.buy('gold', { qty: 0.01, bracket: { stopLoss: { by: 300 }, takeProfit: { by: 300 } } });
        asked = true;
      },
    };
  },
});
`;
const KINDS = {
  probes: ['GET /health', 'GET /health/ready'],
  quotes: ['GET /symbol_info_tick/<symbol>'],
  book: ['GET /get_positions', 'GET /orders', 'GET /reconcile', 'GET /history_deals_get', 'GET /account'],
};

export const mt5 = {
  title: () =>
    `requests a second to an MT5 gateway, a position and its protection held by each strategy (${MEASURED_MS / 1000} s each)`,
  columns: [
    ['STRATEGIES', 'strategies', 'whole'],
    ['REQUESTS', 'all', 'rate'],
    ['PROBES', 'probes', 'rate'],
    ['QUOTES', 'quotes', 'rate'],
    ['THE BOOK', 'book', 'rate'],
    ['OTHER', 'other', 'rate'],
  ],
  async run({ told }) {
    const rows = [];
    for (const strategies of COUNTS) {
      told(`${strategies} strategies`);
      rows.push({ strategies, ...(await withDirectory((directory) => measured(directory, strategies))) });
    }
    return rows;
  },
};

async function measured(directory, count) {
  const simulator = await createMt5Simulator({ symbols: ['XAUUSD'], balance: 10_000_000 });
  const app = await daemon(directory, count, await simulator.listen(0));
  try {
    await until(() => simulator.terminal.positions.size === count);
    await passed(SETTLE_MS);
    const { log } = simulator.gateway;
    const before = log.total;
    await passed(MEASURED_MS);
    return ratesOf(log.since(before));
  } finally {
    await app.stop();
    await simulator.close();
  }
}

async function daemon(directory, count, port) {
  const config = join(directory, 'qkt.config.yaml');
  await writeFile(
    config,
    `
venues: { exness: { type: mt5, gatewayUrl: 'http://127.0.0.1:${port}', aliases: { GOLD: XAUUSD } } }
instruments:
  GOLD: { contractSize: 100, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, base: XAU, quote: USD }
http: { controlPort: 0, portPool: 41000-44999 }
`,
  );
  const file = join(directory, 'bench.ts');
  await writeFile(file, STRATEGY);
  const loaded = await loadConfig({ file: config, env: {}, cwd: directory });
  const app = createApp({ config: loaded.config, stateDir: join(directory, 'state'), isolation: 'inline' });
  await app.start();
  for (let n = 0; n < count; n++) await app.daemon.deploy({ file, name: `bench-${n}`, by: 'bench' });
  app.openMarkets();
  return app;
}

function ratesOf(requests) {
  const rate = (some) => some.length / (MEASURED_MS / 1000);
  const known = Object.values(KINDS).flat();
  const kinds = Object.entries(KINDS).map(([kind, routes]) => [
    kind,
    rate(requests.filter(({ route }) => routes.includes(route))),
  ]);
  return {
    all: rate(requests),
    ...Object.fromEntries(kinds),
    other: rate(requests.filter(({ route }) => !known.includes(route))),
  };
}

const passed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
