/** The routes of alerts: what is wrong, who has seen it, what is silenced, and whether channels work. */
import { Type, type TSchema } from 'typebox';
import type { AlertPort, AlertView } from '../domain/alerts.ts';
import type { DaemonPort } from '../domain/ports.ts';
import {
  AckBody,
  AlertChanges,
  AlertParams,
  AlertRows,
  AlertsQuery,
  Channels,
  HISTORY_LIMIT,
  HistoryQuery,
  Silence,
  SilenceBody,
  SilenceParams,
  TestBody,
  Tested,
} from './alert-schemas.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, type CommandContext } from './commands.ts';
import { itemObject } from './event-lines.ts';
import { unknownStrategy } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import { ACT_WAIT_S, ActQuery, COMMAND_WAIT_S, CommandQuery, FormatQuery, NoBody, SECURED } from './schemas.ts';

/** @param daemon knows which strategies there are */
export function registerAlertRoutes(
  app: HttpApp,
  alerts: AlertPort,
  daemon: DaemonPort,
  context: CommandContext,
): void {
  registerQueries(app, alerts, daemon);
  registerAck(app, alerts, context);
  registerSilences(app, alerts, daemon, context);
  registerTest(app, alerts, context);
}

/** As readers see them: the events around an alert are written as `/events` writes them. */
const shown = (views: readonly AlertView[]): readonly object[] =>
  views.map((view) => ({ ...view, events: view.events.map(itemObject) }));

/** All of them, or those of a strategy that is deployed, or of which there has been an alert. */
function viewsOf(alerts: AlertPort, daemon: DaemonPort, name: string | undefined): readonly AlertView[] {
  const views = alerts.list();
  if (name === undefined) return views;
  const its = views.filter(({ strategy }) => strategy === name);
  const isKnown = its.length > 0 || daemon.strategy(name) !== undefined || alerts.remembers(name);
  if (!isKnown) throw unknownStrategy(daemon, name);
  return its;
}

function registerQueries(app: HttpApp, alerts: AlertPort, daemon: DaemonPort): void {
  const read = (summary: string, answer: TSchema) => ({
    schema: { summary, querystring: FormatQuery, response: Answer.answers({ 200: answer }) },
  });
  const all = {
    summary: 'What is pending, fires, or was resolved a while ago',
    querystring: AlertsQuery,
    response: Answer.answers({ 200: AlertRows }),
  };
  app.get('/daemon/alerts', { schema: all }, (request, reply) => {
    sendObject(request, reply, 200, shown(viewsOf(alerts, daemon, request.query.strategy)));
  });
  app.get('/daemon/silences', read('The silences in force', Type.Array(Silence)), (request, reply) => {
    sendObject(request, reply, 200, alerts.silences());
  });
  app.get('/daemon/channels', read('Where alerts go, and whether that works', Channels), (request, reply) => {
    sendObject(request, reply, 200, alerts.channels());
  });
  const history = {
    summary: 'The last changes of alerts, newest first',
    querystring: HistoryQuery,
    response: Answer.answers({ 200: AlertChanges }),
  };
  app.get('/daemon/alerts/history', { schema: history }, (request, reply) => {
    sendObject(request, reply, 200, alerts.history(request.query.limit ?? HISTORY_LIMIT));
  });
}

function registerAck(app: HttpApp, alerts: AlertPort, context: CommandContext): void {
  const schema = {
    summary: 'Say that somebody sees to it: it is not told again until it is over',
    params: AlertParams,
    querystring: ActQuery,
    body: AckBody,
    security: SECURED,
    response: Answer.answers({ 200: AlertRows, 202: Answer.Underway }),
  };
  app.post('/daemon/alerts/:id/ack', { config: { scope: 'ack' }, schema }, (request, reply) => {
    const { id } = request.params;
    const { comment } = request.body;
    return answerCommand(context, request, reply, {
      name: 'ack',
      strategy: null,
      args: { id, ...(comment !== undefined && { comment }) },
      wait: request.query.wait ?? ACT_WAIT_S,
      execute: async (by) => ({
        status: 200,
        result: shown(await alerts.ack({ id, by, ...(comment !== undefined && { comment }) })),
      }),
    });
  });
}

function registerSilences(app: HttpApp, alerts: AlertPort, daemon: DaemonPort, context: CommandContext): void {
  const create = {
    summary: 'Keep alerts from being told, for a while',
    querystring: ActQuery,
    body: SilenceBody,
    security: SECURED,
    response: Answer.answers({ 201: Silence, 202: Answer.Underway }),
  };
  app.post('/daemon/silences', { config: { scope: 'ack' }, schema: create }, (request, reply) => {
    const { p1 = false, ...body } = request.body;
    const { strategy } = body;
    if (strategy !== undefined && daemon.strategy(strategy) === undefined) throw unknownStrategy(daemon, strategy);
    return answerCommand(context, request, reply, {
      name: 'silence',
      strategy: strategy ?? null,
      args: { ...body, p1 },
      wait: request.query.wait ?? ACT_WAIT_S,
      execute: async (by) => ({ status: 201, result: await alerts.silence({ ...body, p1, by }) }),
    });
  });
  const end = {
    summary: 'End a silence: what it kept quiet is told now',
    params: SilenceParams,
    querystring: ActQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 200: Silence, 202: Answer.Underway }),
  };
  app.delete('/daemon/silences/:id', { config: { scope: 'ack' }, schema: end }, (request, reply) => {
    const { id } = request.params;
    return answerCommand(context, request, reply, {
      name: 'unsilence',
      strategy: null,
      args: { id },
      wait: request.query.wait ?? ACT_WAIT_S,
      execute: async (by) => ({ status: 200, result: await alerts.unsilence(id, { by }) }),
    });
  });
}

function registerTest(app: HttpApp, alerts: AlertPort, context: CommandContext): void {
  const schema = {
    summary: 'Send a test message through a channel, and say what came of it',
    querystring: CommandQuery,
    body: TestBody,
    security: SECURED,
    response: Answer.answers({ 200: Tested, 202: Answer.Underway }),
  };
  app.post('/daemon/alerts/test', { config: { scope: 'ack' }, schema }, (request, reply) => {
    const { channel } = request.body;
    return answerCommand(context, request, reply, {
      name: 'alerts test',
      strategy: null,
      args: { channel },
      wait: request.query.wait ?? COMMAND_WAIT_S,
      execute: async (by) => ({ status: 200, result: await alerts.test(channel, { by }) }),
    });
  });
}
