/** A reader of `/events` as a program is one: it connects, is cut, sleeps, and comes back with its cursor. */
import type { IncomingMessage } from 'node:http';
import { unpack, UnpackrStream } from 'msgpackr';
import { open } from '../http/support.ts';

export interface Item {
  readonly type: string;
  readonly seq?: number;
  readonly from?: number;
  readonly to?: number;
  readonly journalSeq?: number;
}
export type Form = 'ndjson' | 'sse' | 'msgpack' | 'page' | 'msgpackPage';

const HEADERS: Record<Form, Record<string, string>> = {
  ndjson: {},
  sse: { accept: 'text/event-stream' },
  msgpack: { accept: 'application/msgpack' },
  page: {},
  msgpackPage: { accept: 'application/msgpack' },
};
export const FORMS = Object.keys(HEADERS) as Form[];

export class EventReader {
  cursor = 0;
  events = 0;
  gaps = 0;
  connections = 0;
  readonly #port: number;
  readonly #query: string;
  readonly #take: (item: Item, reader: EventReader) => void;

  /** @param take is given every item in the order of its numbers, before the cursor moves. */
  constructor(port: number, query: string, take: (item: Item, reader: EventReader) => void) {
    this.#port = port;
    this.#query = query;
    this.#take = take;
  }

  /** Reads up to so many items, then leaves, wherever it is. */
  async read(form: Form, most: number): Promise<void> {
    this.connections += 1;
    if (form === 'page' || form === 'msgpackPage') return this.#page(form, most);
    const lastEventId = form === 'sse' ? { 'last-event-id': String(this.cursor) } : {};
    const since = form === 'sse' ? '' : `&since=${this.cursor}`;
    const response = await open(this.#port, `/events?follow=true${since}${this.#query}`, {
      headers: { ...HEADERS[form], ...lastEventId },
    });
    let left = most;
    try {
      for await (const item of form === 'msgpack' ? values(response) : lines(response, form)) {
        this.#taken(item);
        if (--left <= 0) return;
      }
    } finally {
      response.destroy();
    }
  }

  async #page(form: Form, limit: number): Promise<void> {
    const path = `/events?since=${this.cursor}&limit=${limit}&wait=1${this.#query}`;
    const response = await open(this.#port, path, { headers: HEADERS[form] });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const items = form === 'page' ? parsed(body.toString()) : (unpack(body) as Item[]);
    const place = ({ seq, from }: Item): number => seq ?? from!;
    for (const item of items.toSorted((a, b) => place(a) - place(b))) this.#taken(item);
    this.cursor = Math.max(this.cursor, Number(response.headers['qkt-next-since']));
  }

  #taken(item: Item): void {
    this.#take(item, this);
    if (item.type === 'gap') this.gaps += 1;
    else this.events += 1;
    this.cursor = item.seq ?? item.to!;
  }
}

const parsed = (text: string): Item[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Item]));

async function* lines(response: IncomingMessage, form: Form): AsyncGenerator<Item> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const whole = (rest + String(chunk)).split('\n');
    rest = whole.pop()!;
    for (const line of whole)
      if (form === 'ndjson' ? line !== '' : line.startsWith('data: '))
        yield JSON.parse(form === 'ndjson' ? line : line.slice(6)) as Item;
  }
}

async function* values(response: IncomingMessage): AsyncGenerator<Item> {
  // A nil between the values keeps the connection alive.
  for await (const value of response.pipe(new UnpackrStream({ mapsAsObjects: true })))
    if (typeof value === 'object') yield value as Item;
}
