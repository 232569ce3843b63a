/** A strategy's journal for other programs: trades or all trading events, as CSV or NDJSON, oldest first. */
import { Readable, type Transform } from 'node:stream';
import { stringify } from 'csv-stringify';
import { toJson } from '../domain/json.ts';
import { iso } from '../domain/time.ts';
import { DECIMALS, reviveEvent } from './journal-event.ts';
import type { JournalEvent } from './journal-types.ts';
import type { Journal } from './journal.ts';

interface EventsOf {
  events(strategy: string, query: Parameters<Journal['events']>[1]): Iterable<JournalEvent>;
}

export interface ExportRequest {
  /** A trade is one fill. */
  readonly what: 'trades' | 'events';
  readonly format: 'csv' | 'ndjson';
  /** Only events after this `journalSeq`. */
  readonly after?: number;
}

const TRADE_COLUMNS =
  'ts seq journalSeq fillId orderId signalId symbol side qty price commission realized reducing'.split(' ');
const EVENT_COLUMNS = (
  'ts seq journalSeq type strategy symbol signalId orderId fillId parentId stackId layer role action status side ' +
  'orderType qty filledQty price avgPrice commission realized reducing code rule scope reason by tag'
).split(' ');
const FILLS = new Set(['fill']);
/** Events handed on at once: enough for few hand-overs, and a fraction of a millisecond of work. */
const BATCH = 100;

/**
 * Text, read from the journal as fast as it is taken, and never much of it at once. The stream fails with
 * QKT_E_JOURNAL_DAMAGED on reaching an event that cannot be read. NDJSON lines are those of `/events`; in CSV a text that
 * a spreadsheet would run as a formula begins with an apostrophe, and members without a column are in
 * `other` as JSON.
 */
export function exportEvents(journal: EventsOf, strategy: string, request: ExportRequest): Readable {
  const { what, format, after = 0 } = request;
  const events = journal.events(strategy, what === 'trades' ? { after, types: FILLS } : { after });
  if (format === 'ndjson') return Readable.from(ndjson(events));
  const columns = what === 'trades' ? TRADE_COLUMNS : EVENT_COLUMNS;
  const rest = what === 'trades' ? [] : ['other'];
  return csv(rows(events, columns, rest.length > 0), [...columns, ...rest]);
}

function* ndjson(events: Iterable<JournalEvent>): Generator<string> {
  let lines = '';
  let count = 0;
  for (const event of events) {
    lines += `${toJson(asLine(event))}\n`;
    if (++count % BATCH > 0) continue;
    yield lines;
    lines = '';
  }
  if (lines !== '') yield lines;
}

/** With its members in the order of `/events`, and decimals as numbers with all their digits. */
function asLine(event: JournalEvent): object {
  const { seq, journalSeq, ts, type, strategy, ...rest } = reviveEvent(event);
  return { seq, journalSeq, ts: iso(ts), type, strategy, ...rest };
}

function* rows(
  events: Iterable<JournalEvent>,
  columns: readonly string[],
  withOthers: boolean,
): Generator<readonly string[]> {
  const known = new Set(columns);
  for (const event of events) {
    const row = columns.map((name) => cell(name, name === 'ts' ? iso(event.ts) : event[name]));
    const others = Object.entries(event).filter(([name]) => !known.has(name));
    if (withOthers) row.push(others.length === 0 ? '' : toJson(Object.fromEntries(others)));
    yield row;
  }
}

function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return toJson(value);
  return !DECIMALS.has(name) && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}

function csv(source: Iterable<readonly string[]>, columns: readonly string[]): Transform {
  const writer = stringify({ header: true, columns: [...columns] });
  const from = Readable.from(source);
  from.on('error', (error) => writer.destroy(error));
  writer.on('close', () => from.destroy());
  from.pipe(writer);
  return writer;
}
