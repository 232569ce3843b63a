/** What became of orders, and what halts and resumes have done, as lines of the strategy's log. */
import type { Refusal } from '../domain/orders.ts';
import { BY_RULE, type HaltCauseView } from '../domain/risk-views.ts';
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

/** Of a cause that is on disk, or could not be written. */
export function logHalt(log: Logger, { rule, scope, measured, limit, reason, by, ...more }: HaltCauseView): void {
  const { restored, durable } = more;
  log.warn('halted', {
    rule,
    scope,
    ...(measured !== undefined && { measured }),
    ...(limit !== undefined && { limit }),
    reason,
    by: by ?? BY_RULE,
    ...(restored === true && { restored }),
    ...(durable === false && { durable }),
  });
}

/** @param stays causes that are still in force */
export function logResume(log: Logger, reason: string, by: string, stays: readonly HaltCauseView[]): void {
  const rules = stays.map(({ rule }) => rule);
  log.info('resumed', { reason, by, ...(rules.length > 0 && { stillHaltedBy: rules.join(', ') }) });
}
