/** One net position as a fold over fills, on exact cost (`docs/life-of-an-order.md`). */
import { Decimal, DIVISION_PLACES } from '../domain/decimal.ts';
import type { Side } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';

export interface Position {
  readonly venue: string;
  readonly symbol: string;
  /** Signed: negative is short. Never zero: a flat position has no row. */
  readonly qty: Decimal;
  /** Σ price × quantity × contractSize of what is open, signed like the quantity, in quote currency. */
  readonly cost: Decimal;
  /** As the cost, to 28 places and unmoved by the rounding of what was booked: the average is read from it. */
  readonly basis: Decimal;
  readonly contractSize: Decimal;
  /** When it was opened, or last crossed zero. */
  readonly openedAt: EpochMs;
}

export interface PositionFill {
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly ts: EpochMs;
}

export interface PositionChange {
  readonly position: Position | undefined;
  /** Gain of the part that was closed, in quote currency, before costs. */
  readonly gain: Decimal;
  readonly reducing: boolean;
}

/** Places of the exact average that partial closes keep. */
const BASIS_PLACES = 28;

/** Quantity with the sign of its side. */
function signed(side: Side, qty: Decimal): Decimal {
  return side === 'BUY' ? qty : qty.negated();
}

/**
 * Books a fill. Reducing takes the closed share of the cost, rounded half-even to 8 places; the
 * last close takes all that is left, so that nothing of the cost is ever lost to rounding.
 */
export function applyFill(before: Position | undefined, fill: PositionFill, contractSize: Decimal): PositionChange {
  const delta = signed(fill.side, fill.qty);
  const value = delta.times(fill.price).times(contractSize);
  if (before === undefined)
    return { position: opened(fill, delta, value, contractSize), gain: Decimal.ZERO, reducing: false };

  if (before.qty.sign() === delta.sign())
    return {
      position: {
        ...before,
        qty: before.qty.plus(delta),
        cost: before.cost.plus(value),
        basis: before.basis.plus(value),
      },
      gain: Decimal.ZERO,
      reducing: false,
    };

  const left = before.qty.plus(delta);
  if (left.isZero()) return { position: undefined, gain: value.plus(before.cost).negated(), reducing: true };

  if (left.sign() === before.qty.sign()) {
    const exact = before.basis.times(fill.qty).dividedBy(before.qty.abs(), BASIS_PLACES);
    const share = exact.rounded(DIVISION_PLACES);
    return {
      position: { ...before, qty: left, cost: before.cost.minus(share), basis: before.basis.minus(exact) },
      gain: value.plus(share).negated(),
      reducing: true,
    };
  }

  const opening = left.times(fill.price).times(contractSize);
  const closing = value.minus(opening);
  return {
    position: opened(fill, left, opening, contractSize),
    gain: closing.plus(before.cost).negated(),
    reducing: true,
  };
}

function opened(fill: PositionFill, qty: Decimal, cost: Decimal, contractSize: Decimal): Position {
  return { venue: fill.venue, symbol: fill.symbol, qty, cost, basis: cost, contractSize, openedAt: fill.ts };
}

/** Exact cost ÷ quantity ÷ contractSize to 8 places: for display only. */
export function averagePrice(position: Position): Decimal {
  return position.basis.dividedBy(position.qty.times(position.contractSize));
}

/** (mark − average) × quantity × contractSize on exact cost, in quote currency. */
export function unrealizedNative(position: Position, mark: Decimal): Decimal {
  return mark.times(position.qty).times(position.contractSize).minus(position.cost);
}
