/** `qkt list`: every deployed strategy, whatever its state. */
import type { Command } from 'commander';
import type { StrategyRow } from '../../domain/status-views.ts';
import { clientOf } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { noteHalts } from '../halt-notes.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { note, printExactly } from '../output.ts';
import { printStrategies } from '../strategy-table.ts';
import { noteTrouble } from '../trouble-notes.ts';

export function define(command: Command): void {
  withCommonOptions(command).action(list);
}

async function list(options: CommonOptions): Promise<void> {
  const client = clientOf(options);
  const { text } = await client.get('/daemon/list');
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const rows: readonly Exact<StrategyRow>[] = parseExact<StrategyRow[]>(text);
  await printStrategies(rows);
  await noteHalts(client, rows);
  if (rows.length > 0) await noteTrouble(client);
  if (rows.length === 0) note('No strategy is deployed: qkt deploy <file>');
}
