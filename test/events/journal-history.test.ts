/** The journal by event number, on a real disk, against a plain list; and what a daemon still knows of a removed strategy. */
import { describe, expect, it } from 'vitest';
import { DaemonEvents } from '../../src/actors/daemon-events.ts';
import { JournalMemory } from '../../src/actors/memory.ts';
import { WallClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { toJson, toPlain } from '../../src/domain/json.ts';
import { createPrng } from '../../src/domain/prng.ts';
import { JournalHistory } from '../../src/store/event-history.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { events, Journals } from '../store/journal-fixture.ts';
import { ALL, eventsOf, fill, lifecycle } from './bodies.ts';

const journals = new Journals();
const seqsOf = (found: readonly { readonly seq: number }[]): number[] => found.map(({ seq }) => seq);

describe('the journal as a history', () => {
  it('finds what follows any number, in pieces of any size', async () => {
    const journal = await journals.open(journals.directory());
    const prng = createPrng(7);
    let seq = 0;
    const all = Array.from({ length: 300 }, (_, i) => ({
      ...events(i + 1, i + 1)[0]!,
      seq: (seq += 1 + Math.floor(prng.next() * 20)),
    }));
    await journal.commit('s', { events: all }).synced;
    await journal.commit('t', { events: events(1, 5) }).synced;
    const history = new JournalHistory(journal, 's');
    for (let since = 0; since <= seq + 2; since += 1 + Math.floor(prng.next() * 9)) {
      const most = 1 + Math.floor(prng.next() * 40);
      const expected = all.filter((event) => event.seq > since).slice(0, most);
      expect(seqsOf(history.after(since, most))).toEqual(seqsOf(expected));
    }
    expect(history.missing(seq, 300)).toEqual([]);
    expect(history.missing(seq + 90, 303)).toEqual([{ from: seq + 1, to: seq + 90 }]);
  });

  it('says what compaction has deleted', async () => {
    const journal = await journals.open(journals.directory(), { maxEvents: 100 });
    for (let i = 0; i < 10; i++) await journal.commit('s', { events: events(i * 100 + 1, i * 100 + 100) }).synced;
    const history = new JournalHistory(journal, 's');
    const { oldest } = journal.span('s');
    expect(oldest).toBeGreaterThan(500);
    expect(history.missing(3000, 1000)).toEqual([{ from: 1, to: oldest * 3 - 1 }]);
    expect(history.after(0, 1)[0]).toMatchObject({ journalSeq: oldest });
  });

  it('of a strategy that it never heard of is empty', async () => {
    const history = new JournalHistory(await journals.open(journals.directory()), 'nobody');
    expect([history.after(0, 10), history.missing(50, 0)]).toEqual([[], []]);
  });

  it('gives an event back as it was shown when it happened, decimals included', async () => {
    const journal = await journals.open(journals.directory());
    const rings = new EventRings({ strategy: 's', clock: new WallClock() });
    const shown = [
      rings.append({ ...fill('f'), price: dec('1.10000000000000000001') } as ReturnType<typeof fill>, 1),
      rings.append({ type: 'position', symbol: 'X', qty: dec(0), avgPrice: null, fillId: null, swap: dec('-0.1') }, 2),
      rings.append(
        { type: 'halt', rule: 'r', scope: 's', reason: '', by: null, measured: dec('0.05'), limit: dec(1) },
        3,
      ),
      rings.append({ type: 'halt', rule: 'r', scope: 's', reason: '5', by: null, measured: 6, limit: 5 }, 4),
    ];
    await journal.commit('s', { events: shown.map((event) => toPlain(event) as JournalEvent) }).synced;
    expect(toJson(new JournalHistory(journal, 's').after(0, 10))).toBe(toJson(shown));
  });
});

it('a daemon tells of a removed strategy what its journal has, to a cursor that still names it, over a restart', async () => {
  const directory = journals.directory();
  const clock = new WallClock();
  const journal = await journals.open(directory);
  const memory = new JournalMemory(journal);
  const daemon = new DaemonEvents(clock);
  daemon.remember(memory);
  const rings = new EventRings({ strategy: 'a', clock, order: daemon.order });
  daemon.join('a', rings);
  rings.append(lifecycle('trading'), 1);
  await memory.turns('a').commit({ events: [rings.append(fill('f'), 2)], state: () => ({}), urgent: false })!.synced;
  memory.reserve('a', 50);
  daemon.leave('a');
  const told = ({ port }: DaemonEvents): unknown => {
    const { items, next } = port.source.read(new Map([['a', 0]]), ALL);
    return { fills: eventsOf(items).map(({ type, seq }) => [type, seq]), gaps: items.length - 1, kept: next.has('a') };
  };
  const expected = { fills: [['fill', 2]], gaps: 2, kept: true };
  expect(told(daemon)).toEqual(expected);
  expect(daemon.port.source.read(new Map(), ALL).items).toEqual([]);
  await journals.close(journal);
  const next = new DaemonEvents(clock);
  next.remember(new JournalMemory(await journals.open(directory)));
  expect(told(next)).toEqual(expected);
});
