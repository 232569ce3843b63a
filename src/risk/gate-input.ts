/** What the pre-trade gate looks at: one order and the facts around it, all of the same turn. */
import type { Decimal } from '../domain/decimal.ts';
import type { OrderType, Side } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import type { MarginLevel } from '../domain/venue.ts';
import type { GateLimits } from './limits.ts';

/** What has happened so far, as the history of the strategy counts it. */
export interface GateHistory {
  /** Entry orders sent since the trading day began. */
  readonly entriesToday: number;
  /** Losing closes in a row, up to now. */
  readonly streak: number;
  readonly lastLossAt: EpochMs | undefined;
}

export interface GateInput {
  /** Engine time. */
  readonly now: EpochMs;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly type: OrderType;
  /** Limit price or stop trigger. */
  readonly price: Decimal | undefined;
  /** The venue fills it only against what is open, by ticket or netted: it cannot add exposure. */
  readonly reduceOnly: boolean;

  /** Signed open quantity. */
  readonly position: Decimal;
  /** Quantity of reducing orders already on their way, so that two exits cannot flip a position. */
  readonly reducingQty: Decimal;
  /** Unfilled quantity of this symbol's working entries on the side of this order. */
  readonly workingQty: Decimal;
  /** Symbols with a position or a working entry. */
  readonly exposed: readonly string[];

  /** Why entries are closed (halting, halted, stopping…); undefined while open. */
  readonly closed: string | undefined;
  readonly gatewayReady: boolean;
  /** Why it is not, in words, where that is known. */
  readonly gatewayCause?: string | undefined;
  /** An order of this symbol whose fate is not known. */
  readonly unknownOrder: string | undefined;
  readonly warm: boolean;
  /** Why quotes of this symbol cannot be relied on (the feed guard's words); undefined while they can. */
  readonly feed: string | undefined;
  /** What a market order would fill at: the ask for a buy, the bid for a sell. Undefined without a quote. */
  readonly reference: Decimal | undefined;
  readonly contractSize: Decimal;
  /** An amount of the quote currency in account money; undefined without a rate. */
  readonly toAccount: (native: Decimal) => Decimal | undefined;

  readonly history: GateHistory;
  readonly margin: MarginLevel;
  readonly limits: GateLimits;
}
