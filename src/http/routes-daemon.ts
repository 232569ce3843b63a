/** The control plane's routes: what is known of the whole daemon, and its end. */
import { Type } from '@fastify/type-provider-typebox';
import type { DaemonPort } from '../domain/ports.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, answerOperation, type CommandContext } from './commands.ts';
import { MergedEventsQuery } from './event-query.ts';
import { findStrategy, nameIn } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import type { Outcome } from './operations.ts';
import { registerBook } from './routes-book.ts';
import { registerDeployment } from './routes-deploy.ts';
import { registerEvents } from './routes-events.ts';
import { registerCurves } from './routes-history.ts';
import { registerLive } from './routes-live.ts';
import { registerStrategyRoutes } from './routes-strategy.ts';
import { COMMAND_WAIT_S, CommandQuery, FormatQuery, NoBody, OperationParams, SECURED } from './schemas.ts';

const read = (summary: string, good: Parameters<typeof Answer.answers>[0]) => ({
  schema: { summary, querystring: FormatQuery, response: Answer.answers(good) },
});

export function registerDaemonRoutes(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  registerQueries(app, daemon, context);
  registerStrategyRoutes(app, {
    prefix: '/daemon/strategies/:name',
    context,
    nameOf: nameIn,
    find: (request) => findStrategy(daemon, request),
  });
  registerCurves(app, daemon);
  registerLive(app, daemon, context);
  registerDeployment(app, daemon, context);
  registerBook(app, daemon, context);
  registerReload(app, daemon, context);
  registerShutdown(app, daemon, context);
}

function registerQueries(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const health = read('Is the daemon well?', { 200: Answer.DaemonHealth, 503: Answer.DaemonHealth });
  app.get('/daemon/health', health, (request, reply) => {
    const view = daemon.health();
    sendObject(request, reply, view.ok ? 200 : 503, view);
  });
  app.get(
    '/daemon/list',
    read('Every strategy, whatever its state', { 200: Answer.StrategyRows }),
    (request, reply) => {
      sendObject(request, reply, 200, daemon.list());
    },
  );
  app.get('/daemon/gateways', read('The broker gateways', { 200: Answer.Gateways }), (request, reply) => {
    sendObject(request, reply, 200, daemon.gateways());
  });
  registerEvents(app, {
    path: '/daemon/events',
    summary: "All strategies' events and the daemon's own",
    params: {},
    query: MergedEventsQuery,
    cursor: Type.String({ description: 'Of Qkt-Next-Since.' }),
    context,
    find: () => daemon.events,
  });
  const operation = {
    summary: 'Progress and result of a command',
    params: OperationParams,
    querystring: FormatQuery,
    response: Answer.answers({ 200: Answer.OperationView }),
  };
  app.get('/daemon/operations/:id', { schema: operation }, (request, reply) =>
    answerOperation(context, request, reply, () => true),
  );
}

function registerReload(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const schema = {
    summary: 'Open the logs anew and read the configuration again',
    querystring: CommandQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 200: Answer.Reloaded, 202: Answer.Underway }),
  };
  app.post('/daemon/reload', { config: { scope: 'admin' }, schema }, (request, reply) =>
    answerCommand(context, request, reply, {
      name: 'reload',
      strategy: null,
      args: {},
      wait: request.query.wait ?? COMMAND_WAIT_S,
      execute: async (by) => ({ status: 200, result: await daemon.reload({ by }) }),
    }),
  );
}

function registerShutdown(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const schema = {
    summary: 'End in order',
    querystring: CommandQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 202: Answer.ShuttingDown }),
  };
  app.post('/daemon/shutdown', { config: { scope: 'admin' }, schema }, (request, reply) =>
    answerCommand(context, request, reply, {
      name: 'shutdown',
      strategy: null,
      args: {},
      wait: request.query.wait ?? COMMAND_WAIT_S,
      execute: (by): Promise<Outcome> => {
        const positions = daemon.shutdown({ by });
        const open = positions.length === 0 ? {} : { positions };
        return Promise.resolve({ status: 202, result: { status: 'stopping', ...open } });
      },
    }),
  );
}
