/** `qkt restart <name>`: out of stopped or failed; a halt stays a halt. */
import type { Command } from 'commander';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { bringBack } from '../bring-back.ts';

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<name>', 'a deployed strategy')
    .action((name: string, options: CommonOptions) => bringBack('restart', name, options));
}
