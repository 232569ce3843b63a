/** Metrics as an answer: Prometheus text, or OpenMetrics for one who would rather have that. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MetricsEndpoint } from '../domain/metrics.ts';
import { METRICS_TYPES, type MetricsForm } from '../observe/metrics-text.ts';
import type { MetricsPage } from '../observe/strategy-metrics.ts';
import { mediaRanges } from './accept.ts';
import type { HttpCounters } from './http-counters.ts';

const OPENMETRICS = 'application/openmetrics-text';

/** OpenMetrics 1.0 only where the Accept header prefers it to Prometheus text. */
function metricsForm(accept: string | undefined): MetricsForm {
  if (accept === undefined || !accept.toLowerCase().includes(OPENMETRICS)) return 'prometheus';
  const ranges = mediaRanges(accept);
  const ours = ranges.filter(({ type, version }) => type === OPENMETRICS && (version ?? '1.0.0') === '1.0.0');
  const openmetrics = Math.max(0, ...ours.map(({ weight }) => weight));
  // The most exact range decides.
  const text = ['text/plain', 'text/*', '*/*'].map((name) => ranges.find(({ type }) => type === name));
  return openmetrics > (text.find((range) => range !== undefined)?.weight ?? 0) ? 'openmetrics' : 'prometheus';
}

/** Always 200: an unhealthy daemon is what somebody wants to see. @param render makes the page of one snapshot */
export function sendMetrics(
  request: FastifyRequest,
  reply: FastifyReply,
  counters: HttpCounters,
  endpoint: MetricsEndpoint,
  render: (form: MetricsForm) => MetricsPage,
): void {
  const form = metricsForm(request.headers.accept);
  const { text, dropped } = render(form);
  counters.droppedSeries(endpoint, dropped);
  reply.header('content-type', METRICS_TYPES[form]).send(Buffer.from(text));
}
