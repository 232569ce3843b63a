/** What a query shows of a stored line: whether it passes the filters, and in which format. */
import { toJson } from '../domain/json.ts';
import type { LogQuery } from '../domain/ports.ts';
import { clipText } from './log-fields.ts';
import { escapeHidden, jsonLine, LOG_LEVELS, parseLogLine, textLine } from './log-line.ts';

/** The clock of the machine may be set back a little; lines are in order but for that. */
const OUT_OF_ORDER_MS = 60_000;

export interface ViewedLine {
  /** The line in the format asked for; absent when the filters leave it out. */
  readonly shown?: string;
  /** No earlier line can pass: reading backwards may end here. */
  readonly end: boolean;
}

export function viewLine(line: string, { since, level, format }: LogQuery): ViewedLine {
  const record = parseLogLine(line);
  if (record === undefined) {
    // Not one of ours (cut short by a crash, or written by hand): shown where nothing is asked of it.
    if (line === '' || since !== undefined || level !== undefined) return { end: false };
    const text = clipText(line);
    return { shown: format === 'json' ? escapeHidden(toJson({ msg: text })) : escapeHidden(text), end: false };
  }
  if (since !== undefined && record.time < since) return { end: record.time < since - OUT_OF_ORDER_MS };
  if (level !== undefined && LOG_LEVELS.indexOf(record.level) < rank(level)) return { end: false };
  const stored = line.startsWith('{') ? 'json' : 'text';
  const shown = stored === format ? escapeHidden(line) : format === 'json' ? jsonLine(record) : textLine(record);
  return { shown, end: false };
}

const rank = (level: string): number => LOG_LEVELS.findIndex((name) => name === level);
