/** `qkt gateways`: each broker gateway's state, why it is not in order, and where book and venue differ. */
import type { Command } from 'commander';
import type { GatewayView } from '../../domain/gateway-views.ts';
import { clientOf } from '../client.ts';
import { parseExact } from '../exact-json.ts';
import { differenceLines, printGateways } from '../gateway-table.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';

export function define(command: Command): void {
  withCommonOptions(command).action(gateways);
}

async function gateways(options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get('/daemon/gateways');
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const rows = parseExact<GatewayView[]>(text);
  await printGateways(rows);
  for (const line of differenceLines(rows, Date.now())) print(line);
}
