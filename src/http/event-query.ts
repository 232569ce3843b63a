/** What a reader of `/events` asks for. */
import { Type, type Static } from 'typebox';
import type { FastifyRequest } from 'fastify';
import type { CursorForm } from '../domain/cursors.ts';
import { EVENT_TYPES, type EventType } from '../domain/events.ts';
import { closest } from '../domain/near-names.ts';
import { quality } from './accept.ts';
import { wantsMsgpack } from './negotiate.ts';
import { closed, Format } from './schemas.ts';
import { badField } from './validation.ts';

/** More than the rings hold. */
const MOST_EVENTS = 10_000;

/** As of a strategy. */
export const ConsumerName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
  description: '1 to 64 letters, digits, _ and -, not starting with _ or -',
});

const FILTERS = {
  types: Type.Optional(Type.String({ description: `Comma-separated: ${EVENT_TYPES.join(', ')}.` })),
  symbol: Type.Optional(
    Type.String({ minLength: 1, description: 'Comma-separated; only events on one of these symbols.' }),
  ),
  consumer: Type.Optional(ConsumerName),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MOST_EVENTS, description: 'At most so many events in this answer.' }),
  ),
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: 60, description: 'Seconds that a long poll waits; 25 unless said.' }),
  ),
  follow: Type.Optional(Type.Boolean({ description: 'Keep the stream open.' })),
  format: Format,
};

export const EventsQuery = closed({
  since: Type.Optional(Type.Integer({ minimum: 0, description: 'Only what came after this sequence number.' })),
  ...FILTERS,
});
/** Of all strategies together. */
export const MergedEventsQuery = closed({
  since: Type.Optional(
    Type.String({ description: 'Only what came after this cursor: that of Qkt-Next-Since, or 0 for everything.' }),
  ),
  ...FILTERS,
});

export interface EventRequest<Cursor> {
  readonly since: Cursor | undefined;
  /** Goes on after what it has acknowledged, where `since` is undefined. */
  readonly consumer: string | undefined;
  readonly types: ReadonlySet<EventType> | undefined;
  readonly symbols: ReadonlySet<string> | undefined;
  readonly limit: number;
  /** Whether the limit was asked for; a stream without one does not end by itself. */
  readonly limited: boolean;
  readonly waitMs: number;
  readonly form: 'sse' | 'follow' | 'page';
  readonly msgpack: boolean;
}

/** @throws QktError QKT_E_BAD_REQUEST that names the field */
export function readEventRequest<Cursor>(request: FastifyRequest, form: CursorForm<Cursor>): EventRequest<Cursor> {
  const query = request.query as Static<typeof EventsQuery> | Static<typeof MergedEventsQuery>;
  const sse = quality(request.headers.accept ?? '', 'text/event-stream') > 0;
  const shape = sse ? 'sse' : query.follow === true ? 'follow' : 'page';
  if (sse && query.format === 'msgpack') throw badField('format', '`format` cannot be msgpack on server-sent events');
  if (query.consumer !== undefined && query.since !== undefined)
    throw badField('since', '`since` cannot be given with `consumer`, which says where to go on');
  const given = query.since === undefined ? undefined : cursorOf(String(query.since), form, 'since');
  return {
    since: (sse ? lastEventId(request, form) : undefined) ?? given,
    consumer: query.consumer,
    types: query.types === undefined ? undefined : parseTypes(query.types),
    symbols: query.symbol === undefined ? undefined : new Set(query.symbol.split(',')),
    limit: query.limit ?? MOST_EVENTS,
    limited: query.limit !== undefined,
    waitMs: (query.wait ?? 25) * 1000,
    form: shape,
    msgpack: wantsMsgpack(request),
  };
}

/** Where a browser takes its stream up again; it sends the address that it first asked for, `since` included. */
function lastEventId<Cursor>({ headers }: FastifyRequest, form: CursorForm<Cursor>): Cursor | undefined {
  const id = headers['last-event-id'];
  return id === undefined || id === '' ? undefined : cursorOf(String(id), form, 'Last-Event-ID');
}

/** @throws QktError QKT_E_BAD_REQUEST that names the field */
export function cursorOf<Cursor>(text: string, form: CursorForm<Cursor>, field: string): Cursor {
  const cursor = form.parse(text);
  if (cursor !== undefined) return cursor;
  const what = field === 'since' ? 'query parameter' : field === 'seq' ? 'body member' : 'header';
  throw badField(field, `the ${what} \`${field}\` must be ${form.looks}`);
}

function parseTypes(text: string): ReadonlySet<EventType> {
  const types = text.split(',');
  for (const type of types) {
    if (isEventType(type)) continue;
    const what = JSON.stringify(type.slice(0, 40));
    throw badField(
      'types',
      `the query parameter \`types\` holds ${what}, which is no type`,
      closest(type, EVENT_TYPES),
    );
  }
  return new Set(types as EventType[]);
}

const isEventType = (text: string): boolean => (EVENT_TYPES as readonly string[]).includes(text);
