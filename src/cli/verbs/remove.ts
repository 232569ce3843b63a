/** `qkt remove <name>`: takes a stopped, flat strategy out of the registry; its records are kept. */
import type { Command } from 'commander';
import { clientOf, strategyPath } from '../client.ts';
import { confirm } from '../confirm.ts';
import { outcomeOf } from '../operation.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';
import { describeExposure } from '../exposure.ts';

interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean;
}

const PATIENCE_MS = 60_000;

export function define(command: Command): void {
  withCommonOptions(command).argument('<name>', 'a stopped strategy').option('-y, --yes', 'do not ask').action(remove);
}

async function remove(name: string, options: RemoveOptions): Promise<void> {
  const client = clientOf(options);
  const agreed = await confirm(options.yes === true, async () => [
    `This removes ${name} from the registry.`,
    ...(await describeExposure(client, name)),
  ]);
  if (!agreed) return;
  const { text } = await outcomeOf(client, strategyPath(name), { method: 'DELETE', deadlineMs: PATIENCE_MS });
  if (options.json === true) printExactly(text);
  else print(`${name} is removed; its log is kept`);
}
