import { describe, expect, it } from 'vitest';
import { armTimers } from '../../src/actors/timers.ts';
import { TradeLog } from '../../src/actors/trade-log.ts';
import { WarmUp } from '../../src/actors/warm-up.ts';
import { VirtualClock } from '../../src/clock.ts';
import { iso } from '../../src/domain/time.ts';
import { Engine, START } from '../doubles/engine.ts';

describe('the trade log', () => {
  function traded(fills: number): TradeLog {
    const engine = new Engine({ paper: { latencyMs: 10, slippagePoints: 1 } });
    engine.quote(99, 101);
    for (let i = 0; i < fills; i++) engine.place(i % 2 === 0 ? 'BUY' : 'SELL', 1);
    engine.quote(104, 105);
    engine.clock.advanceBy(100);
    const log = new TradeLog(3);
    engine.trades.forEach((trade) => log.add(trade));
    return log;
  }

  it('tells slippage against the price of the decision: positive is adverse for either side', () => {
    const [buy, sell] = traded(2).kept();
    expect([buy?.signalPrice?.toNumber(), buy?.price.toNumber(), buy?.slippage?.toNumber()]).toEqual([
      101, 105.01, 4.01,
    ]);
    expect([sell?.signalPrice?.toNumber(), sell?.price.toNumber(), sell?.slippage?.toNumber()]).toEqual([
      99, 103.99, -4.99,
    ]);
    expect(sell).toMatchObject({ reducing: true, orderId: 's-1-2', side: 'SELL' });
  });

  it('keeps the last and counts them all', () => {
    const log = traded(5);
    expect([log.total, log.kept().map(({ orderId }) => orderId)]).toEqual([5, ['s-1-3', 's-1-4', 's-1-5']]);
  });
});

describe('the warm-up', () => {
  const stream = (key: string, warmup: number, barMs?: number) => ({
    key,
    symbol: 'X',
    warmup,
    ...(barMs !== undefined && { barMs }),
  });

  it('is complete when each stream has closed the bars that it asked for', () => {
    const warmUp = new WarmUp([stream('a', 2, 60_000), stream('b', 1, 1000), stream('c', 0, 1000), stream('d', 5)]);
    const seen = ['a', 'c', 'b', 'a'].map((key) => {
      warmUp.count(key);
      return warmUp.complete;
    });
    expect(seen).toEqual([false, false, false, true]);
  });

  it('is complete from the start when nothing asks for it', () => {
    expect(new WarmUp([stream('a', 0, 1000), stream('b', 9)]).complete).toBe(true);
  });

  it('lacks all bars of a stream until the first of them has closed', () => {
    const warmUp = new WarmUp([stream('a', 2, 60_000), stream('b', 0, 1000)]);
    expect([warmUp.lacksAll('a'), warmUp.lacksAll('b')]).toEqual([true, false]);
    warmUp.count('a');
    expect(warmUp.lacksAll('a')).toBe(false);
  });
});

describe("an author's timers", () => {
  it('fire at multiples of their period from the epoch', () => {
    const clock = new VirtualClock(START + 1);
    const seen: string[] = [];
    const disarm = armTimers([{ name: 'often', everyMs: 900_000 }], clock, (name) =>
      seen.push(`${name} ${iso(clock.now())}`),
    );
    clock.advanceBy(1_800_000);
    expect(seen).toEqual(['often 2024-01-10T09:15:00.000Z', 'often 2024-01-10T09:30:00.000Z']);
    disarm();
    expect(clock.nextDue()).toBe(Infinity);
  });

  it('fire at a time of day in their zone, across daylight saving', () => {
    const clock = new VirtualClock(Date.UTC(2024, 2, 9, 12));
    const seen: string[] = [];
    armTimers(
      [
        { name: 'close', at: '16:55', zone: 'America/New_York' },
        { name: 'noon', at: '12:00' },
      ],
      clock,
      (name) => seen.push(`${name} ${iso(clock.now())}`),
    );
    clock.advanceTo(Date.UTC(2024, 2, 11));
    expect(seen).toEqual([
      'close 2024-03-09T21:55:00.000Z',
      'noon 2024-03-10T12:00:00.000Z',
      'close 2024-03-10T20:55:00.000Z',
    ]);
  });
});
