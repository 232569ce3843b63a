/** `qkt backup <file>`: the whole state into one file, while everything goes on. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { clientOf } from '../client.ts';
import { outcomeOf } from '../operation.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';
import { plural } from '../words.ts';

const PATIENCE_MS = 600_000;

export function define(command: Command): void {
  withCommonOptions(command).argument('<file>', 'a file that does not exist').action(backup);
}

async function backup(file: string, options: CommonOptions): Promise<void> {
  const body = { file: resolve(file) };
  const outcome = outcomeOf(clientOf(options), '/daemon/backup', { body, deadlineMs: PATIENCE_MS });
  const { text } = await progressWhile('backing up', outcome);
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const written = JSON.parse(text) as { file: string; bytes: number };
  print(`the state is in ${printable(written.file)}: ${plural(written.bytes, 'byte')}`);
}
