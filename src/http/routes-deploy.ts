/** Commands on what is deployed: deploy, start, restart, remove. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isStrategyName } from '../domain/ids.ts';
import type { Actor, DaemonPort, DeployRequest } from '../domain/ports.ts';
import { QktError } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, type CommandContext } from './commands.ts';
import { findStrategy, nameIn } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import { COMMAND_WAIT_S, CommandQuery, DeployBody, NameParams, NoBody, SECURED } from './schemas.ts';

const STRATEGIES = '/daemon/strategies';

export function registerDeployment(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  registerDeploy(app, daemon, context);
  registerNamedCommands(app, daemon, context);
}

interface NamedCommand {
  readonly name: string;
  readonly run: (strategy: string, actor: Actor) => Promise<object>;
}

function registerDeploy(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const schema = {
    summary: 'Deploy a strategy file',
    querystring: CommandQuery,
    body: DeployBody,
    security: SECURED,
    response: Answer.answers({ 201: Answer.Deployed, 202: Answer.Underway }),
  };
  app.post(STRATEGIES, { config: { scope: 'admin' }, schema }, (request, reply) => {
    const { name } = request.body;
    if (name !== undefined && !isStrategyName(name)) {
      throw new QktError('QKT_E_STRATEGY_NAME', `${JSON.stringify(name.slice(0, 80))} is not a strategy name`, {
        members: { field: 'name' },
      });
    }
    return answerCommand(context, request, reply, {
      name: 'deploy',
      strategy: name ?? null,
      args: request.body,
      wait: request.query.wait ?? COMMAND_WAIT_S,
      execute: async (by) => ({
        status: 201,
        result: await daemon.deploy({ ...(request.body as Omit<DeployRequest, 'by'>), by }),
      }),
    });
  });
}

function registerNamedCommands(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const add = (method: 'POST' | 'DELETE', url: string, summary: string, command: NamedCommand): void => {
    const good = { 200: command.name === 'remove' ? Answer.Removed : Answer.Deployed, 202: Answer.Underway };
    const schema = {
      summary,
      params: NameParams,
      querystring: CommandQuery,
      body: NoBody,
      security: SECURED,
      response: Answer.answers(good),
    };
    app.route({
      method,
      url,
      config: { scope: 'admin' },
      schema,
      handler: (request, reply) => answerNamed(command, request, reply, request.query.wait),
    });
  };
  const answerNamed = (
    { name, run }: NamedCommand,
    request: FastifyRequest,
    reply: FastifyReply,
    wait: number | undefined,
  ): Promise<void> => {
    const strategy = nameIn(request);
    return answerCommand(context, request, reply, {
      name,
      strategy,
      args: {},
      wait: wait ?? COMMAND_WAIT_S,
      admit: () => void findStrategy(daemon, request),
      execute: async (by) => ({ status: 200, result: await run(strategy, { by }) }),
    });
  };
  add('POST', `${STRATEGIES}/:name/start`, 'Start out of stopped or failed; a halt stays a halt', {
    name: 'start',
    run: (name, actor) => daemon.start(name, actor),
  });
  add('POST', `${STRATEGIES}/:name/restart`, 'Start one that is stopped or has failed, anew; a halt stays a halt', {
    name: 'restart',
    run: (name, actor) => daemon.restart(name, actor),
  });
  add('DELETE', `${STRATEGIES}/:name`, 'Forget a stopped, flat strategy; its journal is kept', {
    name: 'remove',
    run: async (name, actor) => {
      await daemon.remove(name, actor);
      return { name, removed: true };
    },
  });
}
