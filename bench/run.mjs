/** `npm run bench [-- NAME…] [--pairs N] [--json]`: measures, and prints the tables that docs/performance.md quotes. */
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable } from '../dist/cli/table.js';
import { alerts } from './alerts.mjs';
import { dashboard } from './dashboard.mjs';
import { footprint } from './footprint.mjs';
import { FORMATS, whole } from './format.mjs';
import { halts } from './halts.mjs';
import { hang } from './hang.mjs';
import { http } from './http.mjs';
import { journal } from './journal.mjs';
import { kill } from './kill.mjs';
import { latency } from './latency.mjs';
import { logs } from './logs.mjs';
import { metrics } from './metrics.mjs';
import { mt5 } from './mt5.mjs';
import { past } from './past.mjs';
import { recovery } from './recovery.mjs';
import { startup } from './startup.mjs';
import { throughput } from './throughput.mjs';

const BENCHES = {
  throughput,
  latency,
  http,
  footprint,
  startup,
  hang,
  kill,
  halts,
  recovery,
  journal,
  logs,
  metrics,
  alerts,
  mt5,
  past,
  dashboard,
};
const FEWEST_PAIRS = 15;
/** Columns that hold names; figures are aligned at the right. */
const LEFT = new Set(['text']);

const { values, positionals } = parseArgs({
  options: { pairs: { type: 'string', default: String(FEWEST_PAIRS) }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const pairs = Number(values.pairs);
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0)
  refuse(`there is no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
// Fewer would say nothing.
if (!Number.isSafeInteger(pairs) || pairs < FEWEST_PAIRS)
  refuse(`--pairs takes a whole number from ${FEWEST_PAIRS} up`);

const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const machine = `Node ${process.versions.node} on ${cpus().length} × ${cpus()[0].model}, ${whole(totalmem() / 1e9)} GB`;
print(values.json ? JSON.stringify({ machine, load: loadavg()[0] }) : `${machine}, load ${load()} at the beginning`);
for (const name of names) await measure(name, BENCHES[name]);
if (!values.json) print(`\nload ${load()} at the end`);
process.exit();

async function measure(name, { title, columns, run }) {
  const begun = performance.now();
  const rows = await run({ pairs, told: (what) => told(`${name}: ${what}`) });
  told('');
  const seconds = Math.round((performance.now() - begun) / 1000);
  if (values.json) {
    print(JSON.stringify({ bench: name, title: title(pairs), load: loadavg()[0], seconds, rows }));
    return;
  }
  print(`\n${name}: ${title(pairs)} [${seconds} s]\n`);
  await printTable(columns.map(column), rows);
}

function column([title, member, format]) {
  const cell = (row) => (row[member] === undefined ? '' : FORMATS[format](row[member]));
  return { title, cell, right: !LEFT.has(format) };
}

function told(what) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function load() {
  return loadavg()[0].toFixed(1);
}

function refuse(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
