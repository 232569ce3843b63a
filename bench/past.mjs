/**
 * A strategy's past behind all the events that a daemon keeps: the first look folds all of them within its share of
 * the main thread, later ones begin at a checkpoint. Also how long a piece of it holds the main thread.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalMemory } from '../dist/actors/memory.js';
import { WallClock } from '../dist/clock.js';
import { dec } from '../dist/domain/decimal.js';
import { readPast } from '../dist/http/past-reader.js';
import { HISTORY_SHARE, ReaderShare } from '../dist/http/reader-share.js';
import { openJournal } from '../dist/store/journal.js';
import { EventLog } from '../dist/streams/event-log.js';
import { EventRings } from '../dist/streams/event-rings.js';
import { withDirectory } from './host.mjs';
import { percentilesOf, spreadOf } from './statistics.mjs';

const NAME = 'past';
const SIZES = [10_000, 200_000];
const STEP = 2000;
/** Ticks between events have numbers as well. */
const SPACING = 20;
const LATER = 15;
const clock = new WallClock();

export const past = {
  title: () => `a moment of the past, of so many kept events; later moments are medians of ${LATER}, least to most`,
  columns: [
    ['EVENTS', 'size', 'whole'],
    ['FIRST LOOK', 'first', 'milli'],
    ['OF THAT WORK', 'work', 'milli'],
    ['PIECE P50', 'pieceP50', 'milli'],
    ['P99', 'pieceP99', 'milli'],
    ['LATER MOMENTS', 'later', 'spreadMilli'],
  ],
  run: ({ told }) =>
    withDirectory(async (directory) => {
      const rows = [];
      for (const size of SIZES) {
        told(`${size} events`);
        rows.push(await measure(await mkdtemp(join(directory, 'state-')), size));
      }
      return rows;
    }),
};

async function measure(stateDir, size) {
  const journal = await openJournal(stateDir, { clock });
  try {
    for (let from = 0; from < size; from += STEP)
      await journal.commit(NAME, { events: Array.from({ length: STEP }, (_, i) => eventOf(from + i)) }).synced;
    const last = size * SPACING;
    const rings = new EventRings({ strategy: NAME, clock, start: last + 1, journalStart: size + 1 });
    const strategy = {
      name: NAME,
      status: () => ({ currency: 'USD', startingBalance: dec(10_000) }),
      transitions: () => [],
      events: { source: new EventLog(rings, new JournalMemory(journal).history(NAME)) },
    };
    const share = new MeasuredShare();
    const first = await timeOf(strategy, last, share);
    const { pieces } = share;
    const work = pieces.reduce((sum, ms) => sum + ms, 0);
    const { p50: pieceP50, p99: pieceP99 } = percentilesOf(pieces);
    const later = [];
    for (let i = 1; i <= LATER; i++) later.push(await timeOf(strategy, Math.round((last * i) / LATER), share));
    return { size, first, work, pieceP50, pieceP99, later: spreadOf(later) };
  } finally {
    await journal.close();
  }
}

async function timeOf(strategy, seq, share) {
  const begun = performance.now();
  await readPast(strategy, { seq }, share, new AbortController().signal);
  return performance.now() - begun;
}

/** The daemon's, which notes what each piece has taken. */
class MeasuredShare extends ReaderShare {
  pieces = [];

  constructor() {
    super(clock, HISTORY_SHARE);
  }

  spend(work) {
    const begun = performance.now();
    try {
      return super.spend(work);
    } finally {
      this.pieces.push(performance.now() - begun);
    }
  }
}

/** Trades in turn: signal, order, its fill, position. */
function eventOf(index) {
  const trade = Math.floor(index / 5);
  const isClose = trade % 2 === 1;
  const place = {
    journalSeq: index + 1,
    seq: (index + 1) * SPACING,
    ts: Date.UTC(2026, 0) + index * 500,
    strategy: NAME,
  };
  const ids = { orderId: `o-${trade}`, signalId: `s-${trade}` };
  const order = { ...ids, symbol: 'EURUSD', side: isClose ? 'SELL' : 'BUY', qty: '10000' };
  switch (index % 5) {
    case 0:
      return { ...place, type: 'signal', signalId: ids.signalId, symbol: 'EURUSD', action: 'buy', qty: '10000' };
    case 1:
      return {
        ...place,
        type: 'order',
        ...order,
        role: 'entry',
        status: 'submitted',
        orderType: 'market',
        filledQty: '0',
      };
    case 2:
      return {
        ...place,
        type: 'order',
        ...order,
        role: 'entry',
        status: 'filled',
        orderType: 'market',
        filledQty: '10000',
      };
    case 3: {
      const money = { price: '1.09731', commission: '0.35', realized: isClose ? '1.25' : '0', reducing: isClose };
      return { ...place, type: 'fill', fillId: `f-${trade}`, ...order, ...money };
    }
    default: {
      const held = isClose ? { qty: '0', avgPrice: null } : { qty: '10000', avgPrice: '1.09731' };
      return { ...place, type: 'position', symbol: 'EURUSD', ...held, fillId: `f-${trade}` };
    }
  }
}
