/** A venue's fill, booked: what it made of the ledger and of its order, and how much it closed and opened. */
import { Decimal } from '../domain/decimal.ts';
import type { Fill, Order } from '../domain/orders.ts';
import type { FillReport } from '../domain/venue.ts';
import type { Booking } from '../ledger/ledger.ts';
import type { DeskDependencies } from './desk-types.ts';

export interface BookedFill {
  readonly booking: Booking;
  readonly order: Order;
  /** Of the fill's quantity; `held` is the position's size before it. */
  readonly closed: Decimal;
  readonly opened: Decimal;
  readonly held: Decimal;
}

/** Undefined for a fill that is booked already. */
export function bookFill(
  before: Order,
  { fill, remaining, resolvedBy }: Omit<FillReport, 'kind'>,
  { ledger, venue, instrument, rate }: DeskDependencies,
): BookedFill | undefined {
  const held = ledger.position(venue, fill.symbol)?.qty ?? Decimal.ZERO;
  const { contractSize } = instrument(fill.symbol);
  const booking = ledger.book(fill, { venue, contractSize, rate: rate(fill.symbol, fill.price)! });
  if (booking === undefined) return undefined;
  const order: Order = {
    ...before,
    status: remaining.isZero() ? 'filled' : 'partiallyFilled',
    filledQty: before.filledQty.plus(fill.qty),
    ...(resolvedBy !== undefined && { resolvedBy }),
  };
  const closed = isAgainst(fill, held) ? Decimal.min(fill.qty, held.abs()) : Decimal.ZERO;
  return { booking, order, closed, opened: fill.qty.minus(closed), held: held.abs() };
}

const isAgainst = ({ side }: Fill, held: Decimal): boolean => (side === 'BUY' ? held.sign() < 0 : held.sign() > 0);

/** A stop or target of an entry here, not one that somebody else has set. */
export const isLeg = ({ role, parentId, cause }: Order): boolean =>
  (role === 'stopLoss' || role === 'takeProfit') && parentId !== undefined && cause === undefined;
