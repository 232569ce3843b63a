/**
 * Whether the quotes of one symbol can be relied on: fresh, in line with those before them, and
 * stamped by a clock that agrees with ours. What is wrong denies entries; an outlier is dropped as
 * well. It runs for every tick and allocates nothing.
 */
import type { EpochMs } from '../domain/time.ts';
import { QuoteWindow } from './quote-window.ts';
import type { Session } from './sessions.ts';

/** A feed is stale when it is silent for this many of its usual gaps... */
const STALE_GAPS = 5;
/** ...and for at least this long. */
export const STALE_AFTER_MS = 10_000;
/** Weight of the newest gap in the exponential mean. */
const ALPHA = 0.1;
/** Outliers that agree with one another after which they are the market. */
const REBASE_AFTER = 3;
const CLOCK_TOLERANCE_MS = 60_000;

export class FeedGuard {
  readonly #session: Session;
  readonly #leastMs: number;
  readonly #window = new QuoteWindow();
  readonly #odd: number[] = [];
  // Numbers throughout, NaN for none: the engine keeps such fields without allocating.
  #lastAt: EpochMs = Number.NaN;
  #usualGap = Number.NaN;
  #limit: number;
  #outliers = 0;
  #clockOffset = 0;

  /** `leastMs`: silence that is never stale, 10 s unless said; Infinity for data whose silences are its own. */
  constructor(session: Session, leastMs: number = STALE_AFTER_MS) {
    this.#session = session;
    this.#leastMs = leastMs;
    this.#limit = leastMs;
  }

  /**
   * Takes a quote that is not crossed. False: it is an outlier and must be dropped. A quote on a
   * bar's `path` never is one: the market is known to have moved there.
   */
  accept(ts: EpochMs, bid: number, ask: number, path = false): boolean {
    const mid = (bid + ask) / 2;
    if (!path && this.#window.isOutlier(mid) && !this.#rebases(mid)) {
      this.#outliers += 1;
      return false;
    }
    if (this.#odd.length > 0) this.#odd.length = 0;
    this.#window.add(mid);
    this.#learn(ts);
    this.#lastAt = ts;
    return true;
  }

  /** What the venue's clock shows now; the offset stays until it is read again. */
  noteClock(venueTime: EpochMs, now: EpochMs): void {
    this.#clockOffset = venueTime - now;
  }

  /** Why entries are denied, in words; undefined when the feed is in order. */
  denies(now: EpochMs): string | undefined {
    if (this.#odd.length > 0) return `the last quote was an outlier and was dropped: middle ${this.#odd.at(-1)}`;
    if (Math.abs(this.#clockOffset) > CLOCK_TOLERANCE_MS)
      return `the venue's clock is ${Math.abs(this.#clockOffset)} ms ${this.#clockOffset > 0 ? 'ahead' : 'behind'}`;
    const silent = this.silentMs(now);
    if (silent === undefined) return 'no price reference: no quote was seen yet';
    if (silent <= this.limitMs) return undefined;
    // Old quotes of a closed market are just as old; it is only no fault of the feed.
    return this.#session.isOpen(now)
      ? `no quote for ${silent} ms, over the limit of ${Math.round(this.limitMs)} ms`
      : `the market is closed; the last quote is ${silent} ms old`;
  }

  /** In session and silent for too long since its last quote, or since the session began: a fault of the feed. */
  isStale(now: EpochMs): boolean {
    const since = this.#session.openSince(now);
    if (since === undefined) return false;
    if (Number.isNaN(this.#lastAt)) return true;
    return now - Math.max(this.#lastAt, since) > this.limitMs;
  }

  /** Since the last quote that passed; undefined before the first. */
  silentMs(now: EpochMs): number | undefined {
    return Number.isNaN(this.#lastAt) ? undefined : Math.max(0, now - this.#lastAt);
  }

  /** Five of its usual gaps; 0 before there are any. */
  get usualSilenceMs(): number {
    return Number.isNaN(this.#usualGap) ? 0 : STALE_GAPS * this.#usualGap;
  }

  /** Silence that counts as stale. */
  get limitMs(): number {
    return this.#limit;
  }

  /** Dropped so far. */
  get outliers(): number {
    return this.#outliers;
  }

  /**
   * A gap across a close of the market is no gap of the feed. One beyond the limit counts as the
   * limit: an outage must not make the next one look usual, while a feed that has slowed down for
   * good is followed.
   */
  #learn(ts: EpochMs): void {
    const gap = ts - this.#lastAt;
    if (!(gap >= 0) || this.#session.spanAt(ts).from > this.#lastAt) return;
    const usual = this.#usualGap;
    this.#usualGap = usual >= 0 ? usual + ALPHA * (Math.min(gap, this.#limit) - usual) : gap;
    this.#limit = Math.max(STALE_GAPS * this.#usualGap, this.#leastMs);
  }

  /** Is this the outlier with which a new level is established? */
  #rebases(mid: number): boolean {
    if (this.#odd.some((other) => !this.#window.agree(other, mid))) this.#odd.length = 0;
    this.#odd.push(mid);
    if (this.#odd.length < REBASE_AFTER) return false;
    this.#odd.pop();
    this.#window.restart(this.#odd);
    return true;
  }
}
