/** What is wrong with a quote that cannot be one: it is dropped, counted by its cause, and never ends a feed. */
import type { DropCause, FeedFault, Tick } from '../domain/market.ts';
import { iso } from '../domain/time.ts';

/** How often each cause has dropped something. */
export type DropCounts = Record<DropCause, number>;

export const noDrops = (): DropCounts => ({
  malformed: 0,
  crossed: 0,
  nonPositive: 0,
  backwards: 0,
  otherSymbol: 0,
});

/** What is wrong with a pair of prices, if anything. A locked market (bid equal to ask) is in order. */
export function judgePrices(bid: number, ask: number): 'malformed' | 'nonPositive' | 'crossed' | undefined {
  if (bid > 0 && ask >= bid && ask < Infinity) return undefined;
  if (!Number.isFinite(bid) || !Number.isFinite(ask)) return 'malformed';
  return bid <= 0 || ask <= 0 ? 'nonPositive' : 'crossed';
}

/** A dropped tick as the fault that is shown: a sentence with the figures in it. */
export function faultOf(cause: DropCause, tick: Tick): FeedFault {
  return { cause, symbol: tick.symbol, detail: describe(cause, tick) };
}

function describe(cause: DropCause, { bid, ask, ts }: Tick): string {
  switch (cause) {
    case 'crossed':
      return `crossed quote: bid ${bid} is above ask ${ask}`;
    case 'nonPositive':
      return `a price is not positive: bid ${bid}, ask ${ask}`;
    case 'backwards':
      return `time runs backwards: ${iso(ts)} is before the quote that came last`;
    default:
      return `not a quote: bid ${bid}, ask ${ask}, time ${ts}`;
  }
}
