/** Commands on one strategy: stop, halt, resume, and what became of them. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ResumeRequest, StopRequest, StrategyPort } from '../domain/ports.ts';
import { QktError, toProblem } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, answerOperation } from './commands.ts';
import type { StrategyRoutes } from './find-strategy.ts';
import { Halted, Preview, Resumed, Stopped } from './halt-answers.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import type { Outcome } from './operations.ts';
import {
  ACT_WAIT_S,
  ActQuery,
  FormatQuery,
  HaltBody,
  NamedOperationParams,
  NameParams,
  NoBody,
  OperationParams,
  ResumeBody,
  ResumeQuery,
  SECURED,
  STOP_TIMEOUT_MS,
  StopQuery,
} from './schemas.ts';
import { reasonOf } from './resume-reason.ts';
import { plural } from '../domain/plural.ts';

export function registerStrategyCommands(app: HttpApp, routes: StrategyRoutes): void {
  registerOperation(app, routes);
  registerStop(app, routes);
  registerHalt(app, routes);
  registerResume(app, routes);
}

const named = (prefix: string) => (prefix === '' ? {} : { params: NameParams });

function registerOperation(app: HttpApp, { prefix, context, nameOf, find }: StrategyRoutes): void {
  const schema = {
    summary: 'Progress and result of a command on this strategy',
    params: prefix === '' ? OperationParams : NamedOperationParams,
    querystring: FormatQuery,
    response: Answer.answers({ 200: Answer.OperationView }),
  };
  app.get(`${prefix}/operations/:id`, { schema }, (request, reply) => {
    const name = nameOf(request);
    const { id } = request.params as { readonly id: string };
    // What was begun is told after a removal as well.
    if (context.operations.get(id)?.strategy !== name) find(request);
    answerOperation(context, request, reply, (operation) => operation.strategy === name);
  });
}

function registerStop(app: HttpApp, { prefix, context, nameOf, find }: StrategyRoutes): void {
  const schema = {
    summary: 'Block new orders, cancel entries, flatten when asked, verify, stop',
    ...named(prefix),
    querystring: StopQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 200: Stopped, 202: Answer.Underway }),
  };
  app.post(`${prefix}/stop`, { config: { scope: 'halt' }, schema }, (request, reply) => {
    const { flatten = false, timeoutMs = STOP_TIMEOUT_MS, wait = ACT_WAIT_S } = request.query;
    return answerCommand(context, request, reply, {
      name: 'stop',
      strategy: nameOf(request),
      args: { flatten, timeoutMs },
      wait,
      admit: () => void find(request),
      execute: (by) => stop(find(request), { flatten, timeoutMs, by }),
    });
  });
}

/** 200 only for what was verified. */
async function stop(strategy: StrategyPort, request: StopRequest): Promise<Outcome> {
  const result = await strategy.stop(request);
  if (result.verified) return { status: 200, result };
  const left = result.left === undefined || result.left.length === 0 ? '' : `; left: ${result.left.join(', ')}`;
  const detail = `${strategy.name} is ${result.state} with ${plural(result.openPositions, 'open position')} after ${result.tookMs} ms${left}`;
  const problem = toProblem(new QktError('QKT_E_STOP_UNVERIFIED', detail, { members: { result } }));
  return { status: problem.status, problem };
}

function registerHalt(app: HttpApp, { prefix, context, nameOf, find }: StrategyRoutes): void {
  const schema = {
    summary: 'Close the gate for entries and cancel those that work; taken in every state',
    ...named(prefix),
    querystring: ActQuery,
    body: HaltBody,
    security: SECURED,
    response: Answer.answers({ 200: Halted, 202: Answer.Underway }),
  };
  app.post(`${prefix}/halt`, { config: { scope: 'halt' }, schema }, (request, reply) => {
    const { reason } = request.body;
    return answerCommand(context, request, reply, {
      name: 'halt',
      strategy: nameOf(request),
      args: { reason },
      wait: request.query.wait ?? ACT_WAIT_S,
      admit: () => void find(request),
      execute: async (by) => ({ status: 200, result: await find(request).halt({ reason, by }) }),
    });
  });
}

function registerResume(app: HttpApp, routes: StrategyRoutes): void {
  const schema = {
    summary: "Lift the strategy's halts, or say what that would come to",
    ...named(routes.prefix),
    querystring: ResumeQuery,
    body: ResumeBody,
    security: SECURED,
    response: Answer.answers({ 200: { anyOf: [Resumed, Preview] }, 202: Answer.Underway }),
  };
  app.post(`${routes.prefix}/resume`, { config: { scope: 'admin' }, schema }, async (request, reply) => {
    const { dryRun = false, wait = ACT_WAIT_S } = request.query;
    const { rebase = 'none' } = request.body;
    if (dryRun) sendObject(request, reply, 200, routes.find(request).previewResume(rebase));
    else await answerResume(routes, { reason: reasonOf(request.body), rebase }, wait, request, reply);
  });
}

function answerResume(
  { context, nameOf, find }: StrategyRoutes,
  args: Omit<ResumeRequest, 'by'>,
  wait: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  return answerCommand(context, request, reply, {
    name: 'resume',
    strategy: nameOf(request),
    args,
    wait,
    admit: () => void find(request),
    execute: async (by) => ({ status: 200, result: await find(request).resume({ ...args, by }) }),
  });
}
