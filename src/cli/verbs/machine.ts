/** `qkt machine <name>`: where a strategy's state chart stands now, and how it came there. */
import type { Command } from 'commander';
import type { MachineView } from '../../domain/machine-views.ts';
import { clientOf, strategyPath } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';
import { duration } from '../words.ts';

interface MachineOptions extends CommonOptions {
  readonly mermaid?: boolean;
}

type Transition = Exact<MachineView['history'][number]>;

const HISTORY: readonly Column<Transition>[] = [
  { title: 'AT', cell: ({ ts }) => ts },
  { title: 'EVENT', cell: ({ event }) => event },
  { title: 'FROM', cell: ({ from }) => from },
  { title: 'TO', cell: ({ to }) => to },
];

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<name>', 'a strategy')
    .option('--mermaid', 'the chart with the active states marked, as Mermaid')
    .action(machine);
}

async function machine(name: string, options: MachineOptions): Promise<void> {
  const format = options.mermaid === true ? 'mermaid' : undefined;
  const { text } = await clientOf(options).get(strategyPath(name, 'machine'), { format });
  if (options.json === true || format !== undefined) {
    printExactly(text);
    return;
  }
  const view = parseExact<MachineView>(text);
  const state = typeof view.value === 'string' ? view.value : JSON.stringify(view.value);
  print(
    `${printable(name)} has been in ${printable(state)} for ${duration(Math.max(0, Date.now() - Date.parse(view.since)))}`,
  );
  print(`possible now: ${view.allowed.length === 0 ? 'nothing' : view.allowed.map(printable).join(', ')}`);
  if (view.tags.length > 0) print(`tags: ${view.tags.map(printable).join(', ')}`);
  await printTable(HISTORY, view.history);
}
