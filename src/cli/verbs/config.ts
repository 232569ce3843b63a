/** `qkt config check`: the effective configuration, value by value, and where each came from. */
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { QktError } from '../../errors.ts';
import { withCommonOptions, withVerbsBelow, type CommonOptions } from '../options.ts';
import { note, paint, print } from '../output.ts';
import { printTable } from '../table.ts';

interface CheckOptions extends CommonOptions {
  readonly config?: string;
}

export function define(command: Command): void {
  withVerbsBelow(command);
  const check = command.command('check').description('print the effective values and where each came from');
  withCommonOptions(check)
    .option('--config <file>', 'the file to check (default: the one that a daemon started here would use)')
    .action(run);
}

async function run(options: CheckOptions): Promise<void> {
  const { loadConfig } = await import('../../config/load.ts');
  const { effectiveValues } = await import('../../config/effective.ts');
  const named = options.config === undefined ? {} : { file: options.config };
  const loaded = await loadConfig({ ...named, env: process.env, cwd: process.cwd() }).catch((error: unknown) => {
    if (!(error instanceof QktError)) throw error;
    if (options.json === true) print(toJson({ valid: false, ...error.extras.members, detail: error.located }));
    throw withoutItself(error);
  });
  const { file, warnings } = loaded;
  const values = effectiveValues(loaded);
  if (options.json === true) {
    print(toJson({ valid: true, file: file ?? null, values, warnings }));
    return;
  }
  note(file === undefined ? 'No configuration file: these are the defaults.' : `${file} is valid.`);
  await printTable(
    [
      { title: 'KEY', cell: ({ key }) => key, narrow: 'wrap' },
      { title: 'VALUE', cell: ({ value }) => (typeof value === 'string' ? value : toJson(value)), narrow: 'wrap' },
      { title: 'FROM', cell: ({ origin }) => origin },
    ],
    values,
  );
  for (const warning of warnings) note(`${paint('yellow', 'warning:', process.stderr)} ${warning}`);
}

/** This is the check that the hint of a mistake leads to: it has shown all. */
function withoutItself({ code, message, extras }: QktError): QktError {
  if (code !== 'QKT_E_CONFIG') return new QktError(code, message, extras);
  const hint = 'These are all: mend the lines that are named.';
  return new QktError(code, message, { ...extras, members: { ...extras.members, hint } });
}
