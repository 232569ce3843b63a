/** What is counted along a strategy's way, and how far it goes on in the next run. */
import { describe, expect, it } from 'vitest';
import { TickActivity } from '../../src/actors/tick-activity.ts';
import { TradingCounters } from '../../src/actors/trading-counters.ts';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { Histogram } from '../../src/domain/histogram.ts';
import { TICKS_TO_A_SAMPLE } from '../../src/domain/metrics.ts';
import type { Order } from '../../src/domain/orders.ts';
import type { TradeView } from '../../src/domain/trading-views.ts';
import { OpenTime } from '../../src/risk/open-time.ts';

const order = (id: string, type: Order['type']): Order => ({ id, type }) as Order;
const trade = (slippage: string | null, reducing = false): TradeView =>
  ({ slippage: slippage === null ? null : dec(slippage), signalPrice: dec('2'), reducing }) as TradeView;
const fill = (orderId: string) => ({ kind: 'fill', fill: { orderId }, remaining: dec(0) }) as never;

describe('slippage', () => {
  it('is kept apart when it is adverse and when it is favourable, as a share of the signal price', () => {
    const counters = new TradingCounters(new VirtualClock(), () => undefined);
    for (const slippage of ['0.002', '0', '-0.004', null]) counters.traded(trade(slippage));
    const { slippage, improvement, highSlippageTrades } = counters.view();
    expect([slippage.sum, slippage.counts.reduce((a, b) => a + b)]).toEqual([0.001, 2]);
    expect([improvement.sum, improvement.counts.reduce((a, b) => a + b)]).toEqual([0.002, 1]);
    expect(highSlippageTrades).toBe(0);
  });

  it('is high above what is configured, either way, and of entries alone', () => {
    const counters = new TradingCounters(new VirtualClock(), () => dec('0.002'));
    const slippages = [['0.002'], ['0.0020001'], ['-0.002'], ['-0.003'], ['0.9', true]] as const;
    for (const [slippage, reducing] of slippages) counters.traded(trade(slippage, reducing));
    expect(counters.view().highSlippageTrades).toBe(2);
  });
});

describe("an order's latency", () => {
  it("is that of the venue's first word, and of a market order's first fill", () => {
    const clock = new VirtualClock();
    const counters = new TradingCounters(clock, () => undefined);
    counters.sent(order('a', 'market'));
    counters.sent(order('b', 'limit'));
    clock.advanceBy(20);
    counters.report({ kind: 'accepted', orderId: 'a', qty: dec(1) });
    counters.report({ kind: 'accepted', orderId: 'b', qty: dec(1) });
    clock.advanceBy(980);
    counters.report(fill('a'));
    counters.report(fill('a'));
    counters.report(fill('b'));
    const { latency, submitted } = counters.view();
    expect(latency.ack.sum).toBeCloseTo(0.04, 12);
    expect([latency.fill.sum, latency.fill.counts.reduce((sum, count) => sum + count)]).toEqual([1, 1]);
    expect(submitted).toBe(2);
  });

  it('is not told of an order whose fate was unknown', () => {
    const counters = new TradingCounters(new VirtualClock(), () => undefined);
    counters.sent(order('a', 'market'));
    counters.report({ kind: 'unknown', orderId: 'a', reason: 'lost' });
    counters.report(fill('a'));
    expect(counters.view().latency.ack.sum + counters.view().latency.fill.counts.at(-1)!).toBe(0);
  });
});

describe('counts of trading', () => {
  it('go on in the next run', () => {
    const clock = new VirtualClock(1000);
    const first = new TradingCounters(clock, () => dec('0.001'));
    first.traded(trade('0.002'));
    first.sent(order('a', 'market'));
    first.report(fill('a'));
    clock.advanceBy(5000);
    const second = new TradingCounters(clock, () => dec('0.001'));
    second.restore(structuredClone({ ...first.save() }));
    expect(second.view()).toEqual(first.view());
    expect(second.since).toBe(1000);
  });

  it('begin at zero where they were kept in other buckets', () => {
    const before = new Histogram([1, 2]);
    before.observe(1.5);
    const after = new Histogram([1, 3]);
    after.restore(before.view());
    expect(after.view()).toEqual({ bounds: [1, 3], counts: [0, 0, 0], sum: 0 });
  });
});

describe('what passes along the tick path', () => {
  const activity = (quiet: { count: number }, outliers = { count: 0 }): TickActivity =>
    new TickActivity({ quiet: () => quiet.count, outliers: () => outliers.count });

  it('is counted by symbol, and one in so many is to be timed', () => {
    const counted = activity({ count: 0 });
    const eur = counted.of('EURUSD');
    const timed = Array.from({ length: 2 * TICKS_TO_A_SAMPLE }, (_, ts) => counted.tick(eur, ts));
    expect(timed.filter(Boolean)).toHaveLength(2);
    expect(counted.symbols(['EURUSD'])).toEqual([
      { symbol: 'EURUSD', ticks: 128, dropped: 0, lastTickTs: 2 * TICKS_TO_A_SAMPLE - 1 },
      { symbol: 'other', ticks: 0, dropped: 0 },
    ]);
  });

  it('counts quotes that the market has dropped since then', () => {
    const outliers = { count: 7 };
    const counted = activity({ count: 0 }, outliers);
    counted.of('EURUSD').dropped += 1;
    outliers.count = 9;
    expect(counted.symbols(['EURUSD'])[0]!.dropped).toBe(3);
  });

  it('goes on after a run that ended in order, and begins at zero after one that did not', () => {
    const quiet = { count: 40 };
    const first = activity(quiet);
    first.forget();
    first.tick(first.of('EURUSD'), 5);
    first.timed(3);
    quiet.count = 100;
    expect([first.quietBefore, first.save()]).toEqual([40, undefined]);
    first.end();
    const second = activity(quiet);
    second.forget();
    second.restore(first.save());
    quiet.count = 105;
    expect([quiet.count - second.quietBefore, second.symbols(['EURUSD'])[0]!.ticks, second.processing.sum]).toEqual([
      65, 1, 0.003,
    ]);
    const crashed = activity(quiet);
    crashed.forget();
    expect([quiet.count - crashed.quietBefore, crashed.symbols(['EURUSD'])[0]!.ticks]).toEqual([0, 0]);
  });
});

describe('open time', () => {
  const FX = { zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: [] };
  const FRIDAY = Date.parse('2026-11-20T21:00:00Z');
  const HOUR = 3_600_000;

  it('is the time of open market, over a weekend too, however often it is asked', () => {
    const time = new OpenTime([FX]);
    expect(time.within(FRIDAY, FRIDAY)).toBe(0);
    expect(time.within(FRIDAY, FRIDAY + 30 * 60_000)).toBe(30 * 60_000);
    expect(time.within(FRIDAY, FRIDAY + 30 * HOUR)).toBe(HOUR);
    expect(time.within(FRIDAY, FRIDAY + 52 * HOUR)).toBe(4 * HOUR);
    expect(time.within(FRIDAY + HOUR, FRIDAY + 52 * HOUR)).toBe(3 * HOUR);
    expect(time.within(FRIDAY, FRIDAY + HOUR)).toBe(HOUR);
  });

  it('is that of any session, and all of it where one never closes', () => {
    const day = { zone: 'UTC', open: '00:00', close: '01:00', holidays: [] };
    expect(new OpenTime([FX, undefined]).within(FRIDAY, FRIDAY + 52 * HOUR)).toBe(52 * HOUR);
    expect(new OpenTime([FX, day]).within(FRIDAY, FRIDAY + 52 * HOUR)).toBe(4 * HOUR);
  });
});
