/** `qkt status [name]`: a person's summary of a strategy, or of the daemon with all of them. */
import type { Command } from 'commander';
import type { DaemonHealthView, HealthView, LeaseView } from '../../domain/health-views.ts';
import type { StatusView, StrategyRow } from '../../domain/status-views.ts';
import { clientOf, strategyPath, type DaemonClient } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { noteHalts } from '../halt-notes.ts';
import { isBroken } from '../lease-words.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { paint, print, printable, printExactly } from '../output.ts';
import { statusLines } from '../status-summary.ts';
import { printStrategies } from '../strategy-table.ts';
import { noteTrouble } from '../trouble-notes.ts';
import { duration } from '../words.ts';

interface StatusOptions extends CommonOptions {
  readonly deep?: boolean;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', 'a strategy (default: the daemon and all strategies)')
    .option('--deep', 'every check as ok, warn or fail with its figure; exit 4 when one fails')
    .action(status);
}

async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  if (options.deep === true) await (await import('../deep-status.ts')).showDeepStatus(name, options);
  else if (name === undefined) await daemonStatus(options);
  else await strategyStatus(name, options);
}

async function strategyStatus(name: string, options: CommonOptions): Promise<void> {
  const client = clientOf(options);
  const { text } = await client.get(strategyPath(name, 'status'));
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const view = parseExact<StatusView>(text);
  const broken = view.state === 'trading' ? (await leasesOf(client, name)).filter(isBroken) : [];
  for (const line of statusLines(view, broken, Date.now())) print(line);
}

/** None of one that is gone meanwhile. */
async function leasesOf(client: DaemonClient, name: string): Promise<readonly Exact<LeaseView>[]> {
  const { text } = await client.ask(strategyPath(name, 'health'));
  return parseExact<Partial<HealthView>>(text).leases ?? [];
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
  const rows = parseExact<StrategyRow[]>((await client.get('/daemon/list')).text);
  await printStrategies(rows);
  await noteHalts(client, rows);
  if (rows.length > 0) await noteTrouble(client);
}
