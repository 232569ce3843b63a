/** What a strategy has at stake, in words. */
import type { StatusView } from '../domain/views.ts';
import { strategyPath, type DaemonClient } from './client.ts';
import { parseExact } from './exact-json.ts';
import { printable } from './output.ts';
import { orUnknown, plural } from './words.ts';

/** Equity, open positions and working orders of a strategy, a line each. @throws as `DaemonClient.get` */
export async function describeExposure(client: DaemonClient, name: string): Promise<readonly string[]> {
  const { text } = await client.get(strategyPath(name, 'status'));
  const { equity, unrealized, currency, positions, orders, state } = parseExact<StatusView>(text);
  const rows = positions.map(
    (position) =>
      `  ${printable(position.symbol)} ${position.qty} @ ${position.avgPrice}, unrealized ${orUnknown(position.unrealized)} ${currency}` +
      (position.stopLoss === undefined ? ', no stop' : `, stop ${position.stopLoss}`),
  );
  return [
    `It is ${state}, equity ${orUnknown(equity)} ${currency}, unrealized ${orUnknown(unrealized)} ${currency}, ` +
      `${plural(positions.length, 'open position')}, ${plural(orders.length, 'working order')}.`,
    ...rows,
  ];
}
