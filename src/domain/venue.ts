/**
 * A venue as the order desk sees it: it takes orders and cancels, and reports what became of
 * them. Reports may come inside the call (paper) or later (a broker): the desk bears both.
 */
import type { Decimal } from './decimal.ts';
import type { Tick } from './market.ts';
import type { Fill, OrderType, Side, TimeInForce } from './orders.ts';
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
}

/** What a venue says of an order. */
export type VenueReport =
  | { readonly kind: 'accepted'; readonly orderId: string; readonly qty: Decimal }
  | { readonly kind: 'rejected'; readonly orderId: string; readonly code: string; readonly reason: string }
  | { readonly kind: 'fill'; readonly fill: Fill; readonly remaining: Decimal }
  | { readonly kind: 'cancelled'; readonly orderId: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly orderId: string }
  | { readonly kind: 'trail'; readonly orderId: string; readonly trigger: Decimal }
  | { readonly kind: 'unknown'; readonly orderId: string; readonly reason: string };

export interface VenueAccount {
  submit(order: VenueOrder): void;
  /** `reason` comes back with the report that the order is gone. */
  cancel(orderId: string, reason: string): void;
  /** As {@link cancel}, because entries are closed: where the venue is ours it takes effect before anything else can fill. */
  withdraw(orderId: string, reason: string): void;
  /** Changes quantity or price of a working order without losing its place in age. */
  modify(orderId: string, change: { readonly qty?: Decimal; readonly price?: Decimal }): void;
  /** Applies a quote: expiries first, then triggers (stops before targets, then by age). */
  onQuote(tick: Tick): void;
  /** What must survive a restart, as plain data with decimals; undefined for a venue that keeps its own books. */
  save(): unknown;
  /** Before anything else is asked of it. */
  restore(state: unknown): void;
}

export type ReportListener = (report: VenueReport) => void;

/** What a simulated venue can be made to suffer. */
export interface VenueFaults {
  /** Holds back a symbol's quotes, or lets them flow again; those of the time between are nobody's. */
  silence(symbol: string, silent: boolean): void;
  /** Loses the gateway for that cause; undefined lets the next attempt to connect succeed. */
  loseGateway(cause: string | undefined): void;
  /** Share of orders that the venue rejects from now on, 0 to 1. */
  reject(share: number): void;
}
