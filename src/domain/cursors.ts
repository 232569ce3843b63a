/** Where a reader of events stands: a place in one sequence, or a place in each of several. As text it survives restarts. */
import { isGap, type EventItem } from './events.ts';
import { isStrategyName } from './ids.ts';

/** A kind of cursor: how it is written, and how it moves. */
export interface CursorForm<Cursor> {
  /** Before everything. */
  readonly start: Cursor;
  /** What it looks like, for those who got it wrong. */
  readonly looks: string;
  /** Undefined when the text is no such cursor. */
  parse(text: string): Cursor | undefined;
  format(cursor: Cursor): string;
  /** As it stands in JSON. */
  plain(cursor: Cursor): number | string;
  /** After an item that was taken. */
  after(cursor: Cursor, item: EventItem): Cursor;
  /** Of two the one that has read more, place by place. */
  farther(a: Cursor, b: Cursor): Cursor;
}

/** By strategy the number up to which everything has been read; 0 for one that is not named. */
export type Positions = ReadonlyMap<string, number>;

/** Name under which the daemon's own events are numbered; no strategy can have it. */
export const DAEMON_EVENTS = 'daemon';

const endOf = (item: EventItem): number => (isGap(item) ? item.to : item.seq);

export const SEQUENCE: CursorForm<number> = {
  start: 0,
  looks: 'a sequence number',
  parse: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  format: String,
  plain: (seq) => seq,
  after: (_cursor, item) => endOf(item),
  farther: Math.max,
};

/** `ema-cross:4211,daemon:17`; `0` is before everything. */
export const POSITIONS: CursorForm<Positions> = {
  start: new Map(),
  looks: 'a cursor of Qkt-Next-Since, such as ema-cross:4211,daemon:17, or 0',
  parse: parsePositions,
  format: formatPositions,
  plain: formatPositions,
  after: (positions, item) =>
    item.strategy === undefined ? positions : new Map(positions).set(item.strategy, endOf(item)),
  farther: (a, b) => {
    const positions = new Map(a);
    for (const [name, seq] of b) positions.set(name, Math.max(seq, a.get(name) ?? 0));
    return positions;
  },
};

function formatPositions(positions: Positions): string {
  return [...positions].map(([name, seq]) => `${name}:${seq}`).join(',') || '0';
}

function parsePositions(text: string): Positions | undefined {
  const positions = new Map<string, number>();
  if (text === '0') return positions;
  for (const place of text.split(',')) {
    const [name = '', seq = '', ...rest] = place.split(':');
    const number = SEQUENCE.parse(seq);
    if (number === undefined || rest.length > 0 || positions.has(name)) return undefined;
    if (name !== DAEMON_EVENTS && !isStrategyName(name)) return undefined;
    positions.set(name, number);
  }
  return positions;
}
