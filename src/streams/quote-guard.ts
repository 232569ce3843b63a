/**
 * The basics of the feed guard: no quote passes that cannot be one. Dropped quotes are counted by
 * cause and never end a feed. One guard per symbol; it runs for every tick and allocates nothing.
 */
import type { DropCause, FeedFault, Tick } from '../domain/market.ts';
import { iso, type EpochMs } from '../domain/time.ts';

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

/** Passes or drops the quotes of one symbol. */
export class QuoteGuard {
  readonly #counts = noDrops();
  #last: EpochMs = -Infinity;
  #dropped = 0;

  /** Why the tick must be dropped (it is counted), or `undefined`: it passes, and time must not go back behind it. */
  check(tick: Tick): DropCause | undefined {
    const cause = judgePrices(tick.bid, tick.ask) ?? this.#judgeTime(tick.ts);
    if (cause === undefined) {
      this.#last = tick.ts;
      return undefined;
    }
    this.#counts[cause] += 1;
    this.#dropped += 1;
    return cause;
  }

  #judgeTime(ts: EpochMs): DropCause | undefined {
    if (ts >= this.#last && ts < Infinity) return undefined;
    return Number.isFinite(ts) ? 'backwards' : 'malformed';
  }

  /** Drops by cause so far. */
  get counts(): Readonly<DropCounts> {
    return this.#counts;
  }

  /** All drops so far. */
  get dropped(): number {
    return this.#dropped;
  }
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
