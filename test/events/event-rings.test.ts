import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { TRADING_EVENT_TYPES, type EventBody, type EventType, type QktEvent } from '../../src/domain/events.ts';
import type { EventSource } from '../../src/domain/ports.ts';
import { EventOrder } from '../../src/streams/event-order.ts';
import { EventRings, LANE_CAPACITY } from '../../src/streams/event-rings.ts';
import { MergedEvents } from '../../src/streams/merged-events.ts';
import { ListOracle } from './oracle.ts';

const ALL = { limit: Infinity };
const only = (...types: EventType[]) => ({ types: new Set(types), limit: Infinity });
const halt = (reason: string): EventBody => ({ type: 'halt', rule: 'manual', scope: 'strategy', reason, by: null });
const lifecycle = (to: string): EventBody => ({ type: 'lifecycle', from: 'x', to, cause: 'test' });
const fill = (id: string): EventBody => ({
  type: 'fill',
  fillId: id,
  orderId: `${id}-o`,
  symbol: 'EURUSD',
  side: 'BUY',
  qty: dec(1),
  price: dec('1.0973'),
  commission: dec(0),
  realized: dec(0),
  reducing: false,
});
const bar = (): EventBody => ({
  type: 'bar',
  symbol: 'EURUSD',
  lengthMs: 1000,
  start: '',
  end: '',
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  ticks: 1,
});

function rings(options: { capacity?: number; start?: number; journalStart?: number; clock?: VirtualClock } = {}) {
  return new EventRings({ strategy: 's', clock: options.clock ?? new VirtualClock(), ...options });
}
const reasons = (events: readonly QktEvent[]) => events.map((event) => (event.type === 'halt' ? event.reason : '?'));

describe('event rings', () => {
  it('keep the newest three of five with capacity three (HTTP-12)', () => {
    const source = rings({ capacity: 3 });
    for (const reason of 'abcde') source.append(halt(reason), 1);
    expect(reasons(source.read(undefined, ALL).events)).toEqual(['c', 'd', 'e']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuse a capacity of %d', (capacity) => {
    expect(() => rings({ capacity })).toThrow(RangeError);
  });

  it('number every event once and trading events without a gap', () => {
    const source = rings({ start: 41, journalStart: 7 });
    source.tick(1, 'EURUSD', 1, 2);
    const first = source.append(fill('f1'), 2);
    source.append(lifecycle('halted'), 3);
    const second = source.append(halt('h'), 4);
    expect(source.read(undefined, ALL).events.map((event) => event.seq)).toEqual([41, 42, 43, 44]);
    expect([first.journalSeq, second.journalSeq]).toEqual([7, 8]);
    expect(source.last()).toBe(44);
    expect(source.lastJournal()).toBe(8);
  });

  it('give a tick back as it was put', () => {
    const source = rings();
    source.tick(1_700_000_000_123, 'USDJPY', 150.001, 150.004);
    expect(source.read(undefined, ALL).events).toEqual([
      { seq: 1, ts: 1_700_000_000_123, type: 'tick', strategy: 's', symbol: 'USDJPY', bid: 150.001, ask: 150.004 },
    ]);
  });

  it('never lose a fill to ticks or bars', () => {
    const source = rings();
    for (let i = 0; i < LANE_CAPACITY; i++) source.append(fill(`f${i}`), i);
    for (let i = 0; i < 10 * LANE_CAPACITY; i++) source.tick(i, 'EURUSD', 1, 2);
    for (let i = 0; i < 2 * LANE_CAPACITY; i++) source.append(bar(), i);
    expect(source.read(0, only('fill'))).toMatchObject({ next: source.last() });
    expect(source.read(0, only('fill')).events).toHaveLength(LANE_CAPACITY);
    expect(source.read(0, only('fill')).gap).toBeUndefined();
  });

  it('state a gap from the cursor on to a reader whose ticks are gone', () => {
    const source = rings({ capacity: 10 });
    source.append(lifecycle('trading'), 0);
    for (let i = 0; i < 100; i++) source.tick(i, 'EURUSD', 1, 2);
    const page = source.read(0, ALL);
    expect(page.gap).toEqual({ from: 1, to: 91 });
    expect(page.events.map((event) => event.seq)).toEqual([1, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101]);
  });

  it('tell a reader without a cursor of the holes between what it gets', () => {
    const source = rings({ capacity: 10 });
    source.append(lifecycle('trading'), 0);
    for (let i = 0; i < 100; i++) source.tick(i, 'EURUSD', 1, 2);
    expect(source.read(undefined, ALL).gap).toEqual({ from: 2, to: 91 });
    expect(source.read(undefined, only('tick')).gap).toBeUndefined();
  });

  it('say that the numbers of an earlier run are gone', () => {
    const source = rings({ start: 1000 });
    source.append(lifecycle('starting'), 0);
    expect(source.read(400, ALL)).toMatchObject({ gap: { from: 401, to: 999 }, next: 1000 });
    expect(source.read(999, ALL).gap).toBeUndefined();
  });

  it('go on from a cursor that lies ahead without going back', () => {
    const source = rings();
    source.append(lifecycle('starting'), 0);
    expect(source.read(50, ALL)).toEqual({ events: [], next: 50 });
  });

  it('give one notice for a thousand events, and none without events', () => {
    const clock = new VirtualClock(0);
    const source = rings({ clock });
    let notices = 0;
    const subscription = source.changed$.subscribe(() => (notices += 1));
    clock.advanceBy(1000);
    expect(notices).toBe(0);
    for (let i = 0; i < 1000; i++) source.tick(i, 'EURUSD', 1, 2);
    clock.advanceBy(20);
    expect(notices).toBe(1);
    source.append(fill('f'), 1);
    clock.advanceBy(20);
    expect(notices).toBe(2);
    subscription.unsubscribe();
  });

  it('set no timer while nobody listens', () => {
    const clock = new VirtualClock(0);
    const source = rings({ clock });
    for (let i = 0; i < 1000; i++) source.tick(i, 'EURUSD', 1, 2);
    expect(clock.nextDue()).toBe(Infinity);
  });
});

const KINDS = ['tick', 'bar', 'fill', 'halt', 'lifecycle'] as const;
const bodies: Record<(typeof KINDS)[number], () => EventBody> = {
  tick: () => ({ type: 'tick', symbol: 'EURUSD', bid: 1, ask: 2 }),
  bar,
  fill: () => fill('f'),
  halt: () => halt('h'),
  lifecycle: () => lifecycle('x'),
};
const scenario = fc.record({
  capacity: fc.integer({ min: 1, max: 5 }),
  start: fc.integer({ min: 1, max: 20 }),
  kinds: fc.array(fc.constantFrom(...KINDS), { maxLength: 60 }),
  types: fc.option(fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1 }), { nil: undefined }),
  since: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
  limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Infinity)),
});

