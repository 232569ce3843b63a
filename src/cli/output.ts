/** Where words go: data to stdout, everything else to stderr; colour only for a person who has not refused it. */
import { styleText } from 'node:util';

type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

/** A line of data. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line for the person at the terminal, or for a log of errors. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The daemon's own bytes, ended by a line feed. */
export function printExactly(text: string): void {
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
}

export interface Sink {
  readonly isTTY?: boolean;
  /** How wide a terminal is, in characters. */
  readonly columns?: number;
}

/** Colours text for a terminal; leaves it alone when the output is piped or NO_COLOR is set. */
export function paint(style: Style, text: string, sink: Sink = process.stdout, env = process.env): string {
  const refused = (env['NO_COLOR'] ?? '') !== '';
  return sink.isTTY === true && !refused ? styleText(style, text, { validateStream: false }) : text;
}

/** C0, DEL, C1, line and paragraph separators, marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g;

/** Text from elsewhere, made harmless: nothing in it can move the cursor or start a line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `qkt events | head` ends without a word once `head` has what it wants. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', endQuietly);
}

/** A daemon goes on when nobody reads its words any more: a pipe that was closed, a terminal that is gone. */
export function outliveReaders(): void {
  process.stdout.off('error', endQuietly).on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
