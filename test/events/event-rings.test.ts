import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { QktEvent } from '../../src/domain/events.ts';
import { EventLog } from '../../src/streams/event-log.ts';
import { EventRings, LANE_CAPACITY } from '../../src/streams/event-rings.ts';
import { ALL, bar, eventsOf, fill, halt, lifecycle, only, shape } from './bodies.ts';

function rings(options: { capacity?: number; start?: number; journalStart?: number; clock?: VirtualClock } = {}) {
  const made = new EventRings({ strategy: 's', clock: options.clock ?? new VirtualClock(), ...options });
  return Object.assign(made, { log: new EventLog(made) });
}
const reasons = (events: readonly QktEvent[]) => events.map((event) => (event.type === 'halt' ? event.reason : '?'));

describe('event rings', () => {
  it('keep the newest three of five with capacity three (HTTP-12)', () => {
    const source = rings({ capacity: 3 });
    for (const reason of 'abcde') source.append(halt(reason), 1);
    expect(reasons(eventsOf(source.log.read(undefined, ALL).items))).toEqual(['c', 'd', 'e']);
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
    expect(shape(source.log.read(undefined, ALL).items)).toEqual([41, 42, 43, 44]);
    expect([first.journalSeq, second.journalSeq]).toEqual([7, 8]);
    expect(source.last()).toBe(44);
    expect(source.lastJournal()).toBe(8);
  });

  it('give a tick back as it was put', () => {
    const source = rings();
    source.tick(1_700_000_000_123, 'USDJPY', 150.001, 150.004);
    expect(source.log.read(undefined, ALL).items).toEqual([
      { seq: 1, ts: 1_700_000_000_123, type: 'tick', strategy: 's', symbol: 'USDJPY', bid: 150.001, ask: 150.004 },
    ]);
  });

  it('never lose a fill to ticks or bars', () => {
    const source = rings();
    for (let i = 0; i < LANE_CAPACITY; i++) source.append(fill(`f${i}`), i);
    for (let i = 0; i < 10 * LANE_CAPACITY; i++) source.tick(i, 'EURUSD', 1, 2);
    for (let i = 0; i < 2 * LANE_CAPACITY; i++) source.append(bar(), i);
    const { items, next } = source.log.read(0, only('fill'));
    expect(items.map(({ type }) => type)).toEqual(Array.from({ length: LANE_CAPACITY }, () => 'fill'));
    expect(next).toBe(source.last());
  });

  it('state in a gap exactly the numbers that a reader does not get, each gap in its place', () => {
    const source = rings({ capacity: 10 });
    source.append(lifecycle('trading'), 0);
    for (let i = 0; i < 50; i++) source.tick(i, 'EURUSD', 1, 2);
    source.append(fill('f'), 50);
    for (let i = 0; i < 48; i++) source.tick(i, 'EURUSD', 1, 2);
    const ticks = Array.from({ length: 10 }, (_, i) => 91 + i);
    expect(shape(source.log.read(0, ALL).items)).toEqual([1, '2-51', 52, '53-90', ...ticks]);
    expect(shape(source.log.read(undefined, ALL).items)).toEqual([1, '2-51', 52, '53-90', ...ticks]);
    expect(shape(source.log.read(0, only('tick')).items)).toEqual(['2-90', ...ticks]);
    expect(shape(source.log.read(undefined, only('tick')).items)).toEqual(ticks);
    expect(shape(source.log.read(0, only('fill', 'lifecycle')).items)).toEqual([1, 52]);
  });

  it('say that the numbers of an earlier run are gone, up to the first of this one', () => {
    const source = rings({ start: 1000 });
    source.append(lifecycle('starting'), 0);
    source.append(halt('h'), 0);
    for (let i = 0; i < 3; i++) source.tick(i, 'EURUSD', 1, 2);
    expect(shape(source.log.read(400, ALL).items)).toEqual(['401-999', 1000, 1001, 1002, 1003, 1004]);
    expect(shape(source.log.read(999, ALL).items)).toEqual([1000, 1001, 1002, 1003, 1004]);
  });

  it('give only what is on the symbols that are asked for', () => {
    const source = rings();
    source.tick(1, 'EURUSD', 1, 2);
    source.tick(2, 'USDJPY', 150, 151);
    source.append(fill('f', 'USDJPY'), 3);
    source.append(halt('h'), 4);
    expect(shape(source.log.read(0, { symbols: new Set(['USDJPY']), limit: 10 }).items)).toEqual([2, 3]);
    expect(source.log.read(0, { symbols: new Set(['GBPUSD']), limit: 10 })).toMatchObject({ items: [], next: 4 });
  });

  it('go on from a cursor that lies ahead without going back', () => {
    const source = rings();
    source.append(lifecycle('starting'), 0);
    expect(source.log.read(50, ALL)).toEqual({ from: 50, items: [], next: 50, more: false });
    expect(source.log.isAhead(50)).toBe(true);
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

  it('show nothing of what is held back, nor what came after it, until it is released', () => {
    const source = rings();
    const seen = (): unknown => shape(source.log.read(undefined, { limit: 100 }).items);
    source.tick(1, 'EURUSD', 1, 1);
    const before = source.hold();
    source.append({ type: 'resume', reason: 'looked at it', by: 'owner' }, 2);
    source.tick(3, 'EURUSD', 1, 1);
    expect([seen(), source.last(), source.log.read(1, { limit: 100 }).next]).toEqual([[1], 1, 1]);
    source.release(before);
    expect(seen()).toEqual([1]);
    source.release();
    expect([seen(), source.last()]).toEqual([[1, 2, 3], 3]);
  });
});
