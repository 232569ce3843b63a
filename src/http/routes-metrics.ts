/** Metrics: a strategy's on its own port, the daemon's on the control port, and where Prometheus finds the former. */
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DaemonPort, StrategyPort } from '../domain/ports.ts';
import { daemonMetricsText } from '../observe/daemon-metrics.ts';
import { strategyMetricsText } from '../observe/strategy-metrics.ts';
import * as Answer from './answer-schemas.ts';
import { listenAddress } from './bind.ts';
import type { StrategyRoutes } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import type { HttpCounters } from './http-counters.ts';
import { sendMetrics } from './metrics-answer.ts';
import { sendObject } from './negotiate.ts';
import { list, Text } from './schema-parts.ts';
import { closed, NameParams } from './schemas.ts';

interface MetricsContext {
  readonly counters: HttpCounters;
}

/** `/metrics` of one strategy: on its own port, and below its name on the control port. */
export function registerStrategyMetrics(app: HttpApp, { prefix, context, find }: StrategyRoutes): void {
  const params = prefix === '' ? {} : { params: NameParams };
  const schema = {
    summary: 'Its figures as Prometheus text',
    ...params,
    querystring: closed({}),
    response: { 200: Answer.MetricsText },
  };
  app.get(`${prefix}/metrics`, { schema }, (request, reply) =>
    sendStrategyMetrics(request, reply, context, find(request)),
  );
}

/** Also the answer to `/status?format=prometheus`. */
export function sendStrategyMetrics(
  request: FastifyRequest,
  reply: FastifyReply,
  { counters }: MetricsContext,
  strategy: StrategyPort,
): void {
  sendMetrics(request, reply, counters, 'strategy', (form) => strategyMetricsText(strategy.metrics(), form));
}

export interface DaemonMetricsContext extends MetricsContext {
  /** Address that all servers listen on. */
  readonly bind: string;
}

/** The daemon's metrics under both of their names, and the targets at which Prometheus finds the strategies. */
export function registerDaemonMetrics(app: HttpApp, daemon: DaemonPort, context: DaemonMetricsContext): void {
  const schema = {
    summary: "The daemon's own figures as Prometheus text",
    querystring: closed({}),
    response: { 200: Answer.MetricsText },
  };
  for (const path of ['/daemon/metrics', '/metrics'])
    app.get(path, { schema }, (request, reply) =>
      sendMetrics(request, reply, context.counters, 'daemon', (form) => daemonMetricsText(daemon.metrics(), form)),
    );
  const targets = {
    summary: "Targets for Prometheus' http_sd: the ports of all strategies that run or should",
    querystring: closed({}),
    response: Answer.answers({ 200: list({ targets: Type.Array(Text), labels: Type.Record(Text, Text) }) }),
  };
  app.get('/daemon/sd', { schema: targets }, (request, reply) => {
    const host = reachedAt(context.bind, request);
    const groups = daemon.scrapeTargets().map(({ strategy, port }) => ({
      targets: [`${host}:${port}`],
      labels: { strategy, __metrics_path__: '/status', __param_format: 'prometheus' },
    }));
    sendObject(request, reply, 200, groups);
  });
}

/** Where all addresses are listened on, the ports are told at the one that the asker came by. */
function reachedAt(bind: string, { headers }: FastifyRequest): string {
  const everywhere = bind === '0.0.0.0' || bind === '::';
  if (!everywhere) return bind.includes(':') ? `[${bind}]` : listenAddress(bind);
  return /^(\[[^\]]+\]|[^:]+)/.exec(headers.host ?? '')?.[0] ?? '127.0.0.1';
}
