/**
 * What the journal costs: time from a commit to its being on the disk; time to open a journal and load a
 * strategy behind 10 000, 100 000 and 1 000 000 events that are all kept; time to read all events again.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WallClock } from '../dist/clock.js';
import { openJournal } from '../dist/store/journal.js';
import { withDirectory } from './host.mjs';
import { percentilesOf, spreadOf } from './statistics.mjs';

const COMMITS = 2000;
const SIZES = [10_000, 100_000, 1_000_000];
const OPENINGS = 7;
const STEP = 1000;
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

/** Times in milliseconds; the last row is of single commits, of two events and a state. */
export const journal = {
  title: () =>
    `a journal with all of its events kept (openings: medians of ${OPENINGS}), and ${COMMITS} commits to the disk, one at a time`,
  columns: [
    ['EVENTS', 'size', 'whole'],
    ['SIZE', 'bytes', 'megabytes'],
    ['OPEN AND LOAD', 'open', 'middleMilli'],
    ['ALL WRITTEN IN', 'written', 'milli'],
    ['ALL READ IN', 'read', 'milli'],
    ['COMMIT P50', 'p50', 'milli'],
    ['COMMIT P99', 'p99', 'milli'],
  ],
  run: ({ told }) =>
    withDirectory(async (directory) => {
      told('commits');
      const commit = await commits(directory);
      const rows = [];
      for (const size of SIZES) {
        told(`${size} events`);
        rows.push(await openings(directory, size));
      }
      return [...rows, commit];
    }),
};

/** One at a time, as a strategy that trades now and then makes them. */
async function commits(directory) {
  const journal = await opened(join(directory, 'commits'));
  const waits = [];
  for (let n = 1; n <= COMMITS; n++) {
    const begun = performance.now();
    await journal.commit('bench', { events: [fill(2 * n - 1), fill(2 * n)], state: STATE }).synced;
    waits.push(performance.now() - begun);
  }
  await journal.close();
  return percentilesOf(waits);
}

async function openings(directory, size) {
  const path = join(directory, `events-${size}`);
  const written = await timed(() => write(path, size));
  const opens = [];
  for (let i = 0; i < OPENINGS; i++) opens.push(await timeLoad(path, size));
  const journal = await opened(path);
  const read = await timed(() => readAll(journal, size));
  await journal.close();
  const { size: bytes } = await stat(join(path, 'journal', 'data.mdb'));
  return { size, bytes, open: spreadOf(opens), written, read };
}

async function write(path, size) {
  const journal = await opened(path);
  for (let n = 1; n <= size; n += STEP) {
    const events = Array.from({ length: STEP }, (_, i) => fill(n + i));
    await journal.commit('bench', { events, state: STATE }).synced;
  }
  await journal.close();
}

async function timeLoad(path, size) {
  const begun = performance.now();
  const journal = await opened(path);
  const { lastJournalSeq } = journal.load('bench');
  const ms = performance.now() - begun;
  if (lastJournalSeq !== size) throw new Error('events are missing');
  await journal.close();
  return ms;
}

function readAll(journal, size) {
  let count = 0;
  for (const event of journal.events('bench')) count += event.type === 'fill' ? 1 : 0;
  if (count !== size) throw new Error('events are missing');
}

async function timed(run) {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

function opened(path) {
  return openJournal(path, { clock: new WallClock(), maxEvents: 2_000_000, reserveBytes: 65_536 });
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
