/** The log lines of a turn, and the author's console, which ends in them instead of in the daemon's output. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { clip, logFields, MAX_MESSAGE, textOf } from './log-fields.ts';
import type { WireLog } from './protocol.ts';

/** Lines kept between two answers to the main thread; what comes beyond is counted. */
const MAX_LINES = 1_000;

const LEVELS: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/** Collects lines until they are drained: bounded, drop-and-count. */
export class GuestLog {
  #lines: WireLog[] = [];
  #dropped = 0;
  /** Takes the place of `console` for the author's code. */
  readonly console: Console;

  constructor() {
    this.console = this.#makeConsole();
  }

  /** Never throws: a log line must not be what stops a strategy. */
  write(level: unknown, message: unknown, fields?: unknown): void {
    if (this.#lines.length >= MAX_LINES) {
      this.#dropped += 1;
      return;
    }
    const safe = logFields(fields);
    this.#lines.push({
      level: LEVELS.has(level) ? (level as WireLog['level']) : 'info',
      message: clip(textOf(message), MAX_MESSAGE),
      ...(safe === undefined ? {} : { fields: safe }),
    });
  }

  drain(): readonly WireLog[] {
    const lines = this.#lines;
    this.#lines = [];
    if (this.#dropped > 0)
      lines.push({
        level: 'warn',
        message: `${this.#dropped} further log lines were dropped`,
        fields: { dropped: this.#dropped },
      });
    this.#dropped = 0;
    return lines;
  }

  /** A stream whose text becomes log lines of one level. */
  stream(level: WireLog['level']): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: unknown, _encoding, done) => {
        const text = textOf(chunk).replace(/\n$/, '');
        if (text !== '') this.write(level, text);
        done();
      },
    });
  }

  #makeConsole(): Console {
    const made = new Console({ stdout: this.stream('info'), stderr: this.stream('error'), colorMode: false });
    made.warn = (...args: unknown[]) => this.write('warn', printed(args));
    made.debug = (...args: unknown[]) => this.write('debug', printed(args));
    return made;
  }
}

function printed(args: readonly unknown[]): string {
  try {
    return format(...args);
  } catch (thrown) {
    return `[unprintable: ${textOf(thrown)}]`;
  }
}
