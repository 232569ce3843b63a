/**
 * `npm run campaign [-- --seed N --crashes N --kills N --events N --ticks N]`: the crash tests, those of readers of
 * events and the soak at full length. The seed is printed first; giving it again repeats prices, orders, commands and the moments of crashes.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, setup } from './setup.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    crashes: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '200' },
    events: { type: 'string', default: '1000000' },
    ticks: { type: 'string', default: '10000000' },
  },
});
for (const [name, text] of Object.entries(values))
  if (!/^\d{1,15}$/.test(text) || (name !== 'seed' && Number(text) === 0)) {
    process.stderr.write(`--${name} takes a whole number${name === 'seed' ? '' : ' from 1 up'}\n`);
    process.exit(2);
  }

await setup();
process.stdout.write(
  `seed ${values.seed}: ${values.crashes} crashes, ${values.kills} kills, ${values.events} events, ${values.ticks} ticks\n`,
);
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/recovery', 'test/events', 'test/soak'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    QKT_SEED: values.seed,
    QKT_CRASHES: values.crashes,
    QKT_KILLS: values.kills,
    QKT_EVENTS: values.events,
    QKT_TICKS: values.ticks,
  },
});
process.exitCode = status ?? 1;
