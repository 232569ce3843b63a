/** `qkt logs <name>`: the tail of a strategy's log; `-f` goes on, across rotation and restarts of the daemon. */
import { InvalidArgumentError, type Command } from 'commander';
import { clientOf, strategyPath } from '../client.ts';
import { followLogs } from '../follow-logs.ts';
import { writeLines } from '../lines.ts';
import { oneOf, stateDirOf, wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';

interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly since?: string;
  readonly level?: string;
  readonly format?: string;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<name>', 'a strategy')
    .option('-f, --follow', 'go on with what comes, also when the daemon has been started again')
    .option('-n, --lines <count>', 'how many lines of the past (default: 200)', wholeNumber(1, 10_000))
    .option('--since <time>', 'only lines from this time on: ISO, or an age such as 15m', timeOrAge)
    .option('--level <level>', 'only this level and above', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'))
    .option('--format <format>', 'text or json', oneOf('text', 'json'))
    .action(logs);
}

async function logs(name: string, options: LogsOptions): Promise<void> {
  const { follow, lines, since, level, json } = options;
  const format = json === true ? 'json' : options.format;
  const path = strategyPath(name, 'logs');
  const query = { lines, since, level, format };
  if (follow === true) return followLogs(stateDirOf(options), path, query);
  const stream = await clientOf(options).stream(path, query);
  await writeLines(stream, (line) => line);
}

const AGES: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOrAge(text: string): string {
  const age = /^(\d{1,6})([smhd])$/.exec(text);
  const time = age === null ? Date.parse(text) : Date.now() - Number(age[1]) * AGES[age[2]!]!;
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be an ISO time, or an age such as 15m.');
  return new Date(time).toISOString();
}
