/** Which strategies are on which gateway, as the running daemon says. */
import type { StatusView, StrategyRow } from '../domain/status-views.ts';
import { QktError } from '../errors.ts';
import { clientOf, strategyPath } from './client.ts';
import type { CommonOptions } from './options.ts';

/** Names by gateway; undefined where no daemon runs to tell. */
export async function strategiesOnGateways(
  options: CommonOptions,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const client = clientOf(options);
  try {
    const rows = JSON.parse((await client.get('/daemon/list')).text) as readonly Pick<StrategyRow, 'name'>[];
    const on = new Map<string, string[]>();
    for (const { name } of rows) {
      const { text } = await client.get(strategyPath(name, 'status'));
      const { gateway } = JSON.parse(text) as Pick<StatusView, 'gateway'>;
      on.set(gateway.name, [...(on.get(gateway.name) ?? []), name]);
    }
    return on;
  } catch (error) {
    if (error instanceof QktError && error.code === 'QKT_E_NO_DAEMON') return undefined;
    throw error;
  }
}
