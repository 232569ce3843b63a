/** Bracket levels: where stop-loss and take-profit stand for an actual fill. */
import type { Decimal } from '../domain/decimal.ts';
import type { Bracket, ProtectiveLevel, Side } from '../domain/orders.ts';
import type { Lot } from './lots.ts';

export interface BracketPrices {
  readonly stopLoss?: Decimal;
  readonly takeProfit?: Decimal;
}

/** The side that closes. */
export const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

/** Levels of a lot: distances from its average fill price, on the tick grid; fixed levels as they are. */
export function bracketPrices(bracket: Bracket, lot: Lot, tickSize: Decimal): BracketPrices {
  const anchor = lot.value.dividedBy(lot.filled);
  const gainUp = lot.side === 'BUY';
  const place = (level: ProtectiveLevel, above: boolean): Decimal => {
    if (level.at !== undefined) return level.at;
    const by = level.by!;
    return onGrid(above ? anchor.plus(by) : anchor.minus(by), tickSize);
  };
  return {
    ...(bracket.stopLoss && { stopLoss: place(bracket.stopLoss, !gainUp) }),
    ...(bracket.takeProfit && { takeProfit: place(bracket.takeProfit, gainUp) }),
  };
}

function onGrid(price: Decimal, tickSize: Decimal): Decimal {
  return price.dividedBy(tickSize, 0).times(tickSize);
}
