/** `qkt restore <file>`: a backup into a state directory that holds no journal. Needs no daemon. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { stateDirOf, withCommonOptions, type CommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { progressWhile } from '../progress.ts';

export function define(command: Command): void {
  withCommonOptions(command).argument('<file>', 'made by qkt backup').action(restore);
}

async function restore(file: string, options: CommonOptions): Promise<void> {
  const { restoreState } = await import('../../maintenance.ts');
  const [from, stateDir] = [resolve(file), stateDirOf(options)];
  await progressWhile('restoring', restoreState(from, stateDir));
  if (options.json === true) print(toJson({ file: from, stateDir, restored: true }));
  else print(`the state of ${from} is in ${stateDir}; qkt daemon start brings it back to life`);
}
