/** `qkt events [name]`: what happened, one event a line; `-f` goes on. */
import type { Command } from 'commander';
import { EVENT_TYPES } from '../../domain/events.ts';
import { clientOf, strategyPath } from '../client.ts';
import { eventLine } from '../event-line.ts';
import { writeLines } from '../lines.ts';
import { wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';

interface EventsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly since?: number;
  readonly types?: string;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', "a strategy (default: all of them, and the daemon's own events)")
    .option('-f, --follow', 'go on with what comes')
    .option('--since <seq>', 'only what came after this sequence number', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--types <types>', `only these, separated by commas: ${EVENT_TYPES.join(', ')}`)
    .action(events);
}

async function events(name: string | undefined, options: EventsOptions): Promise<void> {
  const { follow, since, types, json } = options;
  const path = name === undefined ? '/daemon/events' : strategyPath(name, 'events');
  // Without `follow`, `since` alone would wait for something newer to come.
  const wait = follow === true || since === undefined ? undefined : 0;
  const stream = await clientOf(options).stream(path, { follow, since, types, wait });
  await writeLines(stream, json === true ? (line) => line : eventLine);
}
