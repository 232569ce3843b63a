/** `qkt journal [name]`: who did what, when and why; `verify` checks that nothing of it was changed. */
import type { Command } from 'commander';
import type { ChainCheck, OperatorRecord } from '../../domain/ports.ts';
import { chainText } from '../chain-text.ts';
import { clientOf } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { DONE, REFUSED } from '../exit.ts';
import { wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, print, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';

interface JournalOptions extends CommonOptions {
  readonly limit?: number;
}

const COLUMNS: readonly Column<Exact<OperatorRecord>>[] = [
  { title: 'N', cell: ({ n }) => n, right: true, spare: 1 },
  { title: 'TIME', cell: ({ ts }) => ts, narrow: 'wrap' },
  { title: 'BY', cell: ({ by }) => by, narrow: 'wrap' },
  { title: 'COMMAND', cell: ({ command }) => command },
  { title: 'TARGET', cell: ({ target }) => target ?? '-', narrow: 'wrap' },
  { title: 'OUTCOME', cell: ({ outcome }) => outcome, narrow: 'wrap' },
  { title: 'REASON', cell: ({ reason }) => reason ?? '-', narrow: 'wrap' },
];

export function define(command: Command): void {
  // What stands after `verify` belongs to it.
  withCommonOptions(command.enablePositionalOptions())
    .argument('[name]', 'a strategy (default: everything)')
    .option('-n, --limit <count>', 'how many of the newest (default: 100)', wholeNumber(1, 1000))
    .action(journal);
  withCommonOptions(command.command('verify').description('check the chain; exit 1 when it is broken')).action(verify);
}

async function journal(name: string | undefined, options: JournalOptions): Promise<void> {
  const { text } = await clientOf(options).get('/daemon/journal', { strategy: name, limit: options.limit });
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const records: readonly Exact<OperatorRecord>[] = parseExact<OperatorRecord[]>(text);
  await printTable(COLUMNS, records);
  if (records.length === 0) note(name === undefined ? 'Nothing was done yet.' : `Nothing was done to ${name}.`);
}

async function verify(options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get('/daemon/journal/verify');
  const check = parseExact<ChainCheck>(text);
  process.exitCode = check.ok ? DONE : REFUSED;
  if (options.json === true) printExactly(text);
  else print(chainText(check));
}
