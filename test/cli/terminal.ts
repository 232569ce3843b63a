/** `qkt` at a terminal: a real pseudo-terminal of util-linux's `script`, and what a person would see on it. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { QKT } from './support.ts';

/** Of the Debian package bsdutils, which no system is without. */
const SCRIPT = '/usr/bin/script';
export const HAS_TERMINALS = existsSync(SCRIPT);
const PATIENCE_MS = 20_000;

/** Runs the program, and says how its end has left the terminal's settings. */
const SESSION = `stty $SIZE; before=$(stty -g); sh -c "$PROGRAM"; code=$?
[ "$before" = "$(stty -g)" ] && echo "settings as before"; exit $code`;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Follows the few orders that qkt gives a terminal, on two screens; anything else is a fault. */
export class Screen {
  columns: number;
  isOther = false;
  hasCursor = true;
  /** Lines that ran over the right edge. */
  overflows = 0;
  #lines: string[] = [];
  #before: string[] = [];
  #row = 0;
  #column = 0;
  #rest = '';

  constructor({ columns }: Size) {
    this.columns = columns;
  }

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  take(text: string): void {
    let rest = this.#rest + text;
    this.#rest = '';
    while (rest !== '') {
      // eslint-disable-next-line no-control-regex
      const order = /^\u001b\[([?\d;]*)([A-Za-z])/.exec(rest);
      if (order !== null) {
        this.#obey(order[1]!, order[2]!);
        rest = rest.slice(order[0].length);
      } else if (rest.startsWith('\u001b')) {
        if (rest.length > 8) throw new Error(`no order that is known: ${JSON.stringify(rest.slice(0, 12))}`);
        this.#rest = rest;
        return;
      } else {
        this.#put(rest[0]!);
        rest = rest.slice(1);
      }
    }
  }

  #obey(how: string, order: string): void {
    const on = order === 'h';
    if (how === '?1049') this.#change(on);
    else if (how === '?25') this.hasCursor = on;
    else if (order === 'H') this.#row = this.#column = 0;
    else if (order === 'K') this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
    else if (order === 'J') this.#lines.length = Math.min(this.#lines.length, this.#row + 1);
    else if (order !== 'm') throw new Error(`no order that is known: ${how}${order}`);
  }

  #change(isOther: boolean): void {
    this.isOther = isOther;
    if (isOther) this.#before = this.#lines;
    this.#lines = isOther ? [] : this.#before;
    this.#row = Math.max(0, this.#lines.length - 1);
    this.#column = 0;
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#row += 1;
    else {
      if (this.#column >= this.columns) this.overflows += 1;
      const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
      this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
      this.#column += 1;
    }
    while (this.#lines.length <= this.#row) this.#lines.push('');
  }
}

export class Terminal {
  readonly screen: Screen;
  readonly #child: ChildProcessWithoutNullStreams;
  #pid = 0;
  #tty = '';
  /** What the shell says after qkt has ended: its code. */
  readonly ended: Promise<number | null>;

  private constructor(args: readonly string[], size: Size) {
    this.screen = new Screen(size);
    const quoted = [process.execPath, QKT, ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ');
    const program = `echo "at $(tty) $$"; exec ${quoted}`;
    const { rows, columns } = size;
    this.#child = spawn(SCRIPT, ['-qfec', SESSION, '/dev/null'], {
      cwd: tmpdir(),
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        SHELL: '/bin/sh',
        TERM: 'xterm-256color',
        SIZE: `rows ${rows} cols ${columns}`,
        PROGRAM: program,
      },
    });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.screen.take(text));
  }

  static async open(args: readonly string[], size: Size): Promise<Terminal> {
    const terminal = new Terminal(args, size);
    const [, tty, pid] = await terminal.sees(/at (\/dev\S+) (\d+)/);
    terminal.#tty = tty!;
    terminal.#pid = Number(pid);
    return terminal;
  }

  /** Waits until the screen has it. */
  sees(text: RegExp): Promise<RegExpExecArray> {
    const look = (): RegExpExecArray | undefined => text.exec(this.screen.lines.join('\n')) ?? undefined;
    return poll(`${text} on the screen`, look, PATIENCE_MS);
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.#pid, signal);
  }

  /** What is on its way may still be as wide as before: a narrower screen is for the test to say, once it is seen. */
  resize({ columns, rows }: Size): void {
    this.screen.columns = Math.max(this.screen.columns, columns);
    spawnSync('stty', ['-F', this.#tty, 'rows', String(rows), 'cols', String(columns)]);
  }
}
