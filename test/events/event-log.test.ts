/** Rings, journal and cursors against a plain list of all that ever happened, over several runs. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { TRADING_EVENT_TYPES, type EventFilter, type EventItem, type EventType } from '../../src/domain/events.ts';
import { EventLog } from '../../src/streams/event-log.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { ALL, bodies, eventsOf, fill, gapsOf, KINDS, lifecycle, only, shape, type Kind } from './bodies.ts';
import { ListOracle } from './oracle.ts';

/** Numbers promised ahead by each run: the next one begins above them. */
const BLOCK = 7;

interface Scenario {
  readonly capacity: number;
  /** Trading events that the journal keeps; 0 for no journal. */
  readonly kept: number;
  readonly runs: readonly (readonly Kind[])[];
  readonly types: readonly Kind[] | undefined;
  readonly since: number | undefined;
  readonly limit: number;
}
const kind = fc.constantFrom(...KINDS);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  capacity: fc.integer({ min: 1, max: 5 }),
  kept: fc.oneof(fc.constant(0), fc.constant(1000), fc.integer({ min: 1, max: 20 })),
  runs: fc.array(fc.array(kind, { maxLength: 40 }), { minLength: 1, maxLength: 3 }),
  types: fc.option(fc.uniqueArray(kind, { minLength: 1 }), { nil: undefined }),
  since: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Infinity)),
});

const filterOf = ({ types, limit }: Scenario): EventFilter => ({
  limit,
  ...(types !== undefined && { types: new Set<EventType>(types) }),
});

function play({ capacity, kept, runs }: Scenario) {
  const oracle = new ListOracle(capacity, kept);
  let rings: EventRings | undefined;
  for (const kinds of runs) {
    const start = rings === undefined ? 1 : rings.given() + BLOCK;
    const journalStart = (rings?.lastJournal() ?? 0) + 1;
    rings = new EventRings({ strategy: 's', clock: new VirtualClock(), capacity, start, journalStart });
    oracle.restart();
    for (const [index, kind] of kinds.entries()) {
      const number = rings.given() + 1;
      if (kind === 'tick') rings.tick(index, 'EURUSD', 1, 2);
      const place = { seq: number, ts: index, strategy: 's' };
      oracle.put(number, kind === 'tick' ? { ...place, ...bodies.tick() } : rings.append(bodies[kind](), index));
    }
  }
  return { log: new EventLog(rings!, kept === 0 ? undefined : oracle.history()), oracle };
}

/** Reads on from a cursor, page by page, until there is no more. */
function readAll(log: EventLog, since: number, filter: EventFilter): EventItem[] {
  const items: EventItem[] = [];
  for (let cursor = since; ;) {
    const page = log.read(cursor, filter);
    expect(page.next).toBeGreaterThanOrEqual(cursor);
    items.push(...page.items);
    if (!page.more) return items;
    expect(page.next).toBeGreaterThan(cursor);
    cursor = page.next;
  }
}

describe('an event log against a plain list', () => {
  it('delivers, from any cursor and in pages of any size, exactly what rings and journal have, in order', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { log, oracle } = play(s);
        const { types } = filterOf(s);
        if (s.since === undefined) {
          const page = eventsOf(log.read(undefined, filterOf(s)).items);
          expect(page).toEqual(oracle.expected(undefined, types, s.limit).map(({ event }) => event));
        } else {
          const all = eventsOf(readAll(log, s.since, filterOf(s)));
          expect(all).toEqual(oracle.expected(s.since, types, Infinity).map(({ event }) => event));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('states every number that a reader does not get, and none that it gets; gaps and events are in order', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { log, oracle } = play(s);
        const first = s.since ?? 0;
        const items = readAll(log, first, filterOf(s));
        const gaps = gapsOf(items);
        const inGap = (n: number): boolean => gaps.some(({ from, to }) => n >= from && n <= to);
        const delivered = new Set(eventsOf(items).map(({ seq }) => seq));
        for (const n of delivered) expect(inGap(n)).toBe(false);
        for (const { number, event } of oracle.all) {
          const filtered = s.types !== undefined && !(s.types as readonly string[]).includes(event.type);
          if (number > first && !filtered) expect(delivered.has(number) || inGap(number)).toBe(true);
        }
        let place = first;
        for (const item of items) {
          const [from, to] = item.type === 'gap' ? [item.from, item.to] : [item.seq, item.seq];
          expect(from).toBeGreaterThan(place);
          expect(to).toBeGreaterThanOrEqual(from);
          place = to;
        }
        expect(place).toBeLessThanOrEqual(Math.max(log.last(), first));
      }),
      { numRuns: 500 },
    );
  });

  it('states no gap at all to a reader of trading events while the journal keeps them all', () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 0, max: 60 }), (s, since) => {
        const { log } = play({ ...s, kept: 1000 });
        expect(gapsOf(readAll(log, since, { types: TRADING_EVENT_TYPES, limit: s.limit }))).toEqual([]);
      }),
    );
  });
});

describe('an event log', () => {
  it('gives trading events of before a restart from the journal, with what is missing between them as gaps', () => {
    const oracle = new ListOracle(2, 1000);
    const clock = new VirtualClock();
    const before = new EventRings({ strategy: 's', clock, capacity: 2 });
    before.append(lifecycle('trading'), 0);
    for (const id of ['f1', 'f2']) {
      const event = before.append(fill(id), 1);
      oracle.put(event.seq, event);
      before.tick(1, 'EURUSD', 1, 2);
    }
    const after = new EventRings({ strategy: 's', clock, capacity: 2, start: 1000, journalStart: 3 });
    after.append(lifecycle('trading'), 0);
    const log = new EventLog(after, oracle.history());
    expect(shape(log.read(0, ALL).items)).toEqual(['1-1', 2, '3-3', 4, '5-999', 1000]);
    expect(shape(log.read(3, ALL).items)).toEqual([4, '5-999', 1000]);
    expect(shape(log.read(0, only('fill')).items)).toEqual([2, 4]);
    expect(shape(log.read(undefined, ALL).items)).toEqual([1000]);
  });

  it('reads no more of the journal at once than a bounded piece, and says that there is more', () => {
    const oracle = new ListOracle(10, 100_000);
    const rings = new EventRings({ strategy: 's', clock: new VirtualClock(), capacity: 10 });
    for (let i = 0; i < 2000; i++) {
      const event = rings.append(fill(`f${i}`), i);
      oracle.put(event.seq, event);
    }
    let most = 0;
    const history = oracle.history();
    const log = new EventLog(rings, {
      ...history,
      after: (since, rows) => {
        most = Math.max(most, rows);
        return history.after(since, rows);
      },
    });
    const page = log.read(0, only('halt'));
    expect(page).toMatchObject({ items: [], more: true });
    expect(most).toBeLessThanOrEqual(200);
    expect(page.next).toBe(most);
    expect(readAll(log, 0, ALL)).toHaveLength(2000);
  });

  it('states as a gap what the rings have lost before it was on disk', () => {
    const rings = new EventRings({ strategy: 's', clock: new VirtualClock(), capacity: 2 });
    const events = Array.from({ length: 6 }, (_, i) => rings.append(fill(`f${i}`), i));
    const log = new EventLog(rings, {
      after: (since) => events.slice(0, 2).filter(({ seq }) => seq > since),
      missing: (upTo, journalSeq) => (journalSeq > 2 ? [{ from: 3, to: upTo }] : []),
    });
    expect(shape(log.read(0, ALL).items)).toEqual([1, 2, '3-4', 5, 6]);
  });
});
