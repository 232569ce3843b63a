import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { EventBody, EventType } from '../../src/domain/events.ts';
import { EventOrder } from '../../src/streams/event-order.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { MergedEvents } from '../../src/streams/merged-events.ts';
import { ListOracle } from './oracle.ts';

const ALL = { limit: Infinity };
const lifecycle = (to: string): EventBody => ({ type: 'lifecycle', from: 'x', to, cause: 'test' });

function daemon(options: { capacity?: number; start?: number } = {}) {
  const clock = new VirtualClock(0);
  const order = new EventOrder(clock, options.start);
  const merged = new MergedEvents(order, options.capacity);
  const add = (strategy: string, capacity?: number): EventRings => {
    const rings = new EventRings({ strategy, clock, order, ...(capacity === undefined ? {} : { capacity }) });
    merged.add(strategy, rings);
    return rings;
  };
  return { clock, merged, add };
}

describe('merged events', () => {
  it('number the events of all strategies in the order in which they happened', () => {
    const { merged, add } = daemon();
    const a = add('a');
    const b = add('b');
    a.append(lifecycle('1'), 1);
    b.tick(2, 'EURUSD', 1, 2);
    b.append(lifecycle('2'), 3);
    a.append(lifecycle('3'), 4);
    const page = merged.read(undefined, ALL);
    expect(page.events.map((event) => [event.seq, event.strategy, event.type])).toEqual([
      [1, 'a', 'lifecycle'],
      [2, 'b', 'tick'],
      [3, 'b', 'lifecycle'],
      [4, 'a', 'lifecycle'],
    ]);
    expect(page.gap).toBeUndefined();
    expect(a.read(undefined, ALL).events.map((event) => event.seq)).toEqual([1, 2]);
  });

  it('do not call it a loss when a strategy joins later', () => {
    const { merged, add } = daemon();
    const a = add('a');
    for (let i = 0; i < 10; i++) a.append(lifecycle(String(i)), i);
    add('b').append(lifecycle('b'), 11);
    expect(merged.read(0, ALL).gap).toBeUndefined();
    expect(merged.read(0, ALL).events).toHaveLength(11);
  });

  it('state a gap for what went with a removed strategy, and none to a reader that had read it', () => {
    const { merged, add } = daemon();
    const a = add('a');
    a.append(lifecycle('1'), 1);
    add('b').append(lifecycle('2'), 2);
    a.append(lifecycle('3'), 3);
    merged.remove('b');
    expect(merged.read(0, ALL)).toMatchObject({ gap: { from: 1, to: 2 }, next: 3 });
    expect(merged.read(2, ALL).gap).toBeUndefined();
  });

  it('say that the numbers of an earlier daemon are gone', () => {
    const { merged, add } = daemon({ start: 100 });
    add('a').append(lifecycle('1'), 1);
    expect(merged.read(5, ALL).gap).toEqual({ from: 6, to: 99 });
  });

  it('notify once for events of several strategies', () => {
    const { clock, merged, add } = daemon();
    let notices = 0;
    merged.changed$.subscribe(() => (notices += 1));
    add('a').append(lifecycle('1'), 1);
    add('b').append(lifecycle('2'), 2);
    clock.advanceBy(20);
    expect(notices).toBe(1);
  });

  it('deliver what one bounded list would hold, and account for every number', () => {
    const step = fc.record({
      who: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<EventType>('tick', 'lifecycle', 'resume'),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 70 }),
        fc.option(fc.constantFrom<EventType>('tick', 'lifecycle', 'resume'), { nil: undefined }),
        (steps, capacity, since, type) => {
          const { merged, add } = daemon({ capacity });
          const sources = { a: add('a', capacity), b: add('b', capacity), c: add('c', capacity) };
          const oracle = new ListOracle(capacity);
          steps.forEach(({ who, kind }, index) => {
            const body: EventBody =
              kind === 'tick'
                ? { type: 'tick', symbol: 'EURUSD', bid: 1, ask: 2 }
                : kind === 'resume'
                  ? { type: 'resume', reason: 'r', by: 'me' }
                  : lifecycle(who);
            oracle.put(index + 1, { ...sources[who].append(body, index), seq: index + 1 });
          });
          const types = type === undefined ? undefined : new Set([type]);
          const page = merged.read(since, { limit: Infinity, ...(types === undefined ? {} : { types }) });
          expect(page.events.map(({ seq }) => seq)).toEqual(
            oracle.expected(since, types, Infinity).map(({ number }) => number),
          );
          const delivered = new Set(page.events.map(({ seq }) => seq));
          for (const { number, event } of oracle.all) {
            const filtered = types !== undefined && !types.has(event.type);
            const inGap = page.gap !== undefined && number >= page.gap.from && number <= page.gap.to;
            expect(number <= since || delivered.has(number) || filtered || inGap).toBe(true);
          }
        },
      ),
    );
  });
});
