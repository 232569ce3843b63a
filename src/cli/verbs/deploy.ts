/** `qkt deploy <file>`: the daemon loads, checks and starts a strategy file; or nothing has changed. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { clientOf } from '../client.ts';
import { outcomeOf } from '../operation.ts';
import { collectParam, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, print, printable, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';

interface DeployOptions extends CommonOptions {
  readonly as?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly replace?: boolean;
}

/** Compiling and warming up may take their time; the daemon has a deadline of its own. */
const PATIENCE_MS = 120_000;

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<file>', 'a strategy file (.ts, .mts, .js or .mjs)')
    .option('--as <name>', "the name to deploy under (default: the definition's)")
    .option('--param <name=value>', 'a parameter; may be given more than once', collectParam)
    .option('--replace', 'put it in the place of the running one: ledger, halts and budgets are kept')
    .action(deploy);
}

async function deploy(file: string, options: DeployOptions): Promise<void> {
  const { as: name, param: params, replace } = options;
  const body = { file: resolve(file), name, params, replace };
  const { text } = await progressWhile(
    `deploying ${file}`,
    outcomeOf(clientOf(options), '/daemon/strategies', { body, deadlineMs: PATIENCE_MS }),
  );
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const deployed = JSON.parse(text) as { name: string; port: number; state: string };
  print(`QKT_PORT=${deployed.port}`);
  note(`${printable(deployed.name)} is ${printable(deployed.state)}: http://127.0.0.1:${deployed.port}/status`);
}
