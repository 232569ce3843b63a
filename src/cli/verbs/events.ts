/** `qkt events [name]`: what happened, one event a line; `-f` goes on, over restarts of the daemon too. */
import type { Command } from 'commander';
import { POSITIONS, SEQUENCE, type CursorForm } from '../../domain/cursors.ts';
import { EVENT_TYPES } from '../../domain/events.ts';
import { QktError } from '../../errors.ts';
import { strategyPath } from '../client.ts';
import { eventLine } from '../event-line.ts';
import { followEvents, writeEvents } from '../follow-events.ts';
import { stateDirOf, withCommonOptions, type CommonOptions } from '../options.ts';

interface EventsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly types?: string;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', "a strategy (default: all of them, and the daemon's own events)")
    .option('-f, --follow', 'go on with what comes, also when the daemon has been started again')
    .option('--since <seq>', 'only what came after this sequence number (of all: a cursor, or 0)')
    .option('--types <types>', `only these, separated by commas: ${EVENT_TYPES.join(', ')}`)
    .action(events);
}

const events = (name: string | undefined, options: EventsOptions): Promise<void> =>
  name === undefined
    ? read('/daemon/events', POSITIONS, options)
    : read(strategyPath(name, 'events'), SEQUENCE, options);

async function read<Cursor>(path: string, form: CursorForm<Cursor>, options: EventsOptions): Promise<void> {
  const { follow, types, json } = options;
  const shown = json === true ? (line: string) => line : eventLine;
  const reading = { stateDir: stateDirOf(options), path, form, types, shown };
  const cursor = await writeEvents(reading, options.since === undefined ? undefined : cursorOf(options.since, form));
  if (follow === true) await followEvents(reading, cursor);
}

function cursorOf<Cursor>(text: string, form: CursorForm<Cursor>): Cursor {
  const cursor = form.parse(text);
  if (cursor === undefined) throw new QktError('QKT_E_USAGE', `--since must be ${form.looks}`);
  return cursor;
}
