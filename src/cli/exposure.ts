/** What is at stake, in words. */
import type { StatusView, StrategyRow } from '../domain/status-views.ts';
import { strategyPath, type DaemonClient } from './client.ts';
import { parseExact } from './exact-json.ts';
import { printable } from './output.ts';
import { stopText } from './protection-words.ts';
import { orUnknown, plural } from './words.ts';

/** Equity, open positions, working orders and waiting stack layers of a strategy, each position in a line. @throws as `DaemonClient.get` */
export async function describeExposure(client: DaemonClient, name: string): Promise<readonly string[]> {
  const { text } = await client.get(strategyPath(name, 'status'));
  const { equity, unrealized, currency, positions, orders, pendingStackLayers, state } = parseExact<StatusView>(text);
  const layers = pendingStackLayers.length;
  const rows = positions.map(
    (position) =>
      `  ${printable(position.symbol)} ${position.qty} @ ${position.avgPrice}, unrealized ${orUnknown(position.unrealized)} ${currency}, ${stopText(position, orders)}`,
  );
  return [
    `It is ${state}, equity ${orUnknown(equity)} ${currency}, unrealized ${orUnknown(unrealized)} ${currency}, ` +
      `${plural(positions.length, 'open position')}, ${plural(orders.length, 'working order')}` +
      `${layers === 0 ? '' : `, ${plural(layers, 'waiting stack layer')}`}.`,
    ...rows,
  ];
}

/** State, equity and unrealized result of every strategy, a line each. @throws as `DaemonClient.get` */
export async function describeFleet(client: DaemonClient): Promise<readonly string[]> {
  const rows = parseExact<StrategyRow[]>((await client.get('/daemon/list')).text);
  return rows.map(
    (row) =>
      `  ${printable(row.name)} is ${row.state}, equity ${orUnknown(row.equity)}, unrealized ${orUnknown(row.unrealized)}`,
  );
}
