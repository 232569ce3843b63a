/** What a strategy's book is made with, what it tells, and what of it must survive a restart. */
import type { Decimal } from '../domain/decimal.ts';
import type { Instrument } from '../domain/market.ts';
import type { Order, Refusal } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import type { AccountLinks, VenueAccount } from '../domain/venue.ts';
import type { EquityState } from '../ledger/equity.ts';
import type { LedgerState } from '../ledger/ledger.ts';
import type { HistoryState } from '../risk/history.ts';
import type { Rollover } from '../risk/trading-day.ts';
import type { Trade } from '../streams/desk-types.ts';
import type { EventRings } from '../streams/event-rings.ts';
import type { DeskState } from '../streams/order-desk.ts';
import type { Market } from '../venues/market.ts';
import type { TurnStore } from './commit-queue.ts';
import type { EvaluationsState } from './evaluations.ts';
import type { TradeLogState } from './trade-log.ts';

export interface BookOptions {
  readonly name: string;
  readonly venue: string;
  readonly market: Market;
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly rates: ReadonlyMap<string, Decimal>;
  readonly rollover: Rollover;
  readonly events: EventRings;
  /** Where turns are kept. */
  readonly store: TurnStore;
  readonly openAccount: (links: AccountLinks) => VenueAccount;
  /** Does the gateway take entries, and does it take what only closes? */
  readonly gatewayReady: () => boolean;
  readonly takesExits: () => boolean;
  /** Why it does not, in words; undefined while it takes both. */
  readonly gatewayCause?: (reconciled: boolean) => string | undefined;
  /** Times of each kind that halt rules look back on, at most. */
  readonly remembered: number;
  /** Trades kept for readers; the count goes on. */
  readonly tradesKept?: number;
  /** Price units by which an entry may be filled off its signal; undefined while none is configured. */
  readonly highSlippage?: () => Decimal | undefined;
}

/** What the guest's side is told. */
export interface BookListener {
  trade(trade: Trade): void;
  refusal(refusal: Refusal, order: Order): void;
  changed(): void;
}

/** A part of a strategy's state that is kept with it. */
export interface Recoverable {
  save(): unknown;
  restore(state: unknown): void;
}

/** All of a strategy that must survive a restart, as plain data with decimals. */
export interface BookState {
  readonly ledger: LedgerState;
  readonly desk: DeskState;
  readonly account: unknown;
  readonly equity: EquityState;
  readonly trades: TradeLogState;
  readonly evaluations: EvaluationsState;
  readonly refused: {
    readonly denied: Readonly<Record<string, number>>;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly history: HistoryState;
  readonly dayStart: EpochMs;
  readonly parts: Readonly<Record<string, unknown>>;
}
