/** What a strategy in this process says of itself, from its view and its journal. */
import type { StrategyRuntime } from '../../../src/actors/strategy-runtime.ts';
import { toPlain } from '../../../src/domain/json.ts';
import type { StrategyDisk } from './disk.ts';
import type { Told, ToldFill, ToldOrder } from './verdict.ts';

export function toldBy(name: string, runtime: StrategyRuntime, disk: StrategyDisk): Told {
  const { positions, orders, realized, unrealized } = runtime.view();
  const kept = disk.events;
  return {
    name,
    positions: positions.map(({ symbol, qty }) => ({ symbol, qty: qty.toString() })),
    orders: toPlain(orders) as readonly ToldOrder[],
    fills: kept.filter(({ type }) => type === 'fill') as unknown as readonly ToldFill[],
    statuses: kept.flatMap(({ type, orderId, status }) =>
      type === 'order' ? [{ orderId: orderId as string, status: status as string }] : [],
    ),
    realized: realized?.toString() ?? null,
    unrealized: unrealized?.toString() ?? null,
  };
}
