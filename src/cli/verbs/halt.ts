/** `qkt halt [name]`: closes the gate of one strategy, or of all; what works as an entry is cancelled. */
import type { Command } from 'commander';
import type { HaltResult } from '../../domain/ports.ts';
import { clientOf, strategyPath } from '../client.ts';
import { confirm } from '../confirm.ts';
import { parseExact } from '../exact-json.ts';
import { describeExposure, describeFleet } from '../exposure.ts';
import { BLOCKED, haltedLines } from '../halt-words.ts';
import { nameOrAll } from '../name-or-all.ts';
import { outcomeOf } from '../operation.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';

interface HaltOptions extends CommonOptions {
  readonly reason: string;
  readonly all?: boolean;
  readonly yes?: boolean;
}

const PATIENCE_MS = 60_000;

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', 'a strategy (default: all of them)')
    .requiredOption('--reason <text>', 'why: kept in the journal, shown wherever the halt is')
    .option('--all', 'every strategy, by a halt of the book, as without a name')
    .option('-y, --yes', 'do not ask')
    .action(halt);
}

async function halt(given: string | undefined, options: HaltOptions): Promise<void> {
  const name = nameOrAll(given, options.all);
  const client = clientOf(options);
  const agreed = await confirm(options.yes === true, async () => [
    `This halts ${name ?? 'every strategy'} and cancels its working entries and waiting stack layers. Blocked is ${BLOCKED}.`,
    ...(name === undefined ? await describeFleet(client) : await describeExposure(client, name)),
  ]);
  if (!agreed) return;
  const path = name === undefined ? '/daemon/halt' : strategyPath(name, 'halt');
  const { reason } = options;
  const outcome = outcomeOf(client, path, { body: { reason }, deadlineMs: PATIENCE_MS });
  const { text } = await progressWhile(`halting ${name ?? 'all'}`, outcome);
  if (options.json === true) printExactly(text);
  else for (const line of inWords(name, text)) print(line);
}

function inWords(name: string | undefined, text: string): readonly string[] {
  if (name !== undefined) return haltedLines(name, parseExact<HaltResult>(text));
  const { strategies } = parseExact<{ strategies: Record<string, HaltResult> }>(text);
  const lines = Object.entries(strategies).flatMap(([each, result]) => haltedLines(each, result));
  return lines.length === 0 ? ['no strategy is deployed: nothing was halted'] : lines;
}
