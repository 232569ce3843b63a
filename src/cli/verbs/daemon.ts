/** `qkt daemon start|stop|reload|status`. */
import type { Command } from 'commander';
import { clientOf } from '../client.ts';
import type { ReloadResult } from '../../domain/ports.ts';
import { withHostOptions } from '../host-options.ts';
import { withCommonOptions, withVerbsBelow, type CommonOptions } from '../options.ts';
import type { StartOptions } from '../daemon-start.ts';
import type { StopOptions } from '../daemon-stop.ts';
import { outcomeOf } from '../operation.ts';
import { wholeNumber } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';
import { tellReload } from '../reload-words.ts';
import { showHealth } from './health.ts';

const RELOAD_MS = 10_000;

export function define(command: Command): void {
  withVerbsBelow(command);
  withHostOptions(withCommonOptions(command.command('start').description('run the daemon, here or detached')))
    .option('--detach', 'leave it running in the background; come back once it answers')
    .option('--load-dir <dir>', 'deploy every strategy file of a directory')
    .action(async (options: StartOptions) => (await import('../daemon-start.ts')).startDaemon(options));
  withCommonOptions(command.command('stop').description('end the daemon in order, and wait until it has ended'))
    .option('--timeout <seconds>', 'how long that may take', wholeNumber(1, 3600), 60)
    .option('-y, --yes', 'do not ask')
    .action(async (options: StopOptions) => (await import('../daemon-stop.ts')).stopDaemon(options));
  withCommonOptions(
    command.command('reload').description('open the logs anew and read the configuration again'),
  ).action(reload);
  withCommonOptions(command.command('status').description('whether the daemon runs, and its leases')).action(status);
}

async function reload(options: CommonOptions): Promise<void> {
  const { text } = await outcomeOf(clientOf(options), '/daemon/reload', { deadlineMs: RELOAD_MS });
  if (options.json === true) printExactly(text);
  else tellReload(JSON.parse(text) as ReloadResult, (line) => print(printable(line)));
}

async function status(options: CommonOptions): Promise<void> {
  await showHealth(await clientOf(options).ask('/daemon/health'), 'daemon', options);
}
