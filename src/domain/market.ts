/** Quotes, bars and instruments: what the market says, before anybody acts on it. */
import type { Decimal } from './decimal.ts';
import type { EpochMs } from './time.ts';

/**
 * One quote of one symbol. Prices are doubles whose shortest print is the exact price: the feed
 * reads them from text and nothing calculates on them; whatever enters a ledger is a `Decimal`.
 */
export interface Tick {
  readonly symbol: string;
  readonly ts: EpochMs;
  readonly bid: number;
  readonly ask: number;
  /** A quote inside a replayed bar: the market moved here from the quote before without a gap. */
  readonly path?: boolean;
}

/** A closed bar of mid prices, `[start, end)`. Prices are doubles as in {@link Tick}. */
export interface Bar {
  readonly symbol: string;
  /** Length in milliseconds. */
  readonly lengthMs: number;
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ticks: number;
}

/** Names of the session that never closes; it needs no hours. */
export const ALWAYS_OPEN: readonly string[] = ['24x7', '24/7'];

/** Contract terms of a symbol. */
export interface Instrument {
  readonly symbol: string;
  /** Units of the base per unit of quantity. */
  readonly contractSize: Decimal;
  readonly tickSize: Decimal;
  readonly volumeMin: Decimal;
  readonly volumeStep: Decimal;
  /** Largest quantity of one order; absent: no limit. */
  readonly volumeMax?: Decimal;
  readonly base: string;
  /** The currency that prices are in. */
  readonly quote: string;
  /** Name of the market session, a key of `sessions` in the configuration, or one of {@link ALWAYS_OPEN}. */
  readonly session: string;
  /** Points (tick sizes) that a night earns or costs, positive earned; absent: none. */
  readonly swapLong?: Decimal;
  readonly swapShort?: Decimal;
  /** Full spread in price units that a bar replay or a synthetic market quotes with. */
  readonly spread: Decimal;
}

/** Why a feed dropped a row or a quote; the keys of the `feed` counts of a run's summary. */
export type DropCause = 'malformed' | 'crossed' | 'nonPositive' | 'backwards' | 'otherSymbol';

/** A dropped row: counted, shown, and never the end of a feed. */
export interface FeedFault {
  readonly cause: DropCause;
  readonly symbol: string | undefined;
  /** 1-based line of the file, where there is one. */
  readonly line?: number;
  readonly column?: number;
  readonly detail: string;
}
