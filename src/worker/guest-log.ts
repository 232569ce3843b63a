/** The log lines of a turn, and the author's console, which ends in them instead of in the daemon's output. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { format } from 'node:util';
import {
  FLOOD_LINES,
  MAX_LINES,
  MAX_LINES_PER_SECOND,
  MAX_LOG_TEXT,
  MAX_LOG_TEXT_PER_SECOND,
  type FloodAlarm,
} from './guest-flood.ts';
import { clip, logFields, MAX_MESSAGE, textLength, textOf } from './log-fields.ts';
import type { WireLog } from './protocol.ts';

const LEVELS: ReadonlySet<unknown> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

const SECOND_MS = 1_000;

/** Collects lines until they are drained: bounded in number, size and pace, drop-and-count. */
export class GuestLog {
  readonly #alarm: FloodAlarm;
  #lines: WireLog[] = [];
  #dropped = 0;
  /** Characters of the lines that are kept. */
  #text = 0;
  /** Dropped since the last answer. */
  #droppedNow = 0;
  /** What was kept in the running second. */
  #second = { from: -Infinity, lines: 0, text: 0 };
  /** Takes the place of `console` for the author's code. */
  readonly console: Console;

  constructor(alarm: FloodAlarm) {
    this.#alarm = alarm;
    this.console = this.#makeConsole();
  }

  /** A log line must not be what stops a strategy. @throws QktError `QKT_E_FLOODING` alone: out of a loop without end. */
  write(level: unknown, message: unknown, fields?: unknown): void {
    if (!this.#takes()) {
      this.#dropped += 1;
      this.#droppedNow += 1;
      if (this.#droppedNow >= FLOOD_LINES) throw this.#alarm.raise(`more than ${FLOOD_LINES} log lines in one turn`);
      return;
    }
    const safe = logFields(fields);
    const line: WireLog = {
      level: LEVELS.has(level) ? (level as WireLog['level']) : 'info',
      message: clip(textOf(message), MAX_MESSAGE),
      ...(safe === undefined ? {} : { fields: safe }),
    };
    const length = textLength(line);
    this.#text += length;
    this.#second.text += length;
    this.#second.lines += 1;
    this.#lines.push(line);
  }

  #takes(): boolean {
    return this.#lines.length < MAX_LINES && this.#text < MAX_LOG_TEXT && this.#keepsPace();
  }

  #keepsPace(): boolean {
    const now = performance.now();
    if (now - this.#second.from >= SECOND_MS) this.#second = { from: now, lines: 0, text: 0 };
    return this.#second.lines < MAX_LINES_PER_SECOND && this.#second.text < MAX_LOG_TEXT_PER_SECOND;
  }

  drain(): readonly WireLog[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#text = 0;
    this.#droppedNow = 0;
    // It is a line as well: where there is no room for it now, a later answer tells the sum.
    if (this.#dropped === 0 || !this.#keepsPace()) return lines;
    lines.push({
      level: 'warn',
      message: `${this.#dropped} further log lines were dropped`,
      dropped: this.#dropped,
    });
    this.#second.lines += 1;
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
