/** The bounded replay of `npm start -- --once`: every example on the same synthetic hours, in one daemon. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createApp } from '../dist/app.js';
import { progressWhile } from '../dist/cli/progress.js';
import { lossOf } from '../dist/cli/run-summary.js';
import { printTable } from '../dist/cli/table.js';
import { loadConfig } from '../dist/config/load.js';
import { defaultStartPrice, syntheticTicks } from '../dist/venues/synthetic.js';
import { INSTRUMENTS } from './demo-gateway.mjs';

const SEED = 1;
/** A Wednesday morning: every market is open. */
const START = Date.parse('2024-01-10T08:00:00Z');
const LENGTH_MS = 4 * 3_600_000;

/** Replays, prints the summary table, and leaves nothing behind. Gives the strategies' losses. @throws QktError */
export async function replayExamples() {
  const directory = await mkdtemp(join(tmpdir(), 'qkt-once-'));
  try {
    const summaries = await replay(directory);
    await printTable(
      [
        { title: 'STRATEGY', cell: ({ strategy }) => strategy },
        { title: 'TRADES', cell: ({ tradesTotal }) => String(tradesTotal), right: true },
        { title: 'REALIZED', cell: ({ realized }) => String(realized), right: true },
        { title: 'EQUITY', cell: ({ equity }) => String(equity ?? 'unknown'), right: true },
        { title: 'WORST DRAWDOWN', cell: ({ maxDrawdown }) => String(maxDrawdown), right: true },
      ],
      summaries,
    );
    return summaries.flatMap((summary) => lossOf(summary) ?? []);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function replay(directory) {
  const config = await configOn(directory);
  await writeTicks(join(directory, 'ticks.csv'), [...config.instruments.values()]);
  const app = createApp({ config, stateDir: join(directory, 'state'), keepsNothing: true });
  try {
    await app.start();
    const names = [];
    for (const file of await examples()) names.push((await app.daemon.deploy({ file, by: 'owner' })).name);
    app.openMarkets();
    await progressWhile('replaying', app.feedsEnded, () => app.progress());
    return names.map((name) => app.summary(name));
  } finally {
    await app.stop();
  }
}

/** The defaults, whatever configuration this machine has: the table is the same everywhere. */
async function configOn(directory) {
  const file = join(directory, 'qkt.config.yaml');
  await writeFile(
    file,
    [
      'venues:',
      '  paper: &hours { type: paper, feed: replay, file: ticks.csv, speed: max }',
      // What trades on a gateway trades on paper here.
      '  exness: *hours',
      `instruments: ${JSON.stringify(INSTRUMENTS)}`,
      'http: { controlPort: 0 }',
      '',
    ].join('\n'),
  );
  const { config } = await loadConfig({ file, env: {}, cwd: directory });
  return config;
}

async function examples() {
  const directory = new URL('../examples/', import.meta.url).pathname;
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => join(directory, name));
}

/** Gold is gold under whatever name. */
const startPriceOf = ({ symbol, base, quote }) => defaultStartPrice(base === 'XAU' ? `${base}${quote}` : symbol);

async function writeTicks(file, instruments) {
  const out = createWriteStream(file);
  out.write('timestamp,symbol,bid,ask\n');
  const symbols = instruments.map((instrument) => ({ instrument, startPrice: startPriceOf(instrument) }));
  for (const { ts, symbol, bid, ask } of syntheticTicks({ seed: SEED, start: START, symbols })) {
    if (ts >= START + LENGTH_MS) break;
    if (!out.write(`${ts},${symbol},${bid},${ask}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  out.end();
  await finished(out);
}
