/**
 * Log lines: a record as text or as JSON, and back. Whatever a value holds, a record is one line
 * that parses, without a character that steers a terminal or reorders text.
 *
 * `2026-11-22T07:28:33.123Z INFO  strategy=ema-cross order filled side=BUY qty=10000 price=1.0973`
 *
 * In text, the message is bare unless it could be taken for something else (it holds `=` or starts
 * with a quote); then it is a JSON string. So is a value with spaces, and a string that looks like a
 * number. Numbers, `true`, `false` and `null` are bare.
 */
import { Decimal } from '../domain/decimal.ts';
import { toJson } from '../domain/json.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import { RESERVED_NAMES, type SafeFields } from './log-fields.ts';

/** Least important first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogRecord {
  readonly time: EpochMs;
  readonly level: LogLevel;
  readonly strategy?: string;
  readonly msg: string;
  readonly fields: SafeFields;
}

/** Control, format and separator characters and lone surrogates: all that is not for a person to see. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** The text with every hidden character as `\uXXXX`; inside a JSON string that means the same. */
export function escapeHidden(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, escapeUnits);
}

function escapeUnits(character: string): string {
  let out = '';
  for (let i = 0; i < character.length; i++) out += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return out;
}

/** The record as a line of text, without its newline. */
export function textLine({ time, level, strategy, msg, fields }: LogRecord): string {
  let line = `${iso(time)} ${level.toUpperCase().padEnd(5)}`;
  if (strategy !== undefined) line += ` strategy=${textValue(strategy)}`;
  line += ` ${textMessage(msg)}`;
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) line += ` ${textName(name)}=${textValue(value)}`;
  return line;
}

/** The record as a JSON object, without its newline. */
export function jsonLine({ time, level, strategy, msg, fields }: LogRecord): string {
  return escapeHidden(toJson({ time: iso(time), level, strategy, msg, ...fields }));
}

const quoted = (text: string): string => escapeHidden(JSON.stringify(text));

function textMessage(msg: string): string {
  const bare = msg !== '' && msg.trim() === msg && !msg.startsWith('"') && !msg.includes('=');
  return bare && escapeHidden(msg) === msg ? msg : quoted(msg);
}

function textName(name: string): string {
  return name.replace(/[^\w.$@/-]/g, '_') || '_';
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function textValue(value: unknown): string {
  if (typeof value !== 'string') {
    const json = toJson(value);
    return value instanceof Decimal || value === null || typeof value !== 'object' ? json : quoted(json);
  }
  const bare = /^[^\s"=\\]+$/.test(value) && !NUMBER.test(value) && !CONSTANTS.has(value);
  return bare && escapeHidden(value) === value ? value : quoted(value);
}

/** A line of either format as a record; `undefined` when it is none of ours. */
export function parseLogLine(line: string): LogRecord | undefined {
  return line.startsWith('{') ? parseJson(line) : parseText(line);
}

function parseJson(line: string): LogRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { time, level, strategy, msg } = value as Record<string, unknown>;
  if (typeof time !== 'string' || typeof msg !== 'string') return undefined;
  const fields = Object.entries(value as object).filter(([name]) => !RESERVED_NAMES.has(name));
  return record(time, level, typeof strategy === 'string' ? strategy : undefined, msg, Object.fromEntries(fields));
}

const HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Z]+) +/;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;
const FIELD = /(?:^| )([\w.$@/-]+)=/g;

function parseText(line: string): LogRecord | undefined {
  const head = HEAD.exec(line);
  if (head === null) return undefined;
  const reader = new LineReader(line, head[0].length);
  const strategy = reader.takeIf('strategy=') ? String(reader.value()) : undefined;
  if (strategy !== undefined) reader.takeIf(' ');
  const msg = reader.message();
  const fields: [string, unknown][] = [];
  for (let name = reader.name(); name !== undefined; name = reader.name()) fields.push([name, reader.value()]);
  if (!reader.atEnd) return undefined;
  return record(head[1]!, head[2]!.toLowerCase(), strategy, msg, Object.fromEntries(fields));
}

function record(
  time: string,
  level: unknown,
  strategy: string | undefined,
  msg: string,
  fields: SafeFields,
): LogRecord | undefined {
  const ms = Date.parse(time);
  const known = LOG_LEVELS.find((name) => name === level);
  if (Number.isNaN(ms) || known === undefined) return undefined;
  return { time: ms, level: known, ...(strategy === undefined ? {} : { strategy }), msg, fields };
}

class LineReader {
  readonly #line: string;
  #at: number;

  constructor(line: string, at: number) {
    this.#line = line;
    this.#at = at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#line.length;
  }

  takeIf(text: string): boolean {
    if (!this.#line.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  message(): string {
    const string = this.#quoted();
    if (string !== undefined) return string;
    FIELD.lastIndex = this.#at;
    const end = FIELD.exec(this.#line)?.index ?? this.#line.length;
    const bare = this.#line.slice(this.#at, end);
    this.#at = end;
    return bare;
  }

  name(): string | undefined {
    FIELD.lastIndex = this.#at;
    const found = FIELD.exec(this.#line);
    if (found === null || found.index !== this.#at) return undefined;
    this.#at += found[0].length;
    return found[1];
  }

  value(): unknown {
    const string = this.#quoted();
    if (string !== undefined) return string;
    const space = this.#line.indexOf(' ', this.#at);
    const token = this.#line.slice(this.#at, space === -1 ? undefined : space);
    this.#at += token.length;
    if (NUMBER.test(token)) return String(Number(token)) === token ? Number(token) : Decimal.of(token);
    return CONSTANTS.has(token) ? CONSTANTS.get(token) : token;
  }

  #quoted(): string | undefined {
    QUOTED.lastIndex = this.#at;
    const found = QUOTED.exec(this.#line);
    if (found === null) return undefined;
    try {
      const text = JSON.parse(found[0]) as string;
      this.#at += found[0].length;
      return text;
    } catch {
      return undefined;
    }
  }
}
