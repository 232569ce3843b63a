/** `qkt kill [name]`: blocks, cancels, flattens, verifies and stops one strategy, or all of them. */
import type { Command } from 'commander';
import type { StopResult } from '../../domain/ports.ts';
import { clientOf, strategyPath } from '../client.ts';
import { confirm } from '../confirm.ts';
import { memberText, parseExact, type Exact } from '../exact-json.ts';
import { DaemonRefusal } from '../exit.ts';
import { describeExposure, describeFleet } from '../exposure.ts';
import { outcomeOf } from '../operation.ts';
import { wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, print, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';
import { stoppedLines } from '../stop-words.ts';

interface KillOptions extends CommonOptions {
  readonly timeout: number;
  readonly yes?: boolean;
}

type Killed = Exact<{ strategies: Record<string, StopResult> }>;

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', 'a strategy (default: all of them)')
    .option('--timeout <seconds>', 'how long it may take', wholeNumber(1, 3600), 30)
    .option('-y, --yes', 'do not ask')
    .action(kill);
}

async function kill(name: string | undefined, options: KillOptions): Promise<void> {
  const client = clientOf(options);
  const agreed = await confirm(options.yes === true, async () => [
    `This stops ${name ?? 'EVERY strategy'}, cancels all working orders and CLOSES all positions.`,
    ...(name === undefined ? await describeFleet(client) : await describeExposure(client, name)),
  ]);
  if (!agreed) return;
  const timeoutMs = options.timeout * 1000;
  const [path, query] =
    name === undefined ? ['/daemon/kill', { timeoutMs }] : [strategyPath(name, 'stop'), { flatten: true, timeoutMs }];
  try {
    const outcome = outcomeOf(client, path, { query, deadlineMs: timeoutMs });
    const { text } = await progressWhile(`killing ${name ?? 'all'}`, outcome);
    if (options.json === true) printExactly(text);
    else for (const line of inWords(name, text)) print(line);
  } catch (error) {
    if (options.json !== true) noteResults(error, name);
    throw error;
  }
}

/** What became of each, where not all came to the end. */
function noteResults(error: unknown, name: string | undefined): void {
  if (!(error instanceof DaemonRefusal) || error.problem['result'] === undefined) return;
  for (const line of inWords(name, memberText(error.text, 'result'))) note(line);
}

function inWords(name: string | undefined, text: string): readonly string[] {
  if (name !== undefined) return stoppedLines(name, parseExact<StopResult>(text));
  const { strategies }: Killed = parseExact(text);
  const lines = Object.entries(strategies).flatMap(([each, result]) => stoppedLines(each, result));
  return lines.length === 0 ? ['no strategy is deployed: nothing was killed'] : lines;
}
