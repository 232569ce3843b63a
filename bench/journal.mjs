/**
 * `node bench/journal.mjs`: what the journal costs. Time from a commit to its being on the disk; time to open a
 * journal and load a strategy behind 10 000, 100 000 and 1 000 000 events; time to read all events again.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WallClock } from '../dist/clock.js';
import { openJournal } from '../dist/store/journal.js';

const COMMITS = 2000;
const SIZES = [10_000, 100_000, 1_000_000];
const OPENINGS = 7;
/** A state of a strategy with a few positions and 50 recent trades: about 8 KB. */
const STATE = {
  positions: Array.from({ length: 4 }, (_, i) => ({
    symbol: `SYM${i}`,
    qty: '0.10',
    cost: '10973.10000',
    realized: '1.5',
  })),
  trades: Array.from({ length: 50 }, (_, i) => fill(i + 1)),
};

const directory = await mkdtemp(join(tmpdir(), 'qkt-bench-journal-'));
try {
  await commits();
  for (const size of SIZES) await openings(size);
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** One at a time, as a strategy that trades now and then makes them. */
async function commits() {
  const journal = await opened('commits');
  const waits = [];
  for (let n = 1; n <= COMMITS; n++) {
    const start = performance.now();
    await journal.commit('bench', { events: [fill(2 * n - 1), fill(2 * n)], state: STATE }).synced;
    waits.push(performance.now() - start);
  }
  await journal.close();
  print(
    `commit to synced, ${COMMITS} of 2 events and a state`,
    `p50 ${ms(at(waits, 0.5))}   p99 ${ms(at(waits, 0.99))}`,
  );
}

async function openings(size) {
  const name = `events-${size}`;
  const journal = await opened(name);
  const start = performance.now();
  for (let n = 1; n <= size; n += 1000) {
    const events = Array.from({ length: 1000 }, (_, i) => fill(n + i));
    await journal.commit('bench', { events, state: STATE }).synced;
  }
  const written = performance.now() - start;
  await journal.close();
  const times = [];
  for (let i = 0; i < OPENINGS; i++) {
    const begin = performance.now();
    const again = await opened(name);
    if (again.load('bench').lastJournalSeq !== size) throw new Error('events are missing');
    times.push(performance.now() - begin);
    await again.close();
  }
  const again = await opened(name);
  const begin = performance.now();
  let count = 0;
  for (const event of again.events('bench')) count += event.type === 'fill' ? 1 : 0;
  const read = performance.now() - begin;
  await again.close();
  const { size: bytes } = await stat(join(directory, name, 'journal', 'data.mdb'));
  print(
    `${count} events, ${Math.round(bytes / 1e6)} MB`,
    `open and load ${ms(at(times, 0.5))}   written in ${ms(written)}   read in ${ms(read)}`,
  );
}

function opened(name) {
  return openJournal(join(directory, name), { clock: new WallClock(), maxEvents: 2_000_000, reserveBytes: 65_536 });
}

function fill(n) {
  const ts = 1_767_225_600_000 + n * 1000;
  const ids = { fillId: `bench-1-f${n}`, orderId: `bench-1-o${n}`, signalId: `bench-1-s${n}` };
  const figures = { qty: '0.10', price: '1.09731', commission: '-0.35', realized: '12.50' };
  return {
    journalSeq: n,
    seq: n * 3,
    ts,
    type: 'fill',
    strategy: 'bench',
    ...ids,
    symbol: 'EURUSD',
    side: 'buy',
    ...figures,
    reducing: true,
  };
}

function at(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}

function ms(value) {
  return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
}

function print(what, figures) {
  process.stdout.write(`${what.padEnd(48)}${figures}\n`);
}
