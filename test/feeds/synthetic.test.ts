import * as fc from 'fast-check';
import { EMA } from 'trading-signals';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { Tick } from '../../src/domain/market.ts';
import { BarBuilder } from '../../src/streams/bars.ts';
import { judgePrices } from '../../src/streams/quote-faults.ts';
import { defaultStartPrice, syntheticTicks, type SyntheticSymbol } from '../../src/venues/synthetic.ts';

const START = Date.UTC(2026, 0, 5);

function market(symbol: string, tickSize: string, spread: string): SyntheticSymbol {
  const instrument = {
    symbol,
    contractSize: dec(1),
    tickSize: dec(tickSize),
    volumeMin: dec(1),
    volumeStep: dec(1),
    base: symbol.slice(0, 3),
    quote: symbol.slice(3),
    session: '24x7',
    spread: dec(spread),
  };
  return { instrument, startPrice: defaultStartPrice(symbol) };
}

const MARKETS = [
  market('EURUSD', '0.00001', '0.00008'),
  market('USDJPY', '0.001', '0.012'),
  market('XAUUSD', '0.01', '0.25'),
  market('BTCUSD', '0.5', '5'),
  market('OTHERS', '0.01', '0'),
];

/** All ticks of this many milliseconds of market time. */
function ticksOf(symbols: readonly SyntheticSymbol[], ms: number, seed = 1, start = START): Tick[] {
  const ticks: Tick[] = [];
  for (const tick of syntheticTicks({ seed, symbols, start })) {
    if (tick.ts > start + ms) return ticks;
    ticks.push(tick);
  }
  return ticks;
}

/** How often two averages of one-second closes cross, once the slow one is warm. */
function crosses(ticks: readonly Tick[], fastLength: number, slowLength: number): number {
  const [fast, slow] = [new EMA(fastLength), new EMA(slowLength)];
  const builder = new BarBuilder('X', 1000, 5);
  let above: boolean | undefined;
  let count = 0;
  for (const tick of ticks) {
    const due = builder.due();
    if (due !== undefined && due <= tick.ts) {
      const { close } = builder.close();
      fast.add(close);
      slow.add(close);
      if (slow.isStable) {
        const now = fast.getResultOrThrow() > slow.getResultOrThrow();
        if (above !== undefined && above !== now) count += 1;
        above = now;
      }
    }
    builder.add(tick);
  }
  return count;
}

describe('the synthetic market', () => {
  it('gives the same quotes for the same seed, and others for another', () => {
    expect(ticksOf(MARKETS, 60_000, 7)).toEqual(ticksOf(MARKETS, 60_000, 7));
    expect(ticksOf(MARKETS, 60_000, 7)).not.toEqual(ticksOf(MARKETS, 60_000, 8));
  });

  it('gives the same series of prices whenever it starts', () => {
    const later = START + 12_345_678;
    const moved = ticksOf(MARKETS, 60_000, 7, later).map((tick) => ({ ...tick, ts: tick.ts - later + START }));
    expect(moved).toEqual(ticksOf(MARKETS, 60_000, 7));
  });

  it('changes nothing for the others when a symbol is added', () => {
    const all = ticksOf(MARKETS, 60_000);
    for (const one of MARKETS)
      expect(all.filter((tick) => tick.symbol === one.instrument.symbol)).toEqual(ticksOf([one], 60_000));
  });

  it('is in order of time, and has no quote that cannot be one', () => {
    const ticks = ticksOf(MARKETS, 600_000);
    expect(ticks.filter(({ bid, ask }) => judgePrices(bid, ask) !== undefined)).toEqual([]);
    expect(ticks.every(({ ts }, index) => index === 0 || ts >= ticks[index - 1]!.ts)).toBe(true);
    expect(ticks.every((tick) => Number.isInteger(tick.ts))).toBe(true);
  });

  it('quotes on the grid of the tick size with the spread of the instrument, exactly', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MARKETS), fc.nat(), (one, seed) => {
        const { tickSize, spread } = one.instrument;
        for (const { bid, ask } of ticksOf([one], 20_000, seed)) {
          expect(dec(bid).equals(dec(bid).flooredTo(tickSize))).toBe(true);
          expect(dec(ask).minus(dec(bid)).equals(spread)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has a few quotes a second at irregular intervals, and no pause', () => {
    const ticks = ticksOf([MARKETS[0]!], 600_000);
    const waits = ticks.slice(1).map((tick, i) => tick.ts - ticks[i]!.ts);
    expect(ticks.length / 600).toBeGreaterThan(3);
    expect(ticks.length / 600).toBeLessThan(5);
    expect(new Set(waits).size).toBeGreaterThan(200);
    expect(Math.max(...waits)).toBeLessThan(1000);
  });

  it.each(MARKETS)('looks alive: averages of $instrument.symbol cross within two minutes, for any seed', (one) => {
    const counts = Array.from({ length: 40 }, (_, seed) => crosses(ticksOf([one], 120_000, seed), 5, 13));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
    expect(counts.reduce((sum, n) => sum + n, 0) / counts.length).toBeGreaterThan(5);
  });

  it('stays near its start price for as long as a day', () => {
    for (const one of MARKETS) {
      let [low, high] = [Infinity, 0];
      for (const { bid } of ticksOf([one], 86_400_000)) {
        low = Math.min(low, bid);
        high = Math.max(high, bid);
      }
      expect(low / one.startPrice).toBeGreaterThan(0.95);
      expect(high / one.startPrice).toBeLessThan(1.05);
      expect(high).toBeGreaterThan(low);
    }
  });

  it('refuses to be a market of nothing', () => {
    expect(() => syntheticTicks({ seed: 1, symbols: [], start: 0 }).next()).toThrow(RangeError);
  });

  it('begins where prices of a symbol are, and at 100 for symbols that nobody knows', () => {
    expect(defaultStartPrice('USDJPY')).toBeGreaterThan(50);
    expect(defaultStartPrice('NOBODY')).toBe(100);
    expect(defaultStartPrice('toString')).toBe(100);
  });
});
