/** Events as they go over the wire: JSON lines, server-sent events, or msgpack values one after the other. */
import { pack } from 'msgpackr';
import type { CursorForm } from '../domain/cursors.ts';
import { isGap, type EventItem, type EventPage, type QktEvent, type TickEvent } from '../domain/events.ts';
import { toJson, toPlain } from '../domain/json.ts';
import { iso } from '../domain/time.ts';
import { MSGPACK_TYPE } from './negotiate.ts';

/** Many readers get the same event; it is written once. */
const written = new WeakMap<EventItem, string>();

/** How a stream that stays open is written. */
export interface EventFraming {
  readonly contentType: string;
  /** Keeps an idle connection from being taken for a dead one. */
  readonly keepAlive: string | Buffer;
  frame<Cursor>(page: EventPage<Cursor>, form: CursorForm<Cursor>): string | Buffer;
}

export const NDJSON: EventFraming = {
  contentType: 'application/x-ndjson',
  keepAlive: '\n',
  frame: ({ items }) => lines(items),
};

/** Each id is the cursor to go on from after its event. */
export const SSE: EventFraming = {
  contentType: 'text/event-stream',
  keepAlive: ':\n\n',
  frame: (page, form) => {
    let text = '';
    let cursor = page.from;
    for (const item of page.items) {
      cursor = form.after(cursor, item);
      text += `id: ${form.format(cursor)}\ndata: ${itemJson(item)}\n\n`;
    }
    return text;
  },
};

/** Every msgpack value tells its own length, so they stand one after the other; nil keeps the line alive. */
export const MSGPACK: EventFraming = {
  contentType: MSGPACK_TYPE,
  keepAlive: Buffer.from([0xc0]),
  // What `pack` returns shares its memory with the next call.
  frame: ({ items }) => Buffer.concat(items.map((item) => Buffer.from(pack(toPlain(itemObject(item)))))),
};

/** The lines of NDJSON. */
export function lines(items: readonly EventItem[]): string {
  let text = '';
  for (const item of items) text += `${itemJson(item)}\n`;
  return text;
}

/** As readers see it: an event's place first, its time as ISO text. */
export function itemObject(item: EventItem): object {
  if (!isGap(item)) return eventObject(item);
  const { type, from, to, strategy } = item;
  return { type, from, to, ...(strategy === undefined ? {} : { strategy }) };
}

function eventObject({ seq, journalSeq, ts, type, strategy, ...rest }: QktEvent): object {
  return { seq, ...(journalSeq === undefined ? {} : { journalSeq }), ts: iso(ts), type, strategy, ...rest };
}

/** As `toJson` of the {@link itemObject}. */
function itemJson(item: EventItem): string {
  // Of a tick each reader gets an object of its own, so there is nothing to keep; and ticks are most of what is read.
  if (item.type === 'tick') return tickJson(item);
  let json = written.get(item);
  if (json === undefined) {
    // Put together piece by piece, a text holds on to every piece, which takes five times the room.
    json = Buffer.from(toJson(itemObject(item))).toString();
    written.set(item, json);
  }
  return json;
}

function tickJson({ seq, ts, strategy, symbol, bid, ask }: Extract<QktEvent, TickEvent>): string {
  const who = `"type":"tick","strategy":${JSON.stringify(strategy)},"symbol":${JSON.stringify(symbol)}`;
  return `{"seq":${seq},"ts":"${iso(ts)}",${who},"bid":${toJson(bid)},"ask":${toJson(ask)}}`;
}
