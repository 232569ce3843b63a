/** What the trade server holds against a request before it acts on it. */
import { dec, type Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isMarket, sideOf, type OrderType, type Position, type Side, type SymbolTerms } from './types.ts';

/** Where market orders of that side are filled. */
export const entryPrice = (side: Side, tick: Tick): Decimal => dec(side === 'buy' ? tick.ask : tick.bid);
/** Where positions of that side are closed. */
export const exitPrice = (side: Side, tick: Tick): Decimal => dec(side === 'buy' ? tick.bid : tick.ask);

/** A whole number of steps within the bounds. */
export function isVolume(terms: SymbolTerms, volume: Decimal): boolean {
  const { volumeMin, volumeMax, volumeStep } = terms;
  if (volume.lessThan(volumeMin) || volume.greaterThan(volumeMax)) return false;
  return volume.flooredTo(volumeStep).equals(volume);
}

/** Stop below and target above the price for a buy, the other way round for a sell, `distance` away at least. Zero is none. */
export function areStops(side: Side, price: Decimal, stops: Stops, distance: Decimal): boolean {
  const { sl, tp } = stops;
  if (!sl.isZero() && beyond(side, price, sl).lessThan(distance)) return false;
  return tp.isZero() || !beyond(side, tp, price).lessThan(distance);
}

export interface Stops {
  readonly sl: Decimal;
  readonly tp: Decimal;
}

/** How far `a` is on the winning side of `b`. */
const beyond = (side: Side, a: Decimal, b: Decimal): Decimal => (side === 'buy' ? a.minus(b) : b.minus(a));

/** Does a pending order of that type make sense at that price: not filled at once, and far enough away? */
export function isPendingPrice(type: OrderType, price: Decimal, tick: Tick, distance: Decimal): boolean {
  const away = distanceToTrigger(type, price, tick);
  return away.sign() > 0 && !away.lessThan(distance);
}

/** How far the market has to go until the order is triggered; not positive: it is. */
export function distanceToTrigger(type: OrderType, price: Decimal, tick: Tick): Decimal {
  const side = sideOf(type);
  const market = entryPrice(side, tick);
  const isLimit = type === 'BUY_LIMIT' || type === 'SELL_LIMIT';
  return isLimit ? beyond(side, market, price) : beyond(side, price, market);
}

/** The limit order that a stop-limit becomes must not be worse than its trigger. */
export function isStoplimit(type: OrderType, price: Decimal, stoplimit: Decimal): boolean {
  if (!type.endsWith('STOP_LIMIT')) return true;
  return stoplimit.sign() > 0 && beyond(sideOf(type), price, stoplimit).sign() >= 0;
}

/** Which of the two, if any, the quote has reached. */
export function reachedStop({ side, sl, tp }: Position, tick: Tick): 'sl' | 'tp' | undefined {
  const price = exitPrice(side, tick);
  if (!sl.isZero() && beyond(side, price, sl).sign() <= 0) return 'sl';
  return !tp.isZero() && beyond(side, price, tp).sign() >= 0 ? 'tp' : undefined;
}

export const pointsOf = (terms: SymbolTerms, points: number): Decimal => terms.tickSize.times(dec(points));

export function isExpiry(at: EpochMs | undefined, now: EpochMs): boolean {
  return at === undefined || at > now;
}

/** Fill or kill, immediate or cancel: only as the symbol allows; return: only where it allows neither. */
export function isFilling(terms: SymbolTerms, type: OrderType, filling: string): boolean {
  if (!isMarket(type)) return true;
  if (filling === 'FOK') return (terms.fillingMode & 1) !== 0;
  return filling === 'IOC' ? (terms.fillingMode & 2) !== 0 : terms.fillingMode === 0;
}
