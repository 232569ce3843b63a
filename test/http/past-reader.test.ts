/** Reading the past from checkpoints must give what reading it from its first event gives, and hold nothing up. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock, WallClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { EventBody, EventFilter } from '../../src/domain/events.ts';
import { toPlain } from '../../src/domain/json.ts';
import { readEquity, readPast } from '../../src/http/past-reader.ts';
import type { Wanted } from '../../src/http/past-trail.ts';
import { ReaderShare } from '../../src/http/reader-share.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';

const never = new AbortController().signal;
const freely = (): ReaderShare => new ReaderShare(new VirtualClock(0));

/** Every kind of event that a fold takes in, from a number. */
function body(n: number): EventBody {
  const order = { orderId: `o-${n - (n % 7)}`, symbol: 'EURUSD', side: 'BUY', qty: dec(100) } as const;
  switch (n % 7) {
    case 0:
      return { type: 'signal', signalId: `s-${n}`, symbol: 'EURUSD', action: 'buy', qty: dec(100) };
    case 1:
      return { type: 'order', ...order, role: 'entry', status: 'working', orderType: 'limit', filledQty: dec(0) };
    case 2:
      return {
        type: 'fill',
        ...order,
        fillId: `f-${n}`,
        price: dec('1.1'),
        commission: dec(0),
        realized: dec((n % 5) - 2),
        reducing: true,
      };
    case 3:
      return {
        type: 'position',
        symbol: 'EURUSD',
        qty: dec(n % 2),
        avgPrice: n % 2 === 0 ? null : dec('1.1'),
        fillId: null,
      };
    case 4:
      return n % 3 === 0
        ? { type: 'cancel', orderId: order.orderId, symbol: 'EURUSD', status: 'cancelled', reason: '' }
        : { type: 'rejection', ...order, status: n % 2 === 0 ? 'denied' : 'rejected', code: 'X', reason: '' };
    case 5:
      return { type: 'halt', causeId: `h-${n % 4}`, rule: 'manual', scope: 'strategy', reason: '', by: 'owner' };
    default:
      return { type: 'resume', reason: '', by: 'owner', lifted: [`h-${n % 4}`] };
  }
}

/** A strategy whose rings hold that many events, and how many of them were read. */
function strategyWith(events: number, capacity = Infinity) {
  const strategy = new ScriptedStrategy('s', capacity);
  const happen = (count: number): void => {
    for (let i = 0; i < count; i++) strategy.events.add(body(strategy.events.last()));
  };
  happen(events);
  return { strategy, happen };
}

describe('a reader of the past', () => {
  it('is told from a checkpoint what a fold from the first event tells, at any moments in any order', async () => {
    const { strategy, happen } = strategyWith(9000, 12_000);
    const same = async (wanted: Wanted | undefined): Promise<void> => {
      const fresh = Object.assign(new ScriptedStrategy('s'), { events: strategy.events });
      const view = await readPast(strategy, wanted, freely(), never);
      expect(toPlain(view)).toEqual(toPlain(await readPast(fresh, wanted, freely(), never)));
    };
    const [firstTs] = strategy.events.read(0, { limit: 1 }).items.map((event) => ('ts' in event ? event.ts : 0));
    const place = fc.record({ seq: fc.integer({ min: 0, max: 16_000 }), byTime: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 4 }), async (places) => {
        for (const { seq, byTime } of places) await same(byTime ? { ts: firstTs! + seq } : { seq });
        await same(undefined);
        // From the sixth round on the oldest are gone, more of them each time.
        happen(600);
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  it('reads some thousand events for a moment that is near one of before, and not all that are kept', async () => {
    const { strategy } = strategyWith(30_000);
    const readsOf = async (wanted: Wanted | undefined): Promise<number> => {
      const before = strategy.events.reads;
      await readPast(strategy, wanted, freely(), never);
      return strategy.events.reads - before;
    };
    expect(await readsOf(undefined)).toBeGreaterThan(100);
    for (const seq of [29_999, 12_345, 20_000]) expect(await readsOf({ seq })).toBeLessThan(12);
  });

  it('never reads more than a piece in one turn of the event loop, so that ticks come through in between', async () => {
    const { strategy } = strategyWith(5000);
    const { events } = strategy;
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    const given = new Map<number, number>();
    const read = events.read.bind(events);
    events.read = (since: number | undefined, filter: EventFilter) => {
      const page = read(since, filter);
      // Not the double's own way to the newest event.
      if (since !== undefined) given.set(turn, (given.get(turn) ?? 0) + page.items.length);
      return page;
    };
    await readPast(strategy, undefined, freely(), never);
    await new Promise(setImmediate);
    await readEquity(strategy, freely(), never);
    isOver = true;
    // With the first event, by which it is known whether checkpoints hold.
    expect(Math.max(...given.values())).toBeLessThanOrEqual(251);
    expect([...given.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('tells no state of a moment whose events are not shown yet', async () => {
    const { strategy, happen } = strategyWith(100);
    const entered = (seq: number, to: string) => ({ seq, ts: '2026-11-22T07:28:33.123Z', event: 'X', from: 'x', to });
    strategy.transitions = () => [entered(40, 'trading'), entered(105, 'halted')];
    const early = await readPast(strategy, undefined, freely(), never);
    expect(early).toMatchObject({ state: 'trading', at: { seq: 100 }, last: { seq: 100 } });
    happen(10);
    const late = await readPast(strategy, undefined, freely(), never);
    expect(late).toMatchObject({ state: 'halted', at: { seq: 110 } });
    const then = await readPast(strategy, { seq: 100 }, freely(), never);
    expect([then.state, then.realized, then.positions]).toEqual([early.state, early.realized, early.positions]);
  });

  it('ends when nobody waits any more', async () => {
    const { strategy } = strategyWith(5000);
    const gone = new AbortController();
    const reading = readPast(strategy, undefined, new ReaderShare(new WallClock()), gone.signal);
    gone.abort();
    await reading;
    expect(strategy.events.reads).toBeLessThan(5);
  });
});
