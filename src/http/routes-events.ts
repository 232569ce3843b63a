/** The routes of a stream of events, a strategy's or the daemon's: reading, consumers, schema. */
import { Type, type TProperties, type TSchema } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Acknowledged, EventPort } from '../domain/ports.ts';
import { QktError } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import type { CommandContext } from './commands.ts';
import { ConsumerName, cursorOf } from './event-query.ts';
import { acknowledgedOf, EVENT_SCHEMA } from './event-schemas.ts';
import { answerEvents } from './event-stream.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import { closed, FormatQuery, NoBody, SECURED } from './schemas.ts';
import { badField } from './validation.ts';

export interface EventRoutes<Cursor> {
  /** `/events`, with what stands before it. */
  readonly path: string;
  readonly summary: string;
  /** Parts of the path. */
  readonly params: TProperties;
  readonly query: TSchema;
  /** As it stands in JSON. */
  readonly cursor: TSchema;
  readonly context: CommandContext;
  /** @throws QktError QKT_E_UNKNOWN_STRATEGY */
  readonly find: (request: FastifyRequest) => EventPort<Cursor>;
}

const SCHEMA_TYPE = 'application/schema+json; charset=utf-8';

export function registerEvents<Cursor>(app: HttpApp, routes: EventRoutes<Cursor>): void {
  const { path, summary, context, find } = routes;
  const schema = {
    summary,
    ...paramsOf(routes),
    querystring: routes.query,
    response: Answer.textAnswer('application/x-ndjson'),
  };
  app.get(path, { schema }, (request, reply) => answerEvents(find(request), context, request, reply));
  const published = {
    summary: 'The JSON Schema of every event',
    ...paramsOf(routes),
    querystring: closed({}),
    response: Answer.textAnswer(SCHEMA_TYPE),
  };
  app.get(`${path}/schema`, { schema: published }, (request, reply) => {
    find(request);
    reply.header('content-type', SCHEMA_TYPE).send(JSON.stringify(EVENT_SCHEMA));
  });
  registerConsumers(app, routes);
}

/** Params of a route: absent where its path has none. */
function paramsOf({ params }: { readonly params: TProperties }, more: TProperties = {}) {
  const all = { ...params, ...more };
  return Object.keys(all).length === 0 ? {} : { params: Type.Object(all) };
}

function registerConsumers<Cursor>(app: HttpApp, routes: EventRoutes<Cursor>): void {
  const { path, context, find } = routes;
  const list = {
    summary: 'Named consumers, with what each has acknowledged',
    ...paramsOf(routes),
    querystring: FormatQuery,
    response: Answer.answers({ 200: Type.Array(acknowledgedOf(routes.cursor)) }),
  };
  app.get(`${path}/consumers`, { schema: list }, (request, reply) => {
    const port = find(request);
    const rows = port.consumers.list().map((row) => plain(port, row));
    sendObject(request, reply, 200, rows);
  });

  const common = {
    ...paramsOf(routes, { consumer: ConsumerName }),
    querystring: FormatQuery,
    security: SECURED,
  };
  const ack = {
    summary: 'Acknowledge events: they do not come again to that consumer',
    ...common,
    body: closed({ seq: routes.cursor }),
    response: Answer.answers({ 200: acknowledgedOf(routes.cursor) }),
  };
  app.post(`${path}/consumers/:consumer/ack`, { config: { scope: 'ack' }, schema: ack }, async (request, reply) => {
    context.open.openCommand(reply.raw);
    const port = find(request);
    const { seq } = request.body as { readonly seq: number | string };
    const cursor = cursorOf(String(seq), port.source.form, 'seq');
    if (port.source.isAhead(cursor)) throw badField('seq', 'the body member `seq` lies beyond the last event');
    sendObject(request, reply, 200, plain(port, await port.consumers.acknowledge(consumerOf(request), cursor)));
  });

  const removal = {
    summary: 'Forget a consumer, and free its place',
    ...common,
    body: NoBody,
    response: Answer.answers({ 200: closed({ consumer: Type.String(), removed: Type.Boolean() }) }),
  };
  app.delete(`${path}/consumers/:consumer`, { config: { scope: 'ack' }, schema: removal }, async (request, reply) => {
    context.open.openCommand(reply.raw);
    const consumer = consumerOf(request);
    if (!(await find(request).consumers.remove(consumer)))
      throw new QktError('QKT_E_UNKNOWN_PATH', `no consumer is named ${consumer}`);
    sendObject(request, reply, 200, { consumer, removed: true });
  });
}

const consumerOf = (request: FastifyRequest): string => (request.params as { readonly consumer: string }).consumer;

function plain<Cursor>({ source }: EventPort<Cursor>, { consumer, seq, at }: Acknowledged<Cursor>): object {
  return { consumer, seq: source.form.plain(seq), at };
}
