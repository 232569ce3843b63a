/** What was: the curve of a strategy's equity, its changes of state, and its figures at a past moment. */
import type { Decimal } from './decimal.ts';
import type { OrderRole, OrderStatus, OrderType, Side } from './orders.ts';

/** Spans of the equity curve. `all` comes from the journal: the balance after each fill. */
export const EQUITY_SPANS = ['10m', '1d', 'all'] as const;
export type EquitySpan = (typeof EQUITY_SPANS)[number];

/** An equity curve as columns of the same length, oldest first. A figure that was not known then is null. */
export interface EquityView {
  readonly strategy: string;
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly span: EquitySpan;
  /** Between two points; null where a point is a fill. */
  readonly stepMs: number | null;
  readonly ts: readonly string[];
  /** In account currency, marked. From the journal: null while a position was open, whose marks it does not keep. */
  readonly equity: readonly (number | null)[];
  readonly balance: readonly (number | null)[];
  /** Ratio; the worst within the step. */
  readonly drawdown: readonly (number | null)[];
  /** The oldest fills are no longer kept, or the points were thinned out. */
  readonly incomplete: boolean;
}

/** A change of a strategy's state, as it is kept. */
export interface StoredTransition {
  /** Of its lifecycle event. */
  readonly seq: number;
  readonly ts: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

export interface PastPosition {
  readonly symbol: string;
  readonly qty: Decimal;
  readonly avgPrice: Decimal | null;
}
export interface PastOrder {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly role: OrderRole;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  readonly price?: Decimal;
  readonly status: OrderStatus;
}
export interface PastCause {
  readonly causeId: string;
  readonly rule: string;
  readonly scope: string;
  readonly reason: string;
  readonly since: string;
  readonly by: string | null;
}

/** The figures of a past moment that the journal alone can tell. What it cannot is null, and named in `unknown`. */
export interface PastFigures {
  readonly balance: Decimal | null;
  readonly realized: Decimal | null;
  /** Marks are not kept: known while nothing was open. */
  readonly unrealized: Decimal | null;
  readonly equity: Decimal | null;
  readonly positions: readonly PastPosition[];
  readonly orders: readonly PastOrder[];
  readonly tradesTotal: number | null;
  readonly signals: number | null;
  readonly denied: number | null;
  readonly rejected: number | null;
  readonly halted: boolean;
  readonly causes: readonly PastCause[];
}

/** A place among what is kept: trading events and changes of state. */
export interface Moment {
  readonly seq: number;
  readonly ts: string;
  readonly type: string;
}

/** A strategy as it was right after an event. */
export interface PastView extends PastFigures {
  readonly strategy: string;
  readonly currency: string;
  readonly startingBalance: Decimal;
  /** The event that the moment is right after; null before the first. */
  readonly at: Moment | null;
  /** Null where its changes of state are not kept that far back. */
  readonly state: string | null;
  /** Of the state. */
  readonly since: string | null;
  readonly unknown: readonly string[];
  /** Ends of what is kept, and the neighbours of the moment; null where there is none. */
  readonly first: Moment | null;
  readonly last: Moment | null;
  readonly previous: Moment | null;
  readonly next: Moment | null;
}
