/**
 * A venue as the order desk sees it: it takes orders and cancels, and reports what became of
 * them. Reports may come inside the call (paper) or later (a broker): the desk bears both.
 */
import type { Decimal } from './decimal.ts';
import type { Difference } from './differences.ts';
import type { Tick } from './market.ts';
import type { Bracket, ExternalCause, Fill, OrderRole, OrderType, Side, TimeInForce } from './orders.ts';
import type { EpochMs } from './time.ts';

/** An order as it is sent to a venue. */
export interface VenueOrder {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty: Decimal;
  /** Limit price or stop trigger. */
  readonly price?: Decimal;
  readonly trail?: Decimal;
  readonly tif: TimeInForce;
  /** It may only close: the venue never fills more than the position holds, and cancels the rest. */
  readonly reduceOnly?: boolean;
  readonly expiresAt?: EpochMs;
  /** Of an entry: a venue that can protects the position from its first moment. The legs follow the fill all the same. */
  readonly bracket?: Bracket;
  /** Of a stack: its layers are closed after what no bracket or stack holds. */
  readonly inStack?: boolean;
  /** Set for a protective order. */
  readonly protects?: Protects;
}

/** Whose fill a protective order protects. */
export interface Protects {
  readonly entryId: string;
  readonly role: 'stopLoss' | 'takeProfit';
}

/** What settled an order whose fate was unknown, such as `deal 80010001` or `absent from four full reads`. */
interface Resolution {
  readonly resolvedBy?: string;
}

/** What a venue says of an order. */
export type VenueReport =
  | ({ readonly kind: 'accepted'; readonly orderId: string; readonly qty: Decimal } & Resolution)
  | ({
      readonly kind: 'rejected';
      readonly orderId: string;
      readonly code: string;
      readonly reason: string;
    } & Resolution)
  | FillReport
  | ({ readonly kind: 'cancelled'; readonly orderId: string; readonly reason: string } & Resolution)
  | ({ readonly kind: 'expired'; readonly orderId: string } & Resolution)
  /** The level of a working order has moved: a trailing stop, or a person at the venue. */
  | { readonly kind: 'trail'; readonly orderId: string; readonly trigger: Decimal }
  | { readonly kind: 'unknown'; readonly orderId: string; readonly reason: string }
  | ExternalReport
  | { readonly kind: 'difference'; readonly difference: Difference; readonly settled: boolean };

export interface FillReport extends Resolution {
  readonly kind: 'fill';
  readonly fill: Fill;
  /** What the order has still to fill. */
  readonly remaining: Decimal;
  /** The entry whose position it has closed, where the venue keeps each one apart. */
  readonly closes?: string;
}

/** A fill of an order that the desk does not have (any more): it is made on the spot, booked and told. */
export interface ExternalReport {
  readonly kind: 'external';
  readonly fill: Fill;
  readonly role: OrderRole;
  readonly cause: ExternalCause;
  /** The entry whose position it has closed. */
  readonly closes?: string;
  /** Of an entry that was given up and has filled after all. */
  readonly bracket?: Bracket;
}

export interface VenueAccount {
  /** Does it agree with the venue, so that entries may go? */
  readonly reconciled: boolean;
  /** Swap comes with the venue's fills: the ledger charges none of its own. */
  readonly chargesSwap: boolean;
  /** Protective levels are set on the position, or watched: they are no orders that are sent. */
  readonly attachesLegs: boolean;
  /**
   * Does the venue itself hold a stop for all of the symbol's position, so that it is protected while nobody
   * here watches? Undefined on paper: its book is the daemon's own, and goes on where it was.
   */
  holdsStops(symbol: string): boolean | undefined;
  margin(): MarginLevel;
  submit(order: VenueOrder): void;
  /** `reason` comes back with the report that the order is gone. */
  cancel(orderId: string, reason: string): void;
  /** As {@link cancel}, because entries are closed: where the venue is ours it takes effect before anything else can fill. */
  withdraw(orderId: string, reason: string): void;
  /**
   * From now on this working order may only close, as one that is sent with `reduceOnly`. False where the venue
   * cannot be held to that, because it has the order itself and could open a position with it; nothing changes then.
   */
  holdToClosing(orderId: string): boolean;
  /** Changes quantity or price of a working order without losing its place in age. */
  modify(orderId: string, change: { readonly qty?: Decimal; readonly price?: Decimal }): void;
  /** Applies a quote: expiries first, then triggers (stops before targets, then by age). */
  onQuote(tick: Tick): void;
  /** What must survive a restart, as plain data with decimals; undefined for a venue that keeps its own books. */
  save(): unknown;
  /** Before anything else is asked of it. */
  restore(state: unknown): void;
  /** The strategy is gone for good. */
  close(): void;
}

/** The venue's margin level as it was last read. */
export interface MarginLevel {
  /** Percent; 0 when no margin is in use, undefined when it could not be read. */
  readonly level: Decimal | undefined;
  /** Readings in a row that failed, this one included. */
  readonly unreadable: number;
}

export type ReportListener = (report: VenueReport) => void;

/** What an account has of its strategy. */
export interface AccountLinks {
  readonly report: ReportListener;
  /** Ends the turn and waits until it is on disk; false when it could not be written. */
  readonly stored: () => Promise<boolean>;
  /** Can a fill of this symbol be booked in account money now? */
  readonly priced: (symbol: string) => boolean;
  /** Does the strategy trade this symbol? */
  readonly trades: (symbol: string) => boolean;
}

/** What a simulated venue can be made to suffer. */
export interface VenueFaults {
  /** Holds back a symbol's quotes, or lets them flow again; those of the time between are nobody's. */
  silence(symbol: string, silent: boolean): void;
  /** Loses the gateway for that cause; undefined lets the next attempt to connect succeed. */
  loseGateway(cause: string | undefined): void;
  /** Share of orders that the venue rejects from now on, 0 to 1. */
  reject(share: number): void;
}
