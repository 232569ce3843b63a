/** Replays of quotes that a test writes down, without a file. */
import { NEVER } from 'rxjs';
import { VirtualClock } from '../../src/clock.ts';
import type { Tick } from '../../src/domain/market.ts';
import type { ReplaySource } from '../../src/venues/replay-file.ts';
import { ReplayMarket, type ReplayOptions } from '../../src/venues/replay-market.ts';
import { instrument, START } from '../doubles/engine.ts';

/** A quote `ms` after the start. */
export const at = (ms: number, bid: number, symbol = 'X', ask = bid): Tick => ({ symbol, ts: START + ms, bid, ask });

/** The ticks as a file would give them, a few at a time. */
export function sourceOf(ticks: readonly Tick[], batchSize = 3, barMs?: number): ReplaySource {
  return {
    layout: barMs === undefined ? 'quotes' : 'bars',
    barMs,
    firstTs: ticks[0]?.ts ?? START,
    symbols: ['X'],
    counts: { malformed: 0, crossed: 0, nonPositive: 0, backwards: 0, otherSymbol: 0 },
    faults$: NEVER,
    progress: () => 0,
    async *batches() {
      for (let i = 0; i < ticks.length; i += batchSize) yield await Promise.resolve(ticks.slice(i, i + batchSize));
    },
    close: () => Promise.resolve(),
  };
}

export function replay(ticks: readonly Tick[], options: Partial<ReplayOptions> = {}, barMs?: number): ReplayMarket {
  const instruments = new Map(['X', 'Y'].map((symbol) => [symbol, instrument(symbol)]));
  const failed = (error: unknown): void => {
    throw error;
  };
  return new ReplayMarket(sourceOf(ticks, 3, barMs), {
    speed: 'max',
    wall: new VirtualClock(),
    instruments,
    failed,
    ...options,
  });
}
