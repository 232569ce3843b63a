/** `qkt doctor`: what is wrong with the installation, and the command that mends it. */
import type { Command } from 'commander';
import { showDoctor } from '../doctor.ts';
import { withCommonOptions } from '../options.ts';

export function define(command: Command): void {
  withCommonOptions(command)
    .option('--config <file>', 'configuration file (default: the one that a daemon started here would use)')
    .action(showDoctor);
}
