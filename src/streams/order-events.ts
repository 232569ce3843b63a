/** What the desk puts on record: pure functions from orders and fills to the bodies of events. */
import { Decimal } from '../domain/decimal.ts';
import type { Difference } from '../domain/differences.ts';
import type {
  CancelEvent,
  FillEvent,
  GatewayEvent,
  OrderEvent,
  PositionEvent,
  RejectionEvent,
  SignalEvent,
} from '../domain/events.ts';
import type { Order, PlaceIntent, Refusal } from '../domain/orders.ts';
import type { Booking } from '../ledger/ledger.ts';
import { averagePrice } from '../ledger/position.ts';

/** What the author asked for, before a size is rounded or an order made. */
export function placeSignal({ signalId, side, qty, tag }: PlaceIntent, symbol: string): SignalEvent {
  const action = side === 'BUY' ? 'buy' : 'sell';
  return { type: 'signal', signalId, symbol, action, qty, ...(tag !== undefined && { tag }) };
}

/** The order as it is now: one such event for each change of it. */
export function orderEvent(order: Order): OrderEvent {
  const { id, signalId, parentId, stackId, layer, price, tag, resolvedBy, cause } = order;
  return {
    type: 'order',
    orderId: id,
    ...(signalId !== undefined && { signalId }),
    ...(parentId !== undefined && { parentId }),
    ...(stackId !== undefined && { stackId }),
    ...(layer !== undefined && { layer }),
    role: order.role,
    status: order.status,
    symbol: order.symbol,
    side: order.side,
    orderType: order.type,
    qty: order.qty,
    filledQty: order.filledQty,
    ...(price !== undefined && { price }),
    ...(tag !== undefined && { tag }),
    ...(resolvedBy !== undefined && { resolvedBy }),
    ...(cause !== undefined && { cause }),
  };
}

/** `realized` is what this fill alone has brought, its commission taken off. */
export function fillEvent({ fill, realized, reducing }: Booking, { signalId }: Order): FillEvent {
  const { fillId, orderId, symbol, side, qty, price, commission } = fill;
  return {
    type: 'fill',
    fillId,
    orderId,
    ...(signalId !== undefined && { signalId }),
    symbol,
    side,
    qty,
    price,
    commission,
    realized,
    reducing,
  };
}

/** The position as the fill leaves it; flat is a quantity of 0 without an average price. */
export function positionEvent({ fill: { symbol, fillId }, position }: Booking): PositionEvent {
  return {
    type: 'position',
    symbol,
    qty: position?.qty ?? Decimal.ZERO,
    avgPrice: position === undefined ? null : averagePrice(position),
    fillId,
  };
}

/** `denied` by our gate, before it was sent; `rejected` by the venue. */
export function rejectionEvent({ by, code, reason }: Refusal, order: Order): RejectionEvent {
  const { id: orderId, signalId, symbol, side, qty, resolvedBy } = order;
  const status = by === 'gate' ? 'denied' : 'rejected';
  return {
    type: 'rejection',
    orderId,
    ...(signalId !== undefined && { signalId }),
    symbol,
    side,
    qty,
    status,
    code,
    reason,
    ...(resolvedBy !== undefined && { resolvedBy }),
  };
}

/** An order that ended without having filled in full, or a layer of a stack that is not sent any more. */
export function cancelEvent(
  orderId: string,
  symbol: string,
  status: CancelEvent['status'],
  reason: string,
): CancelEvent {
  return { type: 'cancel', orderId, symbol, status, reason };
}

/** Where book and venue differ, or agree again: said in the words of the gateway's events. */
export function differenceEvent(gateway: string, difference: Difference, settled: boolean): GatewayEvent {
  const { kind, symbol, ours, theirs, policy, done } = difference;
  const [from, to] = settled ? ['differs', 'agrees'] : ['agrees', 'differs'];
  const what = `${kind} ${symbol}: ours ${ours ?? 'none'}, theirs ${theirs ?? 'none'}; ${done}`;
  const cause = kind === 'foreign' ? `${symbol} ${theirs ?? 'none'} is no strategy's; ${done}` : what;
  return {
    type: 'gateway',
    gateway,
    from,
    to,
    cause,
    difference: { kind, symbol, ours, theirs, policy, done, settled },
  };
}
