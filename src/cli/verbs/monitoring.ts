/** `qkt monitoring`: files ready to use on stdout. */
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { stateDirOf, withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';

interface UnitOptions extends CommonOptions {
  readonly config?: string;
}

export function define(command: Command): void {
  withCommonOptions(command.command('systemd-unit').description('a unit file for the daemon of this installation'))
    .option('--config <file>', 'configuration file (default: the one that a daemon started here would use)')
    .action(printUnit);
}

async function printUnit(options: UnitOptions): Promise<void> {
  const { findConfigFile } = await import('../../config/find-file.ts');
  const { systemdUnit } = await import('../systemd-unit.ts');
  const config = await findConfigFile(options.config, process.env, process.cwd());
  const hasStateDir = options.stateDir !== undefined || (process.env['QKT_STATE_DIR'] ?? '') !== '';
  const unit = systemdUnit({
    node: process.execPath,
    program: fileURLToPath(new URL('../../../bin/qkt.js', import.meta.url)),
    user: userInfo().username,
    ...(hasStateDir && { stateDir: stateDirOf(options) }),
    ...(config !== undefined && { config: config.file }),
  });
  if (options.json === true) print(toJson({ unit }));
  else printExactly(unit);
}
