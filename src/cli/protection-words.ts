/** How far the stops of a position reach, in words. */
import { dec, Decimal } from '../domain/decimal.ts';
import type { OrderView, PositionView } from '../domain/trading-views.ts';
import type { Exact } from './exact-json.ts';

type Held = Pick<Exact<PositionView>, 'symbol' | 'qty' | 'stopLoss'>;
type Working = Pick<Exact<OrderView>, 'symbol' | 'side' | 'type' | 'role' | 'qty' | 'filledQty'>;

/** `no stop`, `stop 2395.35`, or `stop 2395.35, none for 0.1`. */
export function stopText(position: Held, orders: readonly Working[]): string {
  if (position.stopLoss === undefined) return 'no stop';
  const bare = unstopped(position, orders);
  return bare.isZero() ? `stop ${position.stopLoss}` : `stop ${position.stopLoss}, none for ${bare.toString()}`;
}

/** Of a bracket, or the author's own. */
const isStop = ({ role, type }: Working): boolean =>
  role === 'stopLoss' || (role === 'entry' && (type === 'stop' || type === 'trailingStop'));

/** The quantity that no stop order of the same answer covers. */
export function unstopped({ symbol, qty, stopLoss }: Held, orders: readonly Working[]): Decimal {
  const held = dec(qty).abs();
  if (stopLoss === undefined) return held;
  const side = dec(qty).sign() > 0 ? 'SELL' : 'BUY';
  const stops = orders.filter((order) => order.symbol === symbol && order.side === side && isStop(order));
  const covered = stops.reduce((sum, stop) => sum.plus(dec(stop.qty)).minus(dec(stop.filledQty)), Decimal.ZERO);
  return covered.isZero() || covered.greaterThan(held) ? Decimal.ZERO : held.minus(covered);
}
