/** A whole daemon in this process, on a replay whose quotes a benchmark hands over. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../dist/app.js';
import { loadConfig } from '../dist/config/load.js';
import { handedSource, START } from './market-data.mjs';

export const EMA_CROSS = fileURLToPath(new URL('../examples/ema-cross.ts', import.meta.url));

/** A directory for the time of `run`. */
export async function withDirectory(run) {
  const directory = await mkdtemp(join(tmpdir(), 'qkt-bench-'));
  try {
    return await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * The defaults, with a replay as the market and room for many ports, whatever configuration this machine has.
 * @param speed of the replay: `max` waits for every strategy at every tick, a number for none
 * @param more further sections, as YAML
 */
export async function replayConfig(directory, { speed = 'max', logLevel = 'info', more = '' } = {}) {
  const file = join(await mkdtemp(join(directory, 'config-')), 'qkt.config.yaml');
  const settings = `
venues: { paper: { type: paper, feed: replay, file: none.csv, speed: ${speed} } }
http: { controlPort: 0, portPool: 41000-44999 }
logging: { level: ${logLevel} }
`;
  await writeFile(file, settings + more);
  const { config } = await loadConfig({ file, env: {}, cwd: directory });
  return config;
}

/**
 * Starts a daemon with `count` strategies of one file, and opens the market.
 * @param options `symbols` of the feed; the rest as for `createApp`
 * @returns the app, names, what hands quotes over (see `handedSource`), and `close`
 */
export async function openHost({ directory, file = EMA_CROSS, count = 1, symbols = ['EURUSD'], ...options }) {
  const { source, hand, end, worked } = handedSource(symbols, START);
  const stateDir = await mkdtemp(join(directory, 'state-'));
  const app = createApp({ ...options, stateDir, openReplay: async () => source });
  await app.start();
  const close = async () => {
    end();
    await app.stop();
  };
  try {
    const names = Array.from({ length: count }, (_, index) => `bench-${index}`);
    for (const name of names) await app.daemon.deploy({ file, name, by: 'bench' });
    app.openMarkets();
    return { app, names, hand, worked, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits at every turn of the event loop until it holds. */
export async function until(holds) {
  while (!holds()) await new Promise(setImmediate);
}
