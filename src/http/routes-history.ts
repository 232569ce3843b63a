/** A strategy's past: its equity curve, and its figures and state at any moment that is kept. */
import type { DaemonPort } from '../domain/ports.ts';
import * as Answer from './answer-schemas.ts';
import type { StrategyRoutes } from './find-strategy.ts';
import { Curves, CurvesQuery, Equity, EquityQuery, Past, PastQuery } from './history-schemas.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import { goneSignal } from './in-turns.ts';
import { readEquity, readPast } from './past-reader.ts';
import type { Wanted } from './past-trail.ts';
import { NameParams } from './schemas.ts';
import { badField } from './validation.ts';

const CURVE_POINTS = 60;

export function registerHistory(app: HttpApp, { prefix, context, find }: StrategyRoutes): void {
  const params = prefix === '' ? {} : { params: NameParams };
  const equity = {
    summary: 'The equity curve',
    ...params,
    querystring: EquityQuery,
    response: Answer.answers({ 200: Equity }),
  };
  app.get(`${prefix}/equity`, { schema: equity }, async (request, reply) => {
    const { span = '10m' } = request.query;
    const strategy = find(request);
    const view =
      span === 'all' ? await readEquity(strategy, context.historyShare, goneSignal(reply)) : strategy.equity(span);
    sendObject(request, reply, 200, view);
  });

  const past = {
    summary: 'Figures and state as they were at a past moment',
    ...params,
    querystring: PastQuery,
    response: Answer.answers({ 200: Past }),
  };
  app.get(`${prefix}/past`, { schema: past }, async (request, reply) => {
    const { at } = request.query;
    const wanted = at === undefined ? undefined : wantedOf(at);
    sendObject(request, reply, 200, await readPast(find(request), wanted, context.historyShare, goneSignal(reply)));
  });
}

/** Every strategy's curve of the last ten minutes in a few points. */
export function registerCurves(app: HttpApp, daemon: DaemonPort): void {
  const schema = {
    summary: 'Equities of the last ten minutes by strategy, oldest first',
    querystring: CurvesQuery,
    response: Answer.answers({ 200: Curves }),
  };
  app.get('/daemon/equity', { schema }, (request, reply) => {
    const { points = CURVE_POINTS } = request.query;
    const curves = daemon.names().map((name) => [name, daemon.strategy(name)?.recentEquity(points) ?? []] as const);
    sendObject(request, reply, 200, Object.fromEntries(curves));
  });
}

/** @throws QktError QKT_E_BAD_REQUEST */
function wantedOf(at: string): Wanted {
  if (/^\d{1,15}$/.test(at)) return { seq: Number(at) };
  const ts = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isNaN(ts)) return { ts };
  throw badField('at', 'the query parameter `at` must be a sequence number or a time such as 2026-11-22T07:28:33.123Z');
}
