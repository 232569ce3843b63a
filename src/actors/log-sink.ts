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
import type { Counts, LOG_DROPS } from '../domain/metrics.ts';
import type { QueueView } from '../domain/health-views.ts';
import { authorFields, clipText, safeFields, type SafeFields } from '../observe/log-fields.ts';
import { escapeHidden, jsonLine, textLine, type LogLevel, type LogRecord } from '../observe/log-line.ts';
import { RepeatedLines, type TimedLine } from '../observe/repeated-lines.ts';
import { Scrubber } from '../observe/scrub.ts';
import type { FaultEvent } from './fault-tolerant.ts';
import { LogFile, type LogFileStatus } from './log-file.ts';
import { LogStore } from './log-store.ts';

type Write = (msg: string, fields?: object) => void;

/** Writes lines of one strategy, or of the daemon. Never throws, whatever the fields hold. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** So many lines of the author's were left out, because there were too many. */
  readonly flooded: (count: number) => void;
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
  /** Lines so far, by level. */
  lines(): Counts;
  /** Lines that were left out so far, by why. */
  dropped(): Readonly<Record<(typeof LOG_DROPS)[number], number>>;
  /** What waits for a strategy's file, or the daemon's. */
  queue(strategy?: string): QueueView;
  /** Opens every file anew (SIGHUP). */
  reopen(): void;
  /** Another level, format and limits, from the next line on. */
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
  readonly #store: LogStore;
  readonly #files = new Map<string, LogFile>();
  /** By strategy; the daemon's own under its name. */
  readonly #pinos = new Map<string, Pino>();
  readonly #repeated = new Map<string, RepeatedLines>();
  #config: Config['logging'];
  readonly #lines: Record<string, number> = {};
  /** Dropped by files that are closed by now. */
  #droppedBefore = 0;
  #flooded = 0;
  /** That were told. */
  readonly #faults = new Set<string>();
  readonly #ignoreError = (): void => {};

  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#scrubber = new Scrubber(options.secrets);
    this.#store = new LogStore(options.dir, options.clock, options.config);
    // A closed pipe must not end the daemon.
    options.mirror?.on('error', this.#ignoreError);
  }

  logger(strategy?: string): Logger {
    const { clock } = this.#options;
    const name = strategy ?? DAEMON;
    const repeated = new RepeatedLines(clock, (line) => this.#write(strategy, `${this.#scrubber.scrub(line)}\n`));
    this.#repeated.get(name)?.tell();
    this.#repeated.set(name, repeated);
    const log = pinoFor(
      strategy,
      clock,
      () => this.#config,
      (line, level) => {
        this.#lines[level] = (this.#lines[level] ?? 0) + 1;
        repeated.take(line);
      },
    );
    this.#pinos.set(name, log);
    return loggerOver(log, {
      fatal: () => this.flushSync(),
      flooded: (count) => (this.#flooded += count),
    });
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

  lines(): Counts {
    return { ...this.#lines };
  }

  dropped(): Readonly<Record<(typeof LOG_DROPS)[number], number>> {
    let file = this.#droppedBefore;
    for (const each of this.#files.values()) file += each.queue().dropped ?? 0;
    return { file, flood: this.#flooded };
  }

  queue(strategy: string = DAEMON): QueueView {
    return this.#file(strategy).queue();
  }

  reopen(): void {
    for (const file of this.#files.values()) file.reopen();
  }

  configure(config: Config['logging']): void {
    this.#config = config;
    this.#store.configure(config);
    for (const log of this.#pinos.values()) log.level = config.level;
  }

  async release(strategy: string): Promise<void> {
    this.#pinos.delete(strategy);
    this.#repeated.get(strategy)?.tell();
    this.#repeated.delete(strategy);
    const file = this.#files.get(strategy);
    this.#files.delete(strategy);
    await file?.close();
    this.#droppedBefore += file?.queue().dropped ?? 0;
  }

  flushSync(): void {
    this.#tellRepeated();
    for (const file of this.#files.values()) file.flushSync();
  }

  async close(): Promise<void> {
    this.#tellRepeated();
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    await this.#store.close();
    this.#options.mirror?.off('error', this.#ignoreError);
  }

  #write(strategy: string | undefined, line: string): void {
    this.#file(DAEMON).write(line);
    if (strategy !== undefined) this.#file(strategy).write(line);
    this.#mirror(line);
  }

  #tellRepeated(): void {
    for (const repeated of this.#repeated.values()) repeated.tell();
  }

  #file(name: string): LogFile {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = new LogFile({
        log: name,
        path: this.path(name),
        clock: this.#options.clock,
        store: this.#store,
        droppedLine: this.#droppedLine,
        onFault: (fault) => queueMicrotask(() => this.#tellFault(name, fault)),
      });
      this.#files.set(name, file);
    }
    return file;
  }

  /** Each once: a line of it may well be what the next one comes of. */
  #tellFault(log: string, { error, during }: FaultEvent): void {
    const key = `${log} ${during} ${error.message}`;
    if (this.#faults.has(key)) return;
    this.#faults.add(key);
    this.#pinos.get(DAEMON)?.error(safeFields({ log, ...error, during }), 'fault in the machine of a log');
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

interface Told {
  /** After a fatal line. */
  readonly fatal: () => void;
  readonly flooded: (count: number) => void;
}

function loggerOver(log: Pino, told: Told): Logger {
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
      told.fatal();
    },
    flooded: told.flooded,
    author: (level, msg, fields = {}) => put(level, msg, () => authorFields(fields)),
  };
}

/** Where the time begins in what pino calls the last one: behind its quote. */
const TIME_FROM = 1;
const TIME_LENGTH = '2026-11-22T07:28:33.123Z'.length;

/** A pino instance whose finished lines go to `write`, in the format that is configured by then. */
function pinoFor(
  strategy: string | undefined,
  clock: Clock,
  config: () => Config['logging'],
  write: (line: TimedLine, level: LogLevel) => void,
): Pino {
  const destination = {
    [pino.symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    lastMsg: '',
    lastObj: {} as object,
    lastTime: '',
    lastLogger: undefined as unknown as Pino,
    write(json: string): void {
      const time = Date.parse(this.lastTime.slice(TIME_FROM, -1));
      const level = pino.levels.labels[this.lastLevel] as LogLevel;
      if (config().format === 'json') {
        const line = escapeHidden(json.trimEnd());
        // The first one is the line's own: no field comes before it.
        const at = line.indexOf(this.lastTime) + TIME_FROM;
        return write({ before: line.slice(0, at), time, after: line.slice(at + TIME_LENGTH) }, level);
      }
      const tag = strategy === undefined ? {} : { strategy };
      const line = textLine({ time, level, ...tag, msg: this.lastMsg, fields: this.lastObj as SafeFields });
      write({ before: '', time, after: line.slice(TIME_LENGTH) }, level);
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
