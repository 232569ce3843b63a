/** What a strategy holds, has traded and has ordered, as it is shown. `null` means unknown: it is never shown as zero or flat. */
import type { Decimal } from './decimal.ts';
import type { OrderRole, OrderStatus, OrderType, Side } from './orders.ts';

export interface PositionView {
  readonly symbol: string;
  readonly venue: string;
  readonly qty: Decimal;
  readonly avgPrice: Decimal;
  readonly markPrice: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly openedAt: string;
  readonly stopLoss?: Decimal;
  readonly takeProfit?: Decimal;
}

export interface TradeView {
  readonly id: string;
  readonly ts: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly signalPrice: Decimal | null;
  /** Price units, positive = adverse. */
  readonly slippage: Decimal | null;
  readonly commission: Decimal;
  /** Net of commission. */
  readonly realized: Decimal;
  readonly reducing: boolean;
  readonly orderId: string;
}

export interface OrderView {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly role: OrderRole;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  readonly price?: Decimal;
  readonly trail?: Decimal;
  readonly tif: string;
  readonly expiresAt?: string;
  readonly status: OrderStatus;
  readonly parentId?: string;
  readonly stackId?: string;
  readonly tag?: string;
  readonly createdAt: string;
}

export interface StackLayerView {
  readonly stackId: string;
  readonly layer: number;
  readonly symbol: string;
  readonly side: Side;
  /** Null until layer 1 has filled: its price is the anchor. */
  readonly triggerPrice: Decimal | null;
  readonly qty: Decimal;
  readonly expiresAt: string | null;
}

export interface EvaluationsView {
  readonly total: number;
  readonly noSignal: number;
  readonly signals: number;
  readonly orders: number;
  readonly blocked: Readonly<Record<string, number>>;
}
