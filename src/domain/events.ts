/** What happened, as `/events` tells it. One line an event, one sequence per strategy. */
import type { Decimal } from './decimal.ts';
import type { DifferenceKind, ReconcilePolicy } from './differences.ts';
import type { ExternalCause, OrderRole, OrderStatus, OrderType, Side } from './orders.ts';
import type { EpochMs } from './time.ts';
import type { LossCause } from './loss-views.ts';

/** Types that a strategy's event stream may carry. */
export const EVENT_TYPES = [
  'tick',
  'bar',
  'signal',
  'order',
  'fill',
  'rejection',
  'cancel',
  'position',
  'halt',
  'resume',
  'lifecycle',
  'lease',
  'gateway',
  'alert',
  'gap',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Types that carry a gap-free `journalSeq`: what money depends on. */
export const TRADING_EVENT_TYPES: ReadonlySet<EventType> = new Set([
  'signal',
  'order',
  'fill',
  'rejection',
  'cancel',
  'position',
  'halt',
  'resume',
]);

export interface TickEvent {
  readonly type: 'tick';
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
}
export interface BarEvent {
  readonly type: 'bar';
  readonly symbol: string;
  readonly lengthMs: number;
  readonly start: string;
  readonly end: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ticks: number;
}
export interface SignalEvent {
  readonly type: 'signal';
  readonly signalId: string;
  readonly symbol: string;
  readonly action: 'buy' | 'sell' | 'close';
  readonly qty: Decimal | null;
  readonly tag?: string;
}
export interface OrderEvent {
  readonly type: 'order';
  readonly orderId: string;
  readonly signalId?: string;
  readonly parentId?: string;
  readonly stackId?: string;
  readonly layer?: number;
  readonly role: OrderRole;
  readonly status: OrderStatus;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  readonly price?: Decimal;
  readonly tag?: string;
  /** What settled it after its fate was unknown. */
  readonly resolvedBy?: string;
  /** Why the venue has filled it, where nobody here has asked for it. */
  readonly cause?: ExternalCause;
}
export interface FillEvent {
  readonly type: 'fill';
  readonly fillId: string;
  readonly orderId: string;
  readonly signalId?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly commission: Decimal;
  /** Net, in account currency. */
  readonly realized: Decimal;
  readonly reducing: boolean;
}
export interface RejectionEvent {
  readonly type: 'rejection';
  readonly orderId: string;
  readonly signalId?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  /** `denied` by our gate before sending, `rejected` by the venue. */
  readonly status: 'denied' | 'rejected';
  readonly code: string;
  readonly reason: string;
  /** What settled it after its fate was unknown. */
  readonly resolvedBy?: string;
}
export interface CancelEvent {
  readonly type: 'cancel';
  readonly orderId: string;
  readonly symbol: string;
  readonly status: 'cancelled' | 'expired';
  readonly reason: string;
}
export interface PositionEvent {
  readonly type: 'position';
  readonly symbol: string;
  readonly qty: Decimal;
  readonly avgPrice: Decimal | null;
  /** The fill that moved it; null for a swap. */
  readonly fillId: string | null;
  /** Charged (negative) or earned for holding it over a roll-over, in account currency. */
  readonly swap?: Decimal;
}
export interface HaltEvent {
  readonly type: 'halt';
  readonly causeId?: string;
  readonly rule: string;
  readonly scope: string;
  readonly reason: string;
  readonly by: string | null;
  /** What the rule measured against its limit; absent for a person's halt. */
  readonly measured?: Decimal | number | null;
  readonly limit?: Decimal | number;
  /** Brought back by a start of the daemon. */
  readonly restored?: boolean;
}
export interface ResumeEvent {
  readonly type: 'resume';
  readonly reason: string;
  readonly by: string;
  /** Ids of the causes that it lifts. */
  readonly lifted?: readonly string[];
}
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  /** Why the code was lost, or how it hangs; where the state tells of it. */
  readonly loss?: LossCause;
  readonly detail?: string;
}
export interface LeaseEvent {
  readonly type: 'lease';
  readonly lease: string;
  readonly ok: boolean;
}
export interface GatewayEvent {
  readonly type: 'gateway';
  readonly gateway: string;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  /** What of it fails. */
  readonly link?: string;
  /** Set where book and venue differ, or agree again. */
  readonly difference?: DifferenceDetail;
}
export interface DifferenceDetail {
  readonly kind: DifferenceKind;
  readonly symbol: string;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly policy: ReconcilePolicy;
  readonly done: string;
  readonly settled: boolean;
}
export interface AlertEvent {
  readonly type: 'alert';
  readonly id: string;
  readonly severity: 'P1' | 'P2' | 'P3';
  readonly state: string;
}

export type EventBody =
  | TickEvent
  | BarEvent
  | SignalEvent
  | OrderEvent
  | FillEvent
  | RejectionEvent
  | CancelEvent
  | PositionEvent
  | HaltEvent
  | ResumeEvent
  | LifecycleEvent
  | LeaseEvent
  | GatewayEvent
  | AlertEvent;

/** An event with its place in the strategy's sequence. `ts` is engine time. */
export type QktEvent = EventBody & {
  readonly seq: number;
  readonly journalSeq?: number;
  readonly ts: EpochMs;
  readonly strategy: string;
};

/**
 * Sequence numbers that a reader does not get, both included: lost, or never given (a restart goes on above
 * all that was promised before). No event of that strategy between them is delivered.
 */
export interface Gap {
  readonly type: 'gap';
  readonly from: number;
  readonly to: number;
  /** Whose numbers they are, where events of several strategies come together. */
  readonly strategy?: string;
}

/** What a reader is given: an event, or word of those that it does not get. */
export type EventItem = QktEvent | Gap;

export interface EventFilter {
  readonly types?: ReadonlySet<EventType>;
  /** Only events on one of these symbols; those on none are left out. */
  readonly symbols?: ReadonlySet<string>;
  /** Of events; gaps are not counted. */
  readonly limit: number;
}

/** What a pull gives: what comes after the cursor, in order, and the cursor to go on from. */
export interface EventPage<Cursor = number> {
  /** Where the reader stood before it. */
  readonly from: Cursor;
  readonly items: readonly EventItem[];
  /** Accounts for everything up to there, filtered-out events included. */
  readonly next: Cursor;
  /** Whether there is something after it already. */
  readonly more: boolean;
}

export const isGap = (item: EventItem): item is Gap => item.type === 'gap';
