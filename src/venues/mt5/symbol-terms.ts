/** What a broker takes of a symbol: volumes and prices on its grid, levels not too near to the market. */
import { dec, Decimal } from '../../domain/decimal.ts';
import type { Instrument, Tick } from '../../domain/market.ts';
import type { Side } from '../../domain/orders.ts';
import type { Mt5Symbol } from './types.ts';

/** Why an order cannot go; nothing was sent. */
export interface Complaint {
  readonly code: string;
  readonly reason: string;
}

/** The price that an order of that side executes at. */
export const executableAt = (side: Side, { bid, ask }: Tick): Decimal => dec(side === 'BUY' ? ask : bid);

/** A volume in steps, or what is wrong with it. A position may be closed however small or large it is. */
export function volumeOn(
  { volumeMin, volumeStep, volumeMax }: Mt5Symbol,
  qty: Decimal,
  closes: boolean,
): Decimal | Complaint {
  const volume = qty.flooredTo(volumeStep);
  if (closes ? volume.isZero() : volume.lessThan(volumeMin))
    return {
      code: 'VOLUME',
      reason: `quantity ${qty.toString()} is ${volume.toString()} in steps of ${volumeStep.toString()}, under the minimum of ${volumeMin.toString()}`,
    };
  if (!closes && volumeMax !== undefined && volume.greaterThan(volumeMax))
    return { code: 'VOLUME', reason: `quantity ${volume.toString()} is over the maximum of ${volumeMax.toString()}` };
  return volume;
}

/** To the nearest price that the broker quotes. */
export const onGrid = ({ tickSize }: Pick<Mt5Symbol, 'tickSize'>, price: Decimal): Decimal =>
  price.dividedBy(tickSize, 0).times(tickSize).trimmed();

/** Whether a limit or stop order's price is reached already: it would be refused as a pending order. */
export function isCrossed(type: 'limit' | 'stop', side: Side, price: Decimal, quote: Tick): boolean {
  const market = executableAt(side, quote);
  const rising = (side === 'BUY') === (type === 'stop');
  return rising ? market.compare(price) >= 0 : market.compare(price) <= 0;
}

/** Why a pending order at this price would be refused as too near to the market. */
export function tooNear(terms: Mt5Symbol, side: Side, price: Decimal, quote: Tick): Complaint | undefined {
  const distance = price.minus(executableAt(side, quote)).abs();
  for (const [code, least] of [
    ['STOPS_LEVEL', terms.stopsDistance],
    ['FREEZE_LEVEL', terms.freezeDistance],
  ] as const)
    if (distance.lessThan(least))
      return {
        code,
        reason: `price ${price.toString()} is ${distance.toString()} from the market, nearer than ${least.toString()}`,
      };
  return undefined;
}

/** May this stop or target be set on a position of that side now? It is measured from the price that closes it. */
export function maySet(terms: Mt5Symbol, side: Side, role: 'sl' | 'tp', level: Decimal, quote: Tick): boolean {
  const market = executableAt(side === 'BUY' ? 'SELL' : 'BUY', quote);
  const above = (side === 'BUY') === (role === 'tp');
  const distance = above ? level.minus(market) : market.minus(level);
  return distance.sign() > 0 && distance.compare(Decimal.max(terms.stopsDistance, terms.freezeDistance)) >= 0;
}

/** Why our terms of a symbol cannot be those of the broker's; undefined when they agree. */
export function contradiction(instrument: Instrument, terms: Mt5Symbol): string | undefined {
  if (instrument.contractSize.equals(terms.contractSize)) return undefined;
  return `a contract of ${instrument.symbol} is ${instrument.contractSize.toString()} here and ${terms.contractSize.toString()} at the broker's`;
}
