/** `qkt status [name]`: a person's summary of a strategy, or of the daemon with all of them. */
import type { Command } from 'commander';
import type { DaemonHealthView, StatusView, StrategyRow } from '../../domain/views.ts';
import { clientOf, strategyPath, type DaemonClient } from '../client.ts';
import { parseExact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { paint, print, printable, printExactly } from '../output.ts';
import { statusLines } from '../status-summary.ts';
import { printStrategies } from '../strategy-table.ts';
import { duration } from '../words.ts';

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', 'a strategy (default: the daemon and all strategies)')
    .action((name: string | undefined, options: CommonOptions) =>
      name === undefined ? daemonStatus(options) : strategyStatus(name, options),
    );
}

async function strategyStatus(name: string, options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get(strategyPath(name, 'status'));
  if (options.json === true) printExactly(text);
  else for (const line of statusLines(parseExact<StatusView>(text), Date.now())) print(line);
}

/** Whatever its health: `qkt health` is the verb that judges. */
async function daemonStatus(options: CommonOptions): Promise<void> {
  const client = clientOf(options);
  const { text } = await client.ask('/daemon/health');
  if (options.json === true) printExactly(text);
  else await showDaemon(client, text);
}

async function showDaemon(client: DaemonClient, health: string): Promise<void> {
  const { status, pid, version, uptimeMs, ok, broken = [] } = parseExact<DaemonHealthView>(health);
  const word = paint(ok ? 'green' : 'red', printable(status));
  print(`daemon ${version} is ${word}: process ${pid}, up ${duration(Number(uptimeMs))}`);
  if (broken.length > 0) print(`broken: ${broken.map(printable).join(', ')}`);
  await printStrategies(parseExact<StrategyRow[]>((await client.get('/daemon/list')).text));
}
