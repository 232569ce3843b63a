/** `npm run bench [-- --pairs N --ticks N]`: measures, and prints the table that docs/performance.md quotes. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable } from '../dist/cli/table.js';
import { measureThroughput } from './throughput.mjs';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '9' }, ticks: { type: 'string', default: '500000' } },
});
const pairs = Number(values.pairs);
const count = Number(values.ticks);
// Fewer would say nothing.
if (!(Number.isSafeInteger(pairs) && pairs >= 7 && Number.isSafeInteger(count) && count >= 100_000)) {
  process.stderr.write('--pairs takes a whole number from 7 up, --ticks one from 100000 up\n');
  process.exit(2);
}

const rows = await measureThroughput({ pairs, count, told });
process.stdout.write(
  `${whole(count)} ticks, ema-cross on bars of 1m, medians of ${pairs} interleaved pairs (least to most);\n` +
    `Node ${process.versions.node} on ${cpus().length} × ${cpus()[0].model}\n\n`,
);
await printTable(
  [
    { title: 'WAY', cell: ({ name }) => name },
    { title: 'TICKS/S', cell: ({ speed }) => whole(speed.median), right: true },
    { title: 'SPREAD', cell: ({ speed }) => `${whole(speed.least)} to ${whole(speed.most)}`, right: true },
    { title: 'OF BARE', cell: ({ ratio }) => (ratio === undefined ? '1' : share(ratio.median)), right: true },
    {
      title: 'SPREAD',
      cell: ({ ratio }) => (ratio === undefined ? '' : `${share(ratio.least)} to ${share(ratio.most)}`),
      right: true,
    },
  ],
  rows,
);

function told(name, round, { hosted }) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[Kround ${round} of ${pairs}, ${name}: ${whole(hosted)} ticks/s`);
  if (process.stderr.isTTY && round === pairs) process.stderr.write('\r\x1b[K');
}

function whole(value) {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
}

function share(value) {
  return value.toPrecision(2);
}
