/** The levels that an entry is sent with, so that its position is protected from the first moment. */
import type { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { ProtectiveLevel } from '../../domain/orders.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import { executableAt, onGrid } from './symbol-terms.ts';
import type { Mt5Symbol } from './types.ts';

/** What an order is sent with. */
export interface Preset {
  readonly sl?: Decimal;
  readonly tp?: Decimal;
}

/**
 * Distances are measured from the price of a pending order, of a market order from the quote in force: near
 * enough until the fill says where they belong. One that the broker would refuse is left out.
 */
export function presetStops(
  { side, bracket }: VenueOrder,
  price: Decimal | undefined,
  quote: Tick | undefined,
  terms: Mt5Symbol,
): Preset {
  const anchor = price ?? (quote && executableAt(side, quote));
  if (bracket === undefined || anchor === undefined) return {};
  // A market order's levels are measured by the venue from the price that closes it.
  const from = price ?? executableAt(side === 'BUY' ? 'SELL' : 'BUY', quote!);
  const level = (wanted: ProtectiveLevel | undefined, above: boolean): Decimal | undefined => {
    if (wanted === undefined) return undefined;
    const at = onGrid(terms, wanted.at ?? (above ? anchor.plus(wanted.by!) : anchor.minus(wanted.by!)));
    const distance = above ? at.minus(from) : from.minus(at);
    const isTaken = distance.sign() > 0 && distance.compare(terms.stopsDistance) >= 0 && at.sign() > 0;
    // It must lie on its side of the price that the order opens at as well.
    const isBeyond = above ? at.greaterThan(anchor) : at.lessThan(anchor);
    return isTaken && isBeyond ? at : undefined;
  };
  const isLong = side === 'BUY';
  const sl = level(bracket.stopLoss, !isLong);
  const tp = level(bracket.takeProfit, isLong);
  return { ...(sl !== undefined && { sl }), ...(tp !== undefined && { tp }) };
}
