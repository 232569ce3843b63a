/**
 * A daemon reduced to its journal: two strategies that are always committed in the same turn, a third on its
 * own, an operator. Says what is synced, one line each, until it is killed.
 */
import { WallClock } from '../../src/clock.ts';
import { openJournal, type Journal } from '../../src/store/journal.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';

const [stateDir, seed] = process.argv.slice(2) as [string, string];
let random = Number(seed);
const upTo = (n: number): number => (random = (random * 48_271) % 2_147_483_647) % n;

let journal: Journal;

function add(name: string, count: number): { name: string; last: number; synced: Promise<void> } {
  const from = (journal.load(name)?.lastJournalSeq ?? 0) + 1;
  const events: JournalEvent[] = Array.from({ length: count }, (_, i) => ({
    journalSeq: from + i,
    seq: 2 * (from + i),
    ts: from + i,
    type: 'fill',
    note: 'x'.repeat(upTo(400)),
  }));
  const last = from + count - 1;
  return {
    name,
    last,
    synced: journal.commit(name, { events, state: { last, padding: 'y'.repeat(upTo(9000)) } }).synced,
  };
}

async function run(): Promise<never> {
  journal = await openJournal(stateDir, { clock: new WallClock(), reserveBytes: 4096, maxEvents: 2000 });
  process.stdout.write('open\n');
  for (;;) {
    const commits = turn();
    for (const { name, last, synced } of commits) void synced.then(() => process.stdout.write(`${name} ${last}\n`));
    if (upTo(3) > 0) await new Promise((resolve) => setImmediate(resolve));
    if (upTo(4) === 0) await Promise.all(commits.map(({ synced }) => synced));
  }
}

function turn(): { name: string; last: number; synced: Promise<void> }[] {
  const count = 1 + upTo(5);
  const commits = [add('a', count), add('b', count)];
  if (upTo(2) === 0) commits.push(add('c', 1 + upTo(60)));
  if (upTo(10) === 0) {
    const act = { ts: 1, by: 'ops', command: 'halt', target: 'a', outcome: 'done' };
    const { record, synced } = journal.appendOperator(act);
    commits.push({ name: 'operator', last: record.n, synced });
  }
  return commits;
}

void run();
