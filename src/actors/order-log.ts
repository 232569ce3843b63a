/** What became of orders, as lines of the strategy's log. */
import type { Refusal } from '../domain/orders.ts';
import type { Trade } from '../streams/desk-types.ts';
import type { Logger } from './log-sink.ts';

/** `realized` is left out of a fill that only opens. */
export function logTrade(log: Logger, { booking, order }: Trade): void {
  const { fill, realized, reducing } = booking;
  const { side, qty, price, commission, symbol, orderId, fillId } = fill;
  const net = reducing ? { realized } : {};
  log.info('order filled', { symbol, side, qty, price, commission, ...net, role: order.role, orderId, fillId });
}

/** Warns of what gate or venue did not take. */
export function logRefusal(log: Logger, { by, symbol, side, qty, code, reason, orderId }: Refusal): void {
  log.warn(by === 'gate' ? 'order denied' : 'order rejected', { symbol, side, qty, code, reason, orderId });
}
