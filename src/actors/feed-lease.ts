/**
 * The lease of one symbol's feed: renewed by quotes that were worked through. A closed session suspends
 * it, and the opening begins it anew.
 */
import type { Clock } from '../clock.ts';
import type { LeaseView } from '../domain/health-views.ts';
import type { Market } from '../venues/market.ts';
import { Lease } from './leases.ts';

export class FeedLease {
  readonly symbol: string;
  /** Names of those that its strategy trades in; it is in session while any is. */
  sessions: readonly string[] = [];
  readonly #market: Market;
  readonly #lease: Lease;
  /** Renewed since the last look: the time is not read for every tick. */
  #renewed = false;

  constructor(symbol: string, market: Market, clock: Clock) {
    this.symbol = symbol;
    this.#market = market;
    this.#lease = new Lease(`feed:${symbol}`, market.silenceLimitMs(symbol), clock);
  }

  /** A tick has been worked through. Of those between two looks the first renews, so the age is never too small. */
  ticked(): void {
    if (this.#renewed) return;
    this.#renewed = true;
    this.#lease.renew();
  }

  look(): void {
    this.#renewed = false;
  }

  /** Since the last tick, in session or not. */
  get silentMs(): number {
    return this.#lease.ageMs;
  }

  /** In session and without quotes that can be relied on. */
  get stale(): boolean {
    return !this.view().ok;
  }

  view(): LeaseView {
    const openMs = this.#openMs();
    const inSession = openMs !== undefined;
    // What is silent since before the opening has had no quote to give.
    const ageMs = Math.min(this.silentMs, openMs ?? Infinity);
    const limitMs = Math.round(this.#market.silenceLimitMs(this.symbol));
    const ok = !inSession || (this.#market.seen(this.symbol) && ageMs <= limitMs);
    return { name: this.#lease.name, ageMs: Math.round(ageMs), limitMs, ok, inSession };
  }

  /** How long the market has been open; undefined while it is closed. */
  #openMs(): number | undefined {
    let longest: number | undefined;
    for (const session of this.sessions) {
      const openMs = this.#market.openForMs(session);
      if (openMs !== undefined) longest = Math.max(longest ?? 0, openMs);
    }
    return longest;
  }
}
