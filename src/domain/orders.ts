/** Orders from the author's intent to the venue's last word. */
import type { Decimal } from './decimal.ts';
import type { EpochMs } from './time.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'market' | 'limit' | 'stop' | 'trailingStop';
export type TimeInForce = 'GTC' | 'DAY' | 'GTD';

/**
 * created → submitted → working → partiallyFilled → filled | cancelled | denied | rejected | expired | unknown.
 * *Denied* is by our gate before sending, *rejected* by the venue, *unknown* when the venue's answer was lost.
 */
export type OrderStatus =
  | 'created'
  | 'submitted'
  | 'working'
  | 'partiallyFilled'
  | 'filled'
  | 'cancelled'
  | 'denied'
  | 'rejected'
  | 'expired'
  | 'unknown';

export const FINAL_STATUSES: ReadonlySet<OrderStatus> = new Set([
  'filled',
  'cancelled',
  'denied',
  'rejected',
  'expired',
]);

/** What an order is for: `entry` may add exposure, the others only reduce it. */
export type OrderRole = 'entry' | 'stopLoss' | 'takeProfit' | 'close' | 'flatten' | 'stackLayer';

/** Does it protect what an entry has opened? */
export const isProtective = ({ role }: Pick<Order, 'role'>): boolean => role === 'stopLoss' || role === 'takeProfit';

/** A protective distance from the fill (`by`) or a fixed level (`at`). */
export interface ProtectiveLevel {
  readonly by?: Decimal;
  readonly at?: Decimal;
}

export interface Bracket {
  readonly stopLoss?: ProtectiveLevel;
  readonly takeProfit?: ProtectiveLevel;
}

/** One layer of a stack: signed offset from the anchor (positive: with the trend of the side) and its quantity. */
export interface StackLayerSpec {
  readonly offset: Decimal;
  readonly qty: Decimal;
}

/** A stack as the desk holds it: every form that an author may write comes down to layers. `layers[0]` goes at once. */
export interface StackSpec {
  readonly layers: readonly StackLayerSpec[];
  readonly withinMs: number;
}

/** What a strategy asks for. Ids are given by the guest: `<strategy>-<run>-<sequence>`. */
export interface PlaceIntent {
  readonly kind: 'place';
  readonly orderId: string;
  readonly signalId: string;
  readonly stream: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty: Decimal;
  readonly price?: Decimal;
  readonly trail?: Decimal;
  readonly tif: TimeInForce;
  readonly expiresAt?: EpochMs;
  readonly bracket?: Bracket;
  readonly stack?: StackSpec;
  readonly tag?: string;
}
export interface CloseIntent {
  readonly kind: 'close';
  readonly orderId: string;
  readonly signalId: string;
  readonly stream: string;
}
export interface CancelIntent {
  readonly kind: 'cancel';
  readonly orderId: string;
}
export interface CancelAllIntent {
  readonly kind: 'cancelAll';
  readonly stream?: string;
}
export type Intent = PlaceIntent | CloseIntent | CancelIntent | CancelAllIntent;

/** An order as the desk keeps it. Immutable: every change is a new object. */
export interface Order {
  readonly id: string;
  readonly strategy: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly role: OrderRole;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  /** Limit price or stop trigger; for a trailing stop the trigger where it stands now, once known. */
  readonly price?: Decimal;
  readonly trail?: Decimal;
  readonly tif: TimeInForce;
  readonly expiresAt?: EpochMs;
  readonly status: OrderStatus;
  readonly signalId?: string;
  /** The mark on the executable side when the strategy decided. */
  readonly signalPrice?: Decimal;
  /** The entry that this order protects, or the first layer of its stack. */
  readonly parentId?: string;
  readonly bracket?: Bracket;
  readonly stackId?: string;
  readonly layer?: number;
  readonly tag?: string;
  /** It passed the gate only because it reduces: the venue holds it to that. */
  readonly reduceOnly?: boolean;
  /** The author's own exit that a halt or stop has left working: it is reduce-only since, and follows its position. */
  readonly kept?: true;
  readonly createdAt: EpochMs;
  /** Denial or rejection code, once refused. */
  readonly code?: string;
  /** Of a refusal, or why its fate is unknown. */
  readonly reason?: string;
  /** What settled it after its fate was unknown. */
  readonly resolvedBy?: string;
  /** Why the venue has filled it, where nobody here has asked for it. */
  readonly cause?: ExternalCause;
}

/**
 * Why a venue has filled what no order of the desk stands for: closed by hand, by a stop or target that
 * nobody here set, or by a stop-out; an order that was given up and has filled after all; tickets of both
 * sides closed by one another; a position taken over.
 */
export type ExternalCause = 'hand' | 'stopLoss' | 'takeProfit' | 'stopOut' | 'late' | 'pair' | 'adopted';

/** A fill as the venue reports it; `fillId` is unique for ever, so that one fill is booked once. */
export interface Fill {
  readonly fillId: string;
  readonly orderId: string;
  readonly ts: EpochMs;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  /** Charged in account currency; positive is a cost. */
  readonly commission: Decimal;
}

/** Why an order did not pass: by our gate or by the venue. */
export interface Refusal {
  readonly by: 'gate' | 'venue';
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly code: string;
  readonly reason: string;
}
