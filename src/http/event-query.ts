/** What a reader of `/events` asks for. */
import { Type, type Static } from 'typebox';
import type { FastifyRequest } from 'fastify';
import { EVENT_TYPES, type EventType } from '../domain/events.ts';
import { quality, wantsMsgpack } from './negotiate.ts';
import { closed, Format } from './schemas.ts';
import { badField, closest } from './validation.ts';

/** More than the rings hold. */
const MOST_EVENTS = 10_000;

export const EventsQuery = closed({
  since: Type.Optional(Type.Integer({ minimum: 0, description: 'Only what came after this sequence number.' })),
  types: Type.Optional(Type.String({ description: `Comma-separated: ${EVENT_TYPES.join(', ')}.` })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MOST_EVENTS, description: 'At most so many events in this answer.' }),
  ),
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: 60, description: 'Seconds that a long poll waits; 25 unless said.' }),
  ),
  follow: Type.Optional(Type.Boolean({ description: 'Keep the stream open.' })),
  format: Format,
});

export interface EventRequest {
  readonly since: number | undefined;
  readonly types: ReadonlySet<EventType> | undefined;
  readonly limit: number;
  /** Whether the limit was asked for; a stream without one does not end by itself. */
  readonly limited: boolean;
  readonly waitMs: number;
  readonly form: 'sse' | 'follow' | 'page';
  readonly msgpack: boolean;
}

/** @throws QktError QKT_E_BAD_REQUEST that names the field */
export function readEventRequest(request: FastifyRequest): EventRequest {
  const query = request.query as Static<typeof EventsQuery>;
  const sse = quality(request.headers.accept ?? '', 'text/event-stream') > 0;
  const form = sse ? 'sse' : query.follow === true ? 'follow' : 'page';
  if (form !== 'page' && query.format === 'msgpack') {
    throw badField('format', '`format` cannot be msgpack on a stream that stays open');
  }
  return {
    since: (sse ? lastEventId(request) : undefined) ?? query.since,
    types: query.types === undefined ? undefined : parseTypes(query.types),
    limit: query.limit ?? MOST_EVENTS,
    limited: query.limit !== undefined,
    waitMs: (query.wait ?? 25) * 1000,
    form,
    msgpack: wantsMsgpack(request),
  };
}

/** Where a browser takes its stream up again; it sends the address that it first asked for, `since` included. */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  const since = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  if (since === undefined) throw badField('Last-Event-ID', 'the header `Last-Event-ID` must be a sequence number');
  return since;
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
