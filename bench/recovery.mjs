/**
 * How long a strategy takes to come back behind a long history: from the start of a daemon to the
 * strategy being past its recovery. Events beside the state are what a recovery must not have to read.
 */
import { join } from 'node:path';
import { createApp } from '../dist/app.js';
import { WallClock } from '../dist/clock.js';
import { openJournal } from '../dist/store/journal.js';
import { EMA_CROSS, replayConfig, withDirectory } from './host.mjs';
import { memorySource, tickSeries } from './market-data.mjs';
import { spreadOf } from './statistics.mjs';

const NAME = 'ema-cross';
/** Enough for some trades, so that there is something to bring back. */
const TICKS = 20_000;
const SIZES = [10_000, 100_000, 1_000_000];
const STARTS = 7;
const STEP = 1000;
/** As in a daemon: of a million events the last 200 000 are kept. */
const JOURNAL = { clock: new WallClock() };

/** A row for each number of events: milliseconds of the whole start, and of the journal alone. */
export const recovery = {
  title: () => `the start of a daemon until its strategy has recovered, and of that the journal (medians of ${STARTS})`,
  columns: [
    ['EVENTS', 'size', 'whole'],
    ['START', 'start', 'middleMilli'],
    ['JOURNAL', 'journal', 'middleMilli'],
  ],
  run: ({ told }) => withDirectory((directory) => measure(directory, told)),
};

async function measure(directory, told) {
  const config = await replayConfig(directory);
  const ticks = tickSeries(config.instruments.get('EURUSD')).take(TICKS);
  const stateDir = join(directory, 'state');
  const open = () => createApp({ config, stateDir, isolation: 'inline', openReplay: async () => memorySource(ticks) });
  await trade(open());
  const rows = [];
  for (const size of SIZES) {
    told(`${size} events`);
    await fill(stateDir, size);
    const [journal, start] = [[], []];
    for (let i = 0; i < STARTS; i++) {
      journal.push(await timeJournal(stateDir));
      start.push(await timeStart(open()));
    }
    rows.push({ size, journal: spreadOf(journal), start: spreadOf(start) });
  }
  return rows;
}

async function trade(app) {
  await app.start();
  await app.daemon.deploy({ file: EMA_CROSS, by: 'bench' });
  app.openMarkets();
  await app.feedsEnded;
  await app.stop();
}

/** Appends copies of its last event until there are that many. */
async function fill(stateDir, size) {
  const journal = await openJournal(stateDir, JOURNAL);
  const { lastJournalSeq, lastSeq } = journal.load(NAME);
  const [last] = [...journal.events(NAME, lastJournalSeq - 1)];
  for (let n = lastJournalSeq; n < size; n += STEP) {
    const events = Array.from({ length: Math.min(STEP, size - n) }, (_, i) => ({
      ...last,
      journalSeq: n + i + 1,
      seq: lastSeq + n - lastJournalSeq + i + 1,
    }));
    await journal.commit(NAME, { events }).synced;
  }
  await journal.close();
}

async function timeJournal(stateDir) {
  const begun = performance.now();
  const journal = await openJournal(stateDir, JOURNAL);
  journal.load(NAME);
  const ms = performance.now() - begun;
  await journal.close();
  return ms;
}

async function timeStart(app) {
  const begun = performance.now();
  await app.start();
  while (['starting', 'recovering'].includes(app.daemon.strategy(NAME).health().status))
    await new Promise(setImmediate);
  const ms = performance.now() - begun;
  if (app.daemon.strategy(NAME).status().tradesTotal === 0) throw new Error('its trades did not come back');
  await app.stop();
  return ms;
}
