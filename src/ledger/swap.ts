/** Swap: what holding a position over a roll-over earns or costs (`instruments.<name>.swapLong` in `docs/configuration.md`). */
import { Decimal } from '../domain/decimal.ts';
import type { Instrument } from '../domain/market.ts';
import type { Position } from './position.ts';

/**
 * Points × point size × contractSize × quantity × nights, in quote currency; negative is a charge.
 * Undefined for an instrument without swap.
 */
export function swapOf(position: Position, instrument: Instrument, nights: number): Decimal | undefined {
  const points = position.qty.sign() > 0 ? instrument.swapLong : instrument.swapShort;
  if (points === undefined || points.isZero() || nights === 0) return undefined;
  return points
    .times(instrument.tickSize)
    .times(position.contractSize)
    .times(position.qty.abs())
    .times(new Decimal(BigInt(nights), 0));
}

/** Nights that a roll-over counts for, by the weekday that ends with it (0 is Sunday): three on Wednesday, none at weekends. */
export function nightsOf(weekday: number): number {
  return weekday === 3 ? 3 : weekday === 6 || weekday === 0 ? 0 : 1;
}
