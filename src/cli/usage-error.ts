/** Wrong usage, as commander tells it, as an error of the catalogue. */
import type { CommanderError } from 'commander';
import { QktError } from '../errors.ts';

/** `(Did you mean one of stop, stats?)`, as it stands below the message. */
const NEAR = /\s*\(Did you mean (?:one of )?([^)]*)\?\)/;

/** @param said what it would have printed: the list of verbs, where one was missing */
export function asUsageError({ code, message }: CommanderError, said: string): QktError {
  if (code === 'commander.help') return new QktError('QKT_E_USAGE', said.trim());
  const candidates = NEAR.exec(message)?.[1]?.split(', ') ?? [];
  return new QktError('QKT_E_USAGE', message.replace(/^error: /, '').replace(NEAR, ''), { candidates });
}
