/**
 * One strategy's routes. The strategy's own server has them at its root, the control plane under
 * `/daemon/strategies/:name`: the same handlers, so the same answers.
 */
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StopRequest, StrategyPort } from '../domain/ports.ts';
import { QktError, toProblem } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, answerOperation, type CommandContext } from './commands.ts';
import { EventsQuery } from './event-query.ts';
import { answerEvents } from './event-stream.ts';
import type { HttpApp } from './http-app.ts';
import { answerLogs } from './logs.ts';
import { sendObject } from './negotiate.ts';
import type { Outcome } from './operations.ts';
import {
  FormatQuery,
  LogsQuery,
  MachineQuery,
  NamedOperationParams,
  NameParams,
  NoBody,
  OperationParams,
  SECURED,
  STOP_TIMEOUT_MS,
  STOP_WAIT_S,
  StopQuery,
} from './schemas.ts';

const MERMAID = 'text/plain; charset=utf-8';

export interface StrategyRoutes {
  /** `` or `/daemon/strategies/:name`. */
  readonly prefix: string;
  readonly context: CommandContext;
  /** @throws QktError QKT_E_UNKNOWN_STRATEGY */
  readonly find: (request: FastifyRequest) => StrategyPort;
}

export function registerStrategyRoutes(app: HttpApp, routes: StrategyRoutes): void {
  registerFigures(app, routes);
  registerStreams(app, routes);
  registerStop(app, routes);
}

function registerFigures(app: HttpApp, { prefix, find }: StrategyRoutes): void {
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
  const status = read('All figures of one instant', { 200: Answer.Status });
  app.get(`${prefix}/status`, status, (request, reply) => {
    sendObject(request, reply, 200, find(request).status());
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
  const events = { ...params, querystring: EventsQuery, response: Answer.textAnswer('application/x-ndjson') };
  app.get(`${prefix}/events`, { schema: { summary: 'Events, one a line', ...events } }, (request, reply) =>
    answerEvents(find(request).events, context, request, reply),
  );
  const logs = { ...params, querystring: LogsQuery, response: Answer.textAnswer('text/plain') };
  app.get(`${prefix}/logs`, { schema: { summary: 'The tail of the log file', ...logs } }, (request, reply) =>
    answerLogs(find(request).logs, context, request, reply),
  );
}

function registerStop(app: HttpApp, { prefix, context, find }: StrategyRoutes): void {
  const named = prefix !== '';
  app.get(
    `${prefix}/operations/:id`,
    {
      schema: {
        summary: 'Progress and result of a command on this strategy',
        params: named ? NamedOperationParams : OperationParams,
        querystring: FormatQuery,
        response: Answer.answers({ 200: Answer.OperationView }),
      },
    },
    (request, reply) => {
      const { name } = find(request);
      answerOperation(context, request, reply, (operation) => operation.strategy === name);
    },
  );
  const schema = {
    summary: 'Block new orders, cancel entries, flatten when asked, verify, stop',
    ...(named ? { params: NameParams } : {}),
    querystring: StopQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 200: Answer.Stopped, 202: Answer.Underway }),
  };
  app.post(`${prefix}/stop`, { config: { scope: 'halt' }, schema }, (request, reply) =>
    answerStop(find(request), request.query, context, request, reply),
  );
}

function answerStop(
  strategy: StrategyPort,
  query: Static<typeof StopQuery>,
  context: CommandContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const args = { flatten: query.flatten ?? false, timeoutMs: query.timeoutMs ?? STOP_TIMEOUT_MS };
  return answerCommand(context, request, reply, {
    name: 'stop',
    strategy: strategy.name,
    args,
    wait: query.wait ?? STOP_WAIT_S,
    execute: (by) => stop(strategy, { ...args, by }),
  });
}

/** 200 only for what was verified. */
async function stop(strategy: StrategyPort, request: StopRequest): Promise<Outcome> {
  const result = await strategy.stop(request);
  if (result.verified) return { status: 200, result };
  const left = result.left === undefined || result.left.length === 0 ? '' : `; left: ${result.left.join(', ')}`;
  const detail = `${strategy.name} is ${result.state} with ${result.openPositions} open positions after ${result.tookMs} ms${left}`;
  const problem = toProblem(new QktError('QKT_E_STOP_UNVERIFIED', detail, { members: { result } }));
  return { status: problem.status, problem };
}
