/** A strategy's journal for other programs: trades or all trading events, as CSV or NDJSON, oldest first. */
import { stringify } from 'csv-stringify/sync';
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
/** Events read in a step, whether or not they are asked for: a fraction of a millisecond of work. */
const BATCH = 100;

/**
 * Text, read from the journal as it is asked for: a piece is what so many events come to, and empty where none of
 * them is wanted, so that whoever asks can let others have their turns. Throws QKT_E_JOURNAL_DAMAGED on reaching an
 * event that cannot be read. NDJSON lines are those of `/events`; in CSV a text that
 * a spreadsheet would run as a formula begins with an apostrophe, and members without a column are in
 * `other` as JSON.
 */
export function* exportEvents(journal: EventsOf, strategy: string, request: ExportRequest): Generator<string> {
  const { what, format, after = 0 } = request;
  const isTrades = what === 'trades';
  const columns = isTrades ? TRADE_COLUMNS : EVENT_COLUMNS;
  const textOf = format === 'ndjson' ? lines : table(columns, !isTrades);
  let text = format === 'ndjson' ? '' : stringify([isTrades ? columns : [...columns, 'other']]);
  let wanted: JournalEvent[] = [];
  let read = 0;
  for (const event of journal.events(strategy, { after })) {
    if (!isTrades || event.type === 'fill') wanted.push(event);
    if (++read % BATCH > 0) continue;
    yield text + textOf(wanted);
    text = '';
    wanted = [];
  }
  yield text + textOf(wanted);
}

const lines = (events: readonly JournalEvent[]): string => events.map((event) => `${toJson(asLine(event))}\n`).join('');

/** With its members in the order of `/events`, and decimals as numbers with all their digits. */
function asLine(event: JournalEvent): object {
  const { seq, journalSeq, ts, type, strategy, ...rest } = reviveEvent(event);
  return { seq, journalSeq, ts: iso(ts), type, strategy, ...rest };
}

function table(columns: readonly string[], withOthers: boolean): (events: readonly JournalEvent[]) => string {
  const known = new Set(columns);
  const rowOf = (event: JournalEvent): readonly string[] => {
    const row = columns.map((name) => cell(name, name === 'ts' ? iso(event.ts) : event[name]));
    const others = Object.entries(event).filter(([name]) => !known.has(name));
    if (withOthers) row.push(others.length === 0 ? '' : toJson(Object.fromEntries(others)));
    return row;
  };
  return (events) => stringify(events.map(rowOf));
}

function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return toJson(value);
  return !DECIMALS.has(name) && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}
