/** Commands on all strategies at once: halt, resume, kill. */
import type { DaemonPort, StopRequest, StopResult } from '../domain/ports.ts';
import { QktError, toProblem } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, type CommandContext } from './commands.ts';
import { forEachStrategy, Halted, Preview, Resumed, Stopped } from './halt-answers.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import type { Outcome } from './operations.ts';
import { reasonOf } from './resume-reason.ts';
import {
  ACT_WAIT_S,
  ActQuery,
  HaltBody,
  KillQuery,
  NoBody,
  ResumeBody,
  ResumeQuery,
  SECURED,
  STOP_TIMEOUT_MS,
} from './schemas.ts';
import { plural } from '../domain/plural.ts';

export function registerBook(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  registerHaltAndResume(app, daemon, context);
  registerKill(app, daemon, context);
}

function registerHaltAndResume(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const halt = {
    summary: 'Halt every strategy, by a halt of the book',
    querystring: ActQuery,
    body: HaltBody,
    security: SECURED,
    response: Answer.answers({ 200: forEachStrategy(Halted), 202: Answer.Underway }),
  };
  app.post('/daemon/halt', { config: { scope: 'halt' }, schema: halt }, (request, reply) => {
    const { reason } = request.body;
    return answerCommand(context, request, reply, {
      name: 'halt',
      strategy: null,
      args: { reason },
      wait: request.query.wait ?? ACT_WAIT_S,
      execute: async (by) => ({ status: 200, result: { strategies: await daemon.halt({ reason, by }) } }),
    });
  });
  const resume = {
    summary: "Lift the book's halts, or say what that would come to; a strategy's own stay",
    querystring: ResumeQuery,
    body: ResumeBody,
    security: SECURED,
    response: Answer.answers({ 200: { anyOf: [forEachStrategy(Resumed), Preview] }, 202: Answer.Underway }),
  };
  app.post('/daemon/resume', { config: { scope: 'admin' }, schema: resume }, async (request, reply) => {
    const { dryRun = false, wait = ACT_WAIT_S } = request.query;
    const { rebase = 'none' } = request.body;
    if (dryRun) return sendObject(request, reply, 200, daemon.previewResume(rebase));
    const reason = reasonOf(request.body);
    return answerCommand(context, request, reply, {
      name: 'resume',
      strategy: null,
      args: { reason, rebase },
      wait,
      execute: async (by) => ({ status: 200, result: { strategies: await daemon.resume({ reason, rebase, by }) } }),
    });
  });
}

function registerKill(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const schema = {
    summary: 'Block, cancel, flatten, verify and stop every strategy',
    querystring: KillQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 200: forEachStrategy(Stopped), 202: Answer.Underway }),
  };
  app.post('/daemon/kill', { config: { scope: 'halt' }, schema }, (request, reply) => {
    const { timeoutMs = STOP_TIMEOUT_MS, wait = ACT_WAIT_S } = request.query;
    return answerCommand(context, request, reply, {
      name: 'kill',
      strategy: null,
      args: { timeoutMs },
      wait,
      execute: (by) => kill(daemon, { flatten: true, timeoutMs, by }),
    });
  });
}

/** 200 only when every strategy is verified flat and runs no more; else all results, and in the detail what is left. */
async function kill(daemon: DaemonPort, request: StopRequest): Promise<Outcome> {
  const strategies = await daemon.kill(request);
  const left = Object.entries(strategies).filter(([, result]) => !isOver(result));
  if (left.length === 0) return { status: 200, result: { strategies } };
  const total = Object.keys(strategies).length;
  const detail = `${total - left.length} of ${total} strategies are flat and stopped; ${left.map(remainder).join('; ')}`;
  const problem = toProblem(new QktError('QKT_E_STOP_UNVERIFIED', detail, { members: { result: { strategies } } }));
  return { status: problem.status, problem };
}

/** A failed strategy stays failed: its code is gone, and what it held is verified all the same. */
const isOver = ({ verified, openPositions, state }: StopResult): boolean =>
  verified && openPositions === 0 && (state === 'stopped' || state === 'failed');

function remainder([name, { state, openPositions, left = [] }]: readonly [string, StopResult]): string {
  const named = left.length === 0 ? '' : ` (${left.join(', ')})`;
  return `${name} is ${state} with ${plural(openPositions, 'open position')}${named}`;
}
