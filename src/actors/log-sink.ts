/**
 * Where log lines go: `<dir>/<strategy>.log` for each strategy, `<dir>/daemon.log` for every line of
 * all. pino makes the records; each file stands under an actor of its own (`log-file.ts`), so a full
 * disk degrades logging and never reaches who logs.
 */
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pino, type Logger as Pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import { toJson } from '../domain/json.ts';
import { iso } from '../domain/time.ts';
import type { QueueView } from '../domain/views.ts';
import { authorFields, clipText, safeFields, type SafeFields } from '../observe/log-fields.ts';
import { escapeHidden, jsonLine, textLine, type LogLevel, type LogRecord } from '../observe/log-line.ts';
import { Scrubber } from '../observe/scrub.ts';
import { LogFile, type LogFileStatus } from './log-file.ts';

type Write = (msg: string, fields?: object) => void;

/** Writes lines of one strategy, or of the daemon. Never throws, whatever the fields hold. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** A line of the author's own code: its fields come out as `log.<field>`. */
  readonly author: (level: LogLevel, msg: string, fields?: object) => void;
}

export interface LogSinkOptions {
  /** The directory of the files. */
  readonly dir: string;
  readonly config: Config['logging'];
  /** The wall clock. */
  readonly clock: Clock;
  /** Values that must not appear in any line. */
  readonly secrets: Iterable<string>;
  /** Gets every line as well (stderr of a foreground run). */
  readonly mirror?: Writable;
}

export interface LogSink {
  /** The logger of a strategy, or of the daemon when there is no name. */
  logger(strategy?: string): Logger;
  /** Path of a strategy's file, or of the daemon's. */
  path(strategy?: string): string;
  /** A secret that came up later: a new token. */
  addSecret(secret: string): void;
  /** State and counts per file, by name; the daemon's is `daemon`. */
  status(): Readonly<Record<string, LogFileStatus>>;
  /** What waits for a strategy's file, or the daemon's. */
  queue(strategy?: string): QueueView;
  /** Opens every file anew (SIGHUP). */
  reopen(): void;
  /** Another level and format, from the next line on. */
  configure(config: Config['logging']): void;
  /** Closes the file of a strategy that was removed. */
  release(strategy: string): Promise<void>;
  /** Writes what still waits, at once: for the exit of the process. */
  flushSync(): void;
  /** Ends within seconds, whatever the disk does. */
  close(): Promise<void>;
}

const DAEMON = 'daemon';
/** Characters that a slow terminal or pipe may owe us before lines for it are left out. */
const MIRROR_OWES = 1024 * 1024;

export function createLogSink(options: LogSinkOptions): LogSink {
  return new Sink(options);
}

class Sink implements LogSink {
  readonly #options: LogSinkOptions;
  readonly #scrubber: Scrubber;
  readonly #files = new Map<string, LogFile>();
  /** By strategy; the daemon's own under its name. */
  readonly #pinos = new Map<string, Pino>();
  #config: Config['logging'];
  readonly #ignoreError = (): void => {};

  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#scrubber = new Scrubber(options.secrets);
    // A closed pipe must not end the daemon.
    options.mirror?.on('error', this.#ignoreError);
  }

  logger(strategy?: string): Logger {
    const write = (line: string): void => {
      this.#file(DAEMON).write(line);
      if (strategy !== undefined) this.#file(strategy).write(line);
      this.#mirror(line);
    };
    const log = pinoFor(
      strategy,
      this.#options.clock,
      () => this.#config,
      (line) => write(`${this.#scrubber.scrub(line)}\n`),
    );
    this.#pinos.set(strategy ?? DAEMON, log);
    return loggerOver(log, () => this.flushSync());
  }

  path(strategy: string = DAEMON): string {
    return join(this.#options.dir, `${strategy}.log`);
  }

  addSecret(secret: string): void {
    this.#scrubber.add(secret);
  }

  status(): Readonly<Record<string, LogFileStatus>> {
    return Object.fromEntries([...this.#files].map(([name, file]) => [name, file.status()]));
  }

  queue(strategy: string = DAEMON): QueueView {
    return this.#file(strategy).queue();
  }

  reopen(): void {
    for (const file of this.#files.values()) file.reopen();
  }

  configure(config: Config['logging']): void {
    this.#config = config;
    for (const log of this.#pinos.values()) log.level = config.level;
  }

  async release(strategy: string): Promise<void> {
    this.#pinos.delete(strategy);
    const file = this.#files.get(strategy);
    this.#files.delete(strategy);
    await file?.close();
  }

  flushSync(): void {
    for (const file of this.#files.values()) file.flushSync();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#options.mirror?.off('error', this.#ignoreError);
  }

  #file(name: string): LogFile {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = new LogFile({ path: this.path(name), clock: this.#options.clock, droppedLine: this.#droppedLine });
      this.#files.set(name, file);
    }
    return file;
  }

  readonly #droppedLine = (count: number): string => {
    const { clock } = this.#options;
    const record: LogRecord = {
      time: clock.now(),
      level: 'warn',
      msg: 'log lines were dropped because the file could not be written',
      fields: { dropped: count },
    };
    return `${this.#config.format === 'json' ? jsonLine(record) : textLine(record)}\n`;
  };

  #mirror(line: string): void {
    const { mirror } = this.#options;
    if (mirror !== undefined && !mirror.destroyed && mirror.writableLength < MIRROR_OWES) mirror.write(line);
  }
}

function loggerOver(log: Pino, beforeTheEnd: () => void): Logger {
  const put = (level: LogLevel, msg: string, fields: () => SafeFields): void => {
    if (log.isLevelEnabled(level)) log[level](fields(), clipText(msg));
  };
  const own =
    (level: LogLevel): Write =>
    (msg, fields = {}) =>
      put(level, msg, () => safeFields(fields));
  return {
    trace: own('trace'),
    debug: own('debug'),
    info: own('info'),
    warn: own('warn'),
    error: own('error'),
    fatal: (msg, fields = {}) => {
      put('fatal', msg, () => safeFields(fields));
      beforeTheEnd();
    },
    author: (level, msg, fields = {}) => put(level, msg, () => authorFields(fields)),
  };
}

/** A pino instance whose finished lines go to `write`, in the format that is configured by then. */
function pinoFor(
  strategy: string | undefined,
  clock: Clock,
  config: () => Config['logging'],
  write: (line: string) => void,
): Pino {
  const destination = {
    [pino.symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    lastMsg: '',
    lastObj: {} as object,
    lastTime: '',
    lastLogger: undefined as unknown as Pino,
    write(json: string): void {
      if (config().format === 'json') return write(escapeHidden(json.trimEnd()));
      write(
        textLine({
          time: Date.parse(this.lastTime.slice(1, -1)),
          level: pino.levels.labels[this.lastLevel] as LogLevel,
          ...(strategy === undefined ? {} : { strategy }),
          msg: this.lastMsg,
          fields: this.lastObj as SafeFields,
        }),
      );
    },
  };
  const log = pino(
    {
      level: config().level,
      base: strategy === undefined ? null : { strategy },
      timestamp: () => `,"time":"${iso(clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  // Decimals in fields are written with all their digits, which JSON.stringify cannot do.
  return Object.assign(log, { [pino.symbols.stringifySym]: toJson });
}
