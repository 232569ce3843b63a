/**
 * `npm run campaign [-- --seed N --crashes N --kills N --damages N --mt5 N --mt5-killed N --events N --ticks N]`: the
 * crash tests, those of damaged journals, the trading sessions on a simulated MT5 gateway, the tests of readers of
 * events and the soak at full length. The seed is printed first; giving it again repeats prices, orders, commands,
 * damages and the moments of crashes.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, setup } from './setup.mjs';

const SUITES = [
  'test/recovery',
  'test/store/journal-damage',
  'test/mt5/campaign',
  'test/mt5/killed',
  'test/events',
  'test/soak',
];

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    crashes: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '200' },
    damages: { type: 'string', default: '5000' },
    mt5: { type: 'string', default: '2000' },
    'mt5-killed': { type: 'string', default: '20' },
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
  `seed ${values.seed}: ${values.crashes} crashes, ${values.kills} kills, ${values.damages} damages, ${values.mt5} and ${values['mt5-killed']} MT5 sessions, ${values.events} events, ${values.ticks} ticks\n`,
);
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...SUITES], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    QKT_SEED: values.seed,
    QKT_CRASHES: values.crashes,
    QKT_KILLS: values.kills,
    QKT_DAMAGES: values.damages,
    QKT_MT5: values.mt5,
    QKT_MT5_KILLED: values['mt5-killed'],
    QKT_EVENTS: values.events,
    QKT_TICKS: values.ticks,
  },
});
process.exitCode = status ?? 1;
