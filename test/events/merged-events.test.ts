import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { POSITIONS, type Positions } from '../../src/domain/cursors.ts';
import { isGap, type EventItem, type EventType } from '../../src/domain/events.ts';
import { EventLog } from '../../src/streams/event-log.ts';
import { EventOrder } from '../../src/streams/event-order.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { MergedEvents } from '../../src/streams/merged-events.ts';
import { ALL, bodies, fill, lifecycle, type Kind } from './bodies.ts';
import { ListOracle } from './oracle.ts';

function daemon() {
  const clock = new VirtualClock(0);
  const order = new EventOrder(clock);
  const departed = new Map<string, EventLog>();
  const merged = new MergedEvents(order, (name) => departed.get(name));
  const add = (strategy: string, options: { capacity?: number; start?: number; journalStart?: number } = {}) => {
    const rings = new EventRings({ strategy, clock, order, ...options });
    merged.add(strategy, new EventLog(rings));
    return rings;
  };
  return { clock, merged, add, departed };
}
const places = (text: string): Positions => POSITIONS.parse(text)!;
/** `a1`, `b2-7`: whose event or gap, and its numbers. */
const told = (items: readonly EventItem[]): string[] =>
  items.map((item) => `${item.strategy}${isGap(item) ? `${item.from}-${item.to}` : item.seq}`);

describe('merged events', () => {
  it('are those of all strategies in the order in which they happened, each with its own number', () => {
    const { merged, add } = daemon();
    const a = add('a');
    const b = add('b');
    a.append(lifecycle('1'), 1);
    b.tick(2, 'EURUSD', 1, 2);
    b.append(lifecycle('2'), 3);
    a.append(lifecycle('3'), 4);
    const page = merged.read(undefined, ALL);
    expect(told(page.items)).toEqual(['a1', 'b1', 'b2', 'a2']);
    expect(POSITIONS.format(page.next)).toBe('a:2,b:2');
    expect(told(merged.read(places('a:1,b:2'), ALL).items)).toEqual(['a2']);
  });

  it('go on where a page was cut, in every strategy', () => {
    const { merged, add } = daemon();
    const a = add('a');
    const b = add('b');
    for (let i = 0; i < 4; i++) {
      a.append(lifecycle('x'), i);
      b.append(lifecycle('x'), i);
    }
    const first = merged.read(undefined, { limit: 3 });
    expect([told(first.items), POSITIONS.format(first.next), first.more]).toEqual([
      ['a1', 'b1', 'a2'],
      'a:2,b:1',
      true,
    ]);
    const rest = merged.read(first.next, ALL);
    expect([told(rest.items), rest.more]).toEqual([['b2', 'a3', 'b3', 'a4', 'b4'], false]);
  });

  it('tell a strategy that joins later from its beginning', () => {
    const { merged, add } = daemon();
    add('a').append(lifecycle('1'), 1);
    const { next } = merged.read(undefined, ALL);
    add('b').append(lifecycle('b'), 11);
    expect(told(merged.read(next, ALL).items)).toEqual(['b1']);
  });

  it('state a gap of the strategy whose events are gone', () => {
    const { merged, add } = daemon();
    const a = add('a', { capacity: 2 });
    for (let i = 0; i < 5; i++) a.append(lifecycle('x'), i);
    expect(told(merged.read(places('0'), ALL).items)).toEqual(['a1-3', 'a4', 'a5']);
  });

  it('tell those who had not read a removed strategy to its end what is left of it, and no more', () => {
    const { merged, add, departed } = daemon();
    add('a').append(lifecycle('1'), 1);
    const b = add('b');
    b.append(lifecycle('2'), 2);
    b.append(lifecycle('3'), 3);
    merged.remove('b');
    departed.set(
      'b',
      new EventLog(new EventRings({ strategy: 'b', clock: new VirtualClock(0), start: 100, capacity: 1 })),
    );
    const page = merged.read(places('a:1,b:1'), ALL);
    expect(told(page.items)).toEqual(['b2-99']);
    expect(POSITIONS.format(page.next)).toBe('a:1,b:99');
    expect(told(merged.read(page.next, ALL).items)).toEqual([]);
    expect(told(merged.read(places('a:0'), ALL).items)).toEqual(['a1']);
  });

  it('tell nothing again of a strategy that is recovered, or deployed again, after they were read to its end', () => {
    const { merged, add, departed } = daemon();
    departed.set(
      'b',
      new EventLog(new EventRings({ strategy: 'b', clock: new VirtualClock(0), start: 100, capacity: 1 })),
    );
    const { next } = merged.read(places('b:99'), ALL);
    add('b', { start: 100 }).append(lifecycle('1'), 1);
    expect(told(merged.read(next, ALL).items)).toEqual(['b100']);
  });

  it('keep the places of no more strategies that are not here than a request can name', () => {
    const { merged, add } = daemon();
    add('here').append(lifecycle('1'), 1);
    const gone = Array.from({ length: 300 }, (_, n) => `gone-${n}:7`);
    const { next } = merged.read(places(['here:0', ...gone].join(',')), ALL);
    expect([next.size, next.get('here'), next.has('gone-99'), next.get('gone-100')]).toEqual([201, 1, false, 7]);
  });

  it('keep the place of a strategy that nothing is known of', () => {
    const { merged, add } = daemon();
    add('a').append(lifecycle('1'), 1);
    merged.remove('a');
    add('b');
    expect(merged.read(places('c:7'), ALL)).toMatchObject({ items: [] });
  });

  it('notify once for events of several strategies, and of what is released', () => {
    const { clock, merged, add } = daemon();
    let notices = 0;
    const a = add('a');
    const b = add('b');
    merged.changed$.subscribe(() => (notices += 1));
    a.append(lifecycle('1'), 1);
    b.append(lifecycle('2'), 2);
    clock.advanceBy(20);
    expect(notices).toBe(1);
    a.hold();
    a.append(fill('f'), 3);
    clock.advanceBy(20);
    expect(told(merged.read(places('a:1,b:1'), ALL).items)).toEqual([]);
    a.release();
    clock.advanceBy(20);
    expect(told(merged.read(places('a:1,b:1'), ALL).items)).toEqual(['a2']);
  });

  it('are, page by page and whatever the filter, what each strategy alone gives, in one order of happening', () => {
    const step = fc.record({
      who: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<Kind>('tick', 'lifecycle', 'fill'),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.option(fc.constantFrom<EventType>('tick', 'lifecycle', 'fill'), { nil: undefined }),
        (steps, capacity, limit, type) => {
          const { merged, add } = daemon();
          const names = ['a', 'b', 'c'] as const;
          const sources = { a: add('a', { capacity }), b: add('b', { capacity }), c: add('c', { capacity }) };
          const oracles = { a: new ListOracle(capacity), b: new ListOracle(capacity), c: new ListOracle(capacity) };
          const happened: string[] = [];
          for (const [index, { who, kind }] of steps.entries()) {
            const event = sources[who].append(bodies[kind](), index);
            oracles[who].put(event.seq, event);
            happened.push(`${who}${event.seq}`);
          }
          const types = type === undefined ? undefined : new Set([type]);
          const items: EventItem[] = [];
          for (let cursor: Positions = POSITIONS.start, more = true; more;) {
            const page = merged.read(cursor, { limit, ...(types !== undefined && { types }) });
            items.push(...page.items);
            ({ more } = page);
            // As a reader keeps it: in text.
            cursor = places(POSITIONS.format(page.next));
          }
          const events = told(items.filter((item) => !isGap(item)));
          expect(events).toEqual(happened.filter((name) => events.includes(name)));
          for (const name of names) {
            const mine = items.filter(({ strategy }) => strategy === name);
            const numbers = mine.flatMap((item) => (isGap(item) ? [] : [item.seq]));
            expect(numbers).toEqual(oracles[name].expected(0, types, Infinity).map(({ number }) => number));
            const gaps = mine.filter(isGap);
            for (const { number, event } of oracles[name].all) {
              const filtered = types !== undefined && !types.has(event.type);
              const inGap = gaps.some(({ from, to }) => number >= from && number <= to);
              expect(numbers.includes(number) !== inGap || filtered).toBe(true);
            }
          }
        },
      ),
    );
  });
});

