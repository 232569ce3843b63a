/** `qkt unsilence <id>`: ends a silence; what it kept quiet is told now. */
import type { Command } from 'commander';
import { clientOf } from '../client.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';

export function define(command: Command): void {
  withCommonOptions(command).argument('<id>', 'of qkt alerts silences').action(unsilence);
}

async function unsilence(id: string, options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).command('DELETE', `/daemon/silences/${encodeURIComponent(id)}`);
  if (options.json === true) printExactly(text);
  else print('The silence is over: what it kept quiet is told now.');
}
