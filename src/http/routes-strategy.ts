/**
 * One strategy's routes. The strategy's own server has them at its root, the control plane under
 * `/daemon/strategies/:name`: the same handlers, so the same answers.
 */
import { Type } from '@fastify/type-provider-typebox';
import * as Answer from './answer-schemas.ts';
import { EventsQuery } from './event-query.ts';
import type { StrategyRoutes } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import { answerLogs } from './logs.ts';
import { sendObject } from './negotiate.ts';
import { registerEvents } from './routes-events.ts';
import { registerStrategyMetrics, sendStrategyMetrics } from './routes-metrics.ts';
import { registerHistory } from './routes-history.ts';
import { registerStrategyCommands } from './routes-strategy-commands.ts';
import { Why } from './why-schema.ts';
import { FormatQuery, LogsQuery, MachineQuery, NameParams, StatusQuery } from './schemas.ts';

const MERMAID = 'text/plain; charset=utf-8';

export function registerStrategyRoutes(app: HttpApp, routes: StrategyRoutes): void {
  registerFigures(app, routes);
  registerStrategyMetrics(app, routes);
  registerStreams(app, routes);
  registerHistory(app, routes);
  registerStrategyCommands(app, routes);
}

function registerFigures(app: HttpApp, { prefix, context, find }: StrategyRoutes): void {
  const params = prefix === '' ? {} : { params: NameParams };
  const read = (summary: string, good: Parameters<typeof Answer.answers>[0]) => ({
    schema: { summary, ...params, querystring: FormatQuery, response: Answer.answers(good) },
  });

  const health = read('Is the tick loop running?', { 200: Answer.Health, 503: Answer.Health });
  app.get(`${prefix}/health`, health, (request, reply) => {
    const view = find(request).health();
    sendObject(request, reply, view.ok ? 200 : 503, view);
  });
  const ready = read('Would a signal now become an order?', { 200: Answer.Ready, 503: Answer.Ready });
  app.get(`${prefix}/health/ready`, ready, (request, reply) => {
    const view = find(request).ready();
    sendObject(request, reply, view.ready ? 200 : 503, view);
  });
  const status = { ...params, querystring: StatusQuery, response: Answer.answers({ 200: Answer.Status }) };
  app.get(`${prefix}/status`, { schema: { summary: 'All figures of one instant', ...status } }, (request, reply) => {
    if (request.query.format === 'prometheus') sendStrategyMetrics(request, reply, context, find(request));
    else sendObject(request, reply, 200, find(request).status());
  });

  const risk = read('The policy in force: the stages of the gate and the halt rules', { 200: Answer.Risk });
  app.get(`${prefix}/risk`, risk, (request, reply) => {
    sendObject(request, reply, 200, find(request).risk());
  });

  const why = read('Why it did, or did not, trade', { 200: Why });
  app.get(`${prefix}/why`, why, (request, reply) => {
    sendObject(request, reply, 200, find(request).why());
  });

  const schema = { ...params, querystring: MachineQuery, response: Answer.answers({ 200: Answer.Machine }) };
  app.get(`${prefix}/machine`, { schema: { summary: 'The live state chart', ...schema } }, (request, reply) => {
    const strategy = find(request);
    if (request.query.format !== 'mermaid') sendObject(request, reply, 200, strategy.machine());
    else reply.header('content-type', MERMAID).send(Buffer.from(strategy.machineMermaid()));
  });
}

function registerStreams(app: HttpApp, { prefix, context, find }: StrategyRoutes): void {
  const params = prefix === '' ? {} : { params: NameParams };
  registerEvents(app, {
    path: `${prefix}/events`,
    summary: 'Events, one a line',
    params: prefix === '' ? {} : NameParams.properties,
    query: EventsQuery,
    cursor: Type.Integer({ minimum: 0 }),
    context,
    find: (request) => find(request).events,
  });
  const logs = { ...params, querystring: LogsQuery, response: Answer.textAnswer('text/plain') };
  app.get(`${prefix}/logs`, { schema: { summary: 'The tail of the log file', ...logs } }, (request, reply) =>
    answerLogs(find(request).logs, context, request, reply),
  );
}