describe('the newest of merged events', () => {
  it('are the end of all that a reader is given, of any number and filter, and what is held back is none of it', () => {
    const step = fc.record({
      who: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<Kind>('tick', 'lifecycle', 'fill'),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        fc.option(fc.constantFrom<EventType>('tick', 'lifecycle', 'fill'), { nil: undefined }),
        fc.constantFrom('a', 'b', undefined),
        (steps, capacity, limit, type, held) => {
          const { merged, add } = daemon();
          const rings = new Map(['a', 'b', 'c'].map((who) => [who, add(who, { capacity })]));
          steps.forEach(({ who, kind }, i) => {
            if (i === 30 && held !== undefined) rings.get(held)!.hold();
            rings.get(who)!.append(bodies[kind](), i);
          });
          const filter = type === undefined ? {} : { types: new Set([type]) };
          const all = merged.read(undefined, { ...filter, limit: Infinity });
          const events = all.items.filter((item) => !isGap(item));
          const newest = merged.newest({ ...filter, limit });
          expect(newest.items).toEqual(limit === 0 ? [] : events.slice(-limit));
          expect(POSITIONS.format(newest.next)).toBe(POSITIONS.format(all.next));
          expect(merged.read(newest.next, ALL).items).toEqual([]);
        },
      ),
    );
  });
});

describe('a cursor with places', () => {
  it('survives as text', () => {
    const cursor = new Map([
      ['ema-cross', 4211],
      ['daemon', 17],
    ]);
    expect(POSITIONS.format(cursor)).toBe('ema-cross:4211,daemon:17');
    expect(POSITIONS.parse('ema-cross:4211,daemon:17')).toEqual(cursor);
    expect(POSITIONS.parse('0')).toEqual(new Map());
    expect(POSITIONS.format(new Map())).toBe('0');
  });

  it.each(['', '5', 'a', 'a:', ':1', 'a:1,', 'a:1,a:2', 'a:-1', 'a:1:2', '../x:1', 'a:1e3'])('is not "%s"', (text) => {
    expect(POSITIONS.parse(text)).toBeUndefined();
  });

  it('never goes back in any place', () => {
    expect(POSITIONS.farther(places('a:5,b:1'), places('a:3,b:2,c:9'))).toEqual(places('a:5,b:2,c:9'));
  });
});
