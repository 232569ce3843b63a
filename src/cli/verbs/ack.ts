/** `qkt ack <alert>`: somebody sees to it; it is not told again until it is over. */
import type { Command } from 'commander';
import type { AlertView } from '../../domain/alerts.ts';
import { clientOf } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';

interface AckOptions extends CommonOptions {
  readonly comment?: string;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<alert>', 'a rule such as strategy_halted, or one alert: strategy_halted:ema-cross')
    .option('--comment <text>', 'what is done about it')
    .action(ack);
}

async function ack(alert: string, options: AckOptions): Promise<void> {
  const { comment } = options;
  const body = comment === undefined ? {} : { comment };
  const path = `/daemon/alerts/${encodeURIComponent(alert)}/ack`;
  const { text } = await clientOf(options).command('POST', path, { body });
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const rows: readonly Exact<AlertView>[] = parseExact<AlertView[]>(text);
  for (const { key } of rows) print(`${printable(key)} is acknowledged: it is not told again until it is over.`);
}
