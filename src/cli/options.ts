/** Options that several verbs take, and how their values are checked. A bad value names its flag and exits 2. */
import { InvalidArgumentError, type Command } from 'commander';
import { stateDirPath } from './state-dir-path.ts';

export interface CommonOptions {
  readonly stateDir?: string;
  readonly json?: boolean;
}

/** What every verb takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--state-dir <dir>', "the daemon's state directory (default: $QKT_STATE_DIR, ~/.local/state/qkt)")
    .option('--json', 'one JSON document on stdout');
}

/** A verb that does nothing by itself: without one below it, it lists those, whatever options stand there. */
export const withVerbsBelow = (command: Command): Command => command.allowUnknownOption();

export const stateDirOf = (options: CommonOptions): string =>
  stateDirPath(options.stateDir, process.env, process.cwd());

/** A parser of whole numbers in a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A parser of one of some words. */
export function oneOf<const T extends readonly string[]>(...words: T): (text: string) => T[number] {
  return (text) => {
    if ((words as readonly string[]).includes(text)) return text;
    throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
  };
}

/** Gathers `--param k=v --param k2=v2`. */
export function collectParam(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const cut = text.indexOf('=');
  if (cut < 1) throw new InvalidArgumentError('It must be name=value.');
  return { ...before, [text.slice(0, cut)]: text.slice(cut + 1) };
}

/** Gathers an option that may be given more than once. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];
