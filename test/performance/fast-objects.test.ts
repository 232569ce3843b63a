import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Quotes that are made once a daemon runs, and how many of them V8 keeps as hash tables. */
const SCRIPT = `
import { openHost, replayConfig, withDirectory } from './bench/host.mjs';
import { tickSeries } from './bench/market-data.mjs';
await withDirectory(async (directory) => {
  const config = await replayConfig(directory);
  const series = tickSeries(config.instruments.get('EURUSD'));
  const host = await openHost({ directory, config, isolation: 'inline' });
  const quotes = series.take(1000);
  console.log(quotes.filter((quote) => !%HasFastProperties(quote)).length);
  await host.close();
});
process.exit();
`;

it('quotes of a daemon that runs are no hash tables, however many schemas it has compiled', { timeout: 60_000 }, () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--allow-natives-syntax', '--input-type=module', '-e', SCRIPT],
    { cwd, encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual(['0\n', '']);
});
