/** What a query shows of a stored line: whether it passes the filters, and in which format. */
import { toJson } from '../domain/json.ts';
import type { LogQuery } from '../domain/ports.ts';
import { clipText } from './log-fields.ts';
import { escapeHidden, jsonLine, LOG_LEVELS, parseLogLine, textLine } from './log-line.ts';

/** The clock of the machine may be set back a little; lines are in order but for that. */
export const OUT_OF_ORDER_MS = 60_000;

export interface ViewedLine {
  /** The line in the format asked for; absent when the filters leave it out. */
  readonly shown?: string;
  /** No earlier line can pass: reading backwards may end here. */
  readonly end: boolean;
}

export function viewLine(line: string, { since, level, format }: LogQuery): ViewedLine {
  // Most lines that do not pass are left out by their head alone.
  const head = since === undefined && level === undefined ? undefined : headOf(line);
  if (head !== undefined && since !== undefined && head.time < since)
    return { end: head.time < since - OUT_OF_ORDER_MS };
  if (head !== undefined && level !== undefined && rank(head.level) < rank(level)) return { end: false };
  const record = parseLogLine(line);
  if (record === undefined) {
    // Not one of ours (cut short by a crash, or written by hand): shown where nothing is asked of it.
    if (line === '' || since !== undefined || level !== undefined) return { end: false };
    const text = clipText(line);
    return { shown: format === 'json' ? escapeHidden(toJson({ msg: text })) : escapeHidden(text), end: false };
  }
  if (since !== undefined && record.time < since) return { end: record.time < since - OUT_OF_ORDER_MS };
  if (level !== undefined && rank(record.level) < rank(level)) return { end: false };
  const stored = line.startsWith('{') ? 'json' : 'text';
  const shown = stored === format ? escapeHidden(line) : format === 'json' ? jsonLine(record) : textLine(record);
  return { shown, end: false };
}

const TEXT_HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Z]+) /;
const JSON_HEAD = /^\{"level":"([a-z]+)","time":"([^"]{24})"/;

/** Time and level without the rest; `undefined` for a line that has to be read as a whole. */
function headOf(line: string): { readonly time: number; readonly level: string } | undefined {
  const text = TEXT_HEAD.exec(line);
  if (text !== null) return { time: Date.parse(text[1]!), level: text[2]!.toLowerCase() };
  const json = JSON_HEAD.exec(line);
  return json === null ? undefined : { time: Date.parse(json[2]!), level: json[1]! };
}

const rank = (level: string): number => LOG_LEVELS.findIndex((name) => name === level);
