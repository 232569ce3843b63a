/** `npm run bench [-- --pairs N --ticks N]`: measures, and prints the tables that docs/performance.md quotes. */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable } from '../dist/cli/table.js';
import { measureHalts } from './halts.mjs';
import { measureJournal } from './journal.mjs';
import { measureRecovery } from './recovery.mjs';
import { measureThroughput } from './throughput.mjs';

const BREACHES = 1000;

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

print(`Node ${process.versions.node} on ${cpus().length} × ${cpus()[0].model}, load ${load()} at the beginning`);
await throughput();
await halts();
await recovery();
print(`\nload ${load()} at the end`);

async function throughput() {
  const rows = await measureThroughput({ pairs, count, told });
  print(`\n${whole(count)} ticks, ema-cross on bars of 1m, medians of ${pairs} interleaved pairs (least to most)\n`);
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
}

async function halts() {
  const { gate, synced } = await measureHalts({ breaches: BREACHES });
  print(`\n${BREACHES} breaches of a daily loss, each by one quote\n`);
  await printTable(
    [
      { title: 'FROM THE QUOTE TO', cell: ({ what }) => what },
      { title: 'P50', cell: ({ p50 }) => micro(p50), right: true },
      { title: 'P99', cell: ({ p99 }) => micro(p99), right: true },
    ],
    [
      { what: 'the closed gate, in its turn', ...gate },
      { what: 'the halt on disk and told', ...synced },
    ],
  );
}

async function recovery() {
  const starts = await measureRecovery();
  const { commit, sizes } = await measureJournal();
  print('\nthe start of a daemon until its strategy has recovered, and of that the journal (medians of 7)\n');
  const events = { title: 'EVENTS', cell: ({ size }) => whole(size), right: true };
  await printTable(
    [
      events,
      { title: 'START', cell: ({ start }) => milli(start.median), right: true },
      { title: 'JOURNAL', cell: ({ journal }) => milli(journal.median), right: true },
    ],
    starts,
  );
  print('\na journal with all of its events kept (openings: medians of 7)\n');
  await printTable(
    [
      events,
      { title: 'SIZE', cell: ({ bytes }) => `${whole(bytes / 1e6)} MB`, right: true },
      { title: 'OPEN AND LOAD', cell: ({ open }) => milli(open.median), right: true },
      { title: 'ALL WRITTEN IN', cell: ({ written }) => milli(written), right: true },
      { title: 'ALL READ IN', cell: ({ read }) => milli(read), right: true },
    ],
    sizes,
  );
  print(`\none commit of two events and a state to the disk: p50 ${milli(commit.p50)}, p99 ${milli(commit.p99)}`);
}

function told(name, round, { hosted }) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[Kround ${round} of ${pairs}, ${name}: ${whole(hosted)} ticks/s`);
  if (process.stderr.isTTY && round === pairs) process.stderr.write('\r\x1b[K');
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function load() {
  return loadavg()[0].toFixed(1);
}

function whole(value) {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
}

function share(value) {
  return value.toPrecision(2);
}

function micro(value) {
  return value < 1000 ? `${Math.round(value)} µs` : milli(value / 1000);
}

function milli(value) {
  return `${value < 10 ? value.toFixed(2) : whole(value)} ms`;
}
