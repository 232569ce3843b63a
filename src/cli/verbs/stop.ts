/** `qkt stop <name>`: blocks new orders, cancels, flattens if asked, and says what came of it. */
import type { Command } from 'commander';
import type { StopResult } from '../../domain/ports.ts';
import { clientOf, strategyPath } from '../client.ts';
import { confirm } from '../confirm.ts';
import { parseExact } from '../exact-json.ts';
import { describeExposure } from '../exposure.ts';
import { outcomeOf } from '../operation.ts';
import { wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';
import { stoppedLines } from '../stop-words.ts';

interface StopOptions extends CommonOptions {
  readonly flatten?: boolean;
  readonly timeout: number;
  readonly yes?: boolean;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<name>', 'a strategy')
    .option('--flatten', 'close its open positions too, and verify that they are closed')
    .option('--timeout <seconds>', 'how long the stop may take', wholeNumber(1, 3600), 30)
    .option('-y, --yes', 'do not ask')
    .action(stop);
}

async function stop(name: string, options: StopOptions): Promise<void> {
  const client = clientOf(options);
  const { flatten = false, timeout } = options;
  const agreed = await confirm(options.yes === true, async () => [
    `This stops ${name}, cancels its working orders and ${flatten ? 'CLOSES' : 'leaves open'} its positions.`,
    ...(await describeExposure(client, name)),
  ]);
  if (!agreed) return;
  const timeoutMs = timeout * 1000;
  const { text } = await progressWhile(
    `stopping ${name}`,
    outcomeOf(client, strategyPath(name, 'stop'), { query: { flatten, timeoutMs }, deadlineMs: timeoutMs }),
  );
  if (options.json === true) printExactly(text);
  else for (const line of stoppedLines(name, parseExact<StopResult>(text))) print(line);
}