function play({
  capacity,
  start,
  kinds,
}: {
  capacity: number;
  start: number;
  kinds: readonly (typeof KINDS)[number][];
}) {
  const source = rings({ capacity, start });
  const oracle = new ListOracle(capacity);
  kinds.forEach((kind, index) => {
    if (kind === 'tick') source.tick(index, 'EURUSD', 1, 2);
    const event =
      kind === 'tick'
        ? ({ seq: start + index, ts: index, type: 'tick', strategy: 's', symbol: 'EURUSD', bid: 1, ask: 2 } as const)
        : source.append(bodies[kind](), index);
    oracle.put(start + index, event);
  });
  return { source, oracle };
}

describe('event rings against a plain list', () => {
  it('deliver exactly what is held, in order, after the cursor', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { source, oracle } = play(s);
        const types = s.types === undefined ? undefined : new Set<EventType>(s.types);
        const page = source.read(s.since, { limit: s.limit, ...(types === undefined ? {} : { types }) });
        expect(page.events).toEqual(oracle.expected(s.since, types, s.limit).map(({ event }) => event));
      }),
    );
  });

  it('account for every number: delivered, filtered out, or in the stated gap, and page on without loss or repetition', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { source, oracle } = play(s);
        const types = s.types === undefined ? undefined : new Set<EventType>(s.types);
        const held = new Set(oracle.held().map(({ number }) => number));
        const seen: number[] = [];
        const first = s.since ?? s.start - 1;
        let since = first;
        for (let pages = 0; since < source.last() && pages < 200; pages++) {
          const page = source.read(since, { limit: s.limit, ...(types === undefined ? {} : { types }) });
          const delivered = new Set(page.events.map((event) => event.seq));
          seen.push(...delivered);
          for (let n = since + 1; n <= page.next; n++) {
            const entry = oracle.all.find(({ number }) => number === n);
            const filtered = entry !== undefined && types !== undefined && !types.has(entry.event.type);
            const inGap = page.gap !== undefined && n >= page.gap.from && n <= page.gap.to;
            expect(delivered.has(n) || filtered || inGap).toBe(true);
          }
          if (page.gap !== undefined) {
            const numbers = Array.from({ length: page.gap.to - page.gap.from + 1 }, (_, i) => page.gap!.from + i);
            expect(numbers.every((n) => held.has(n))).toBe(false);
            expect(page.gap.to).toBeLessThanOrEqual(page.next);
          }
          expect(page.next).toBeGreaterThan(since);
          since = page.next;
        }
        expect(seen).toEqual(oracle.expected(first, types, Infinity).map(({ number }) => number));
      }),
    );
  });

  it('give trading events a journal sequence without a hole', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { oracle } = play(s);
        const numbers = oracle.all
          .filter(({ event }) => TRADING_EVENT_TYPES.has(event.type))
          .map(({ event }) => event.journalSeq);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
    );
  });

  it('show nothing of what is held back, nor what came after it, until it is released', () => {
    const clock = new VirtualClock();
    const order = new EventOrder(clock);
    const rings = new EventRings({ strategy: 'a', clock, order });
    const merged = new MergedEvents(order);
    merged.add('a', rings);
    const all = { limit: 100 };
    const seen = (source: EventSource): readonly number[] => source.read(undefined, all).events.map(({ seq }) => seq);

    rings.tick(1, 'EURUSD', 1, 1);
    const before = rings.hold();
    rings.append({ type: 'resume', reason: 'looked at it', by: 'owner' }, 2);
    rings.tick(3, 'EURUSD', 1, 1);
    expect([seen(rings), rings.last(), rings.read(1, all).next]).toEqual([[1], 1, 1]);
    expect([seen(merged), merged.last()]).toEqual([[1], 1]);

    rings.release(before);
    expect(seen(rings)).toEqual([1]);
    rings.release();
    expect([seen(rings), rings.last(), seen(merged)]).toEqual([[1, 2, 3], 3, [1, 2, 3]]);
  });
});
