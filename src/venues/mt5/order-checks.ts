/** What of an order can be told here before anything is sent: whether the broker would take it, and where it waits. */
import type { Decimal } from '../../domain/decimal.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import type { AccountContext } from './account-context.ts';
import { isCrossed, onGrid, tooNear, volumeOn, type Complaint } from './symbol-terms.ts';

/** The quantity that goes, or why it cannot. */
export function orderComplaint(order: VenueOrder, { venue }: AccountContext): { readonly qty: Decimal } | Complaint {
  const { symbol, side, type, qty, reduceOnly, expiresAt } = order;
  const terms = venue.terms(symbol);
  if (terms === undefined) return { code: 'UNKNOWN_SYMBOL', reason: venue.termsTrouble(symbol) };
  if (venue.isHedging() === undefined)
    return { code: 'MARGIN_MODE', reason: 'the account does not say whether it nets or hedges' };
  const closes = reduceOnly === true;
  const volume = volumeOn(terms, qty, closes);
  if ('code' in volume) return volume;
  const checked = { qty: volume };
  // What only closes is not held up by a level.
  if (order.protects !== undefined) return checked;
  const quote = venue.quote(symbol);
  if (type === 'market')
    return quote === undefined ? { code: 'NO_PRICE', reason: `no price for ${symbol} yet` } : checked;
  if (expiresAt !== undefined && expiresAt <= venue.clock.now())
    return { code: 'EXPIRATION', reason: 'the expiry has passed already' };
  if (type === 'trailingStop') return checked;
  const price = onGrid(terms, order.price!);
  if (price.sign() <= 0) return { code: 'INVALID_PRICE', reason: `price ${price.toString()} is not positive` };
  if (quote === undefined || isCrossed(type, side, price, quote)) return checked;
  return tooNear(terms, side, price, quote) ?? checked;
}

/**
 * Orders that the venue cannot hold: a trailing stop, and on a hedging account one that would reduce, for it
 * would open a position of its own there.
 */
export function isWaitingHere(
  { type, symbol, side, reduceOnly }: VenueOrder,
  { venue, holdings }: AccountContext,
): boolean {
  if (type === 'market') return false;
  if (type === 'trailingStop' || reduceOnly === true) return true;
  return venue.isHedging() === true && holdings.against(symbol, side).length > 0;
}
