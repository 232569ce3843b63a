/** What the samples of a drill come to, against what was expected of it. Pure. */
import type { EpochMs } from '../domain/time.ts';
import { MOST_ADDED_MS } from './lateness.ts';
import type { Drill, DrillResult, NeighbourLateness } from './types.ts';
import { isNotOk, isOk, type Sample } from './watch.ts';

export interface Measured {
  readonly startedAt: EpochMs;
  /** The fault began. */
  readonly faultAt: EpochMs;
  /** It was mended, or was not any more. */
  readonly mendedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** Of the target's `/health` and `/health/ready`, of its `/status` (seen: halted), of the surface that must tell. */
  readonly health: readonly Sample[];
  readonly ready: readonly Sample[];
  readonly status: readonly Sample[];
  readonly surface: readonly Sample[];
  /** Of `/daemon/alerts` (seen: the alert that tells of the fault fires). */
  readonly alerts: readonly Sample[];
  /** Of the neighbour's `/health`. */
  readonly neighbourHealth: readonly Sample[];
  readonly neighbour: NeighbourLateness | null;
  /** Why the drill could not be gone through with. */
  readonly trouble: readonly string[];
}

export function judge(drill: Drill, measured: Measured): DrillResult {
  const { faultAt, mendedAt } = measured;
  const since = (from: EpochMs, at: EpochMs | undefined): number | null => (at === undefined ? null : at - from);
  const first = (samples: readonly Sample[], from: EpochMs, is: (sample: Sample) => boolean): EpochMs | undefined =>
    samples.find((sample) => sample.sentAt >= from && is(sample))?.at;
  const { health, ready, status, surface, alerts, neighbourHealth } = measured;
  const watched = [health, ready, status, surface, alerts, neighbourHealth];
  const figures = {
    detectedMs: since(faultAt, first(measured.surface, faultAt, isNotOk)),
    gateClosedMs: since(faultAt, first(measured.ready, faultAt, isNotOk)),
    haltedMs: since(
      faultAt,
      first(measured.status, faultAt, ({ seen }) => seen),
    ),
    alertedMs: since(
      faultAt,
      first(measured.alerts, faultAt, ({ seen }) => seen),
    ),
    recoveredMs: since(drill.mend === undefined ? faultAt : mendedAt, first(measured.ready, mendedAt, isOk)),
    falseOk: falseOks(drill, measured),
    unanswered: measured.health.filter(({ status }) => status === 0).length,
    falseAlarms: measured.neighbourHealth.filter(isNotOk).length,
    samples: watched.reduce((sum, { length }) => sum + length, 0),
    neighbour: measured.neighbour,
  };
  const failures = [...measured.trouble, ...shortfalls(drill, figures)];
  return {
    fault: drill.fault,
    verdict: failures.length === 0 ? 'pass' : 'fail',
    ...figures,
    failures,
    tookMs: measured.endedAt - measured.startedAt,
  };
}

/**
 * "Ok" is false once the fault has been told, or had to be, until it is over: until it was mended, or for
 * a fault that ends itself until the surface last told of it.
 */
function falseOks(drill: Drill, { faultAt, mendedAt, surface }: Measured): number {
  const told = surface.filter((sample) => sample.sentAt >= faultAt && isNotOk(sample));
  const from = Math.min(told[0]?.at ?? Infinity, faultAt + drill.expect.detectedMs);
  const to = drill.mend === undefined ? (told.at(-1)?.sentAt ?? mendedAt) : mendedAt;
  return surface.filter((sample) => isOk(sample) && sample.sentAt >= from && sample.at <= to).length;
}

type Figures = Pick<
  DrillResult,
  | 'detectedMs'
  | 'gateClosedMs'
  | 'haltedMs'
  | 'alertedMs'
  | 'recoveredMs'
  | 'falseOk'
  | 'unanswered'
  | 'falseAlarms'
  | 'neighbour'
>;

function shortfalls({ expect }: Drill, figures: Figures): readonly string[] {
  const late = (what: string, ms: number | null, limit: number | null): readonly string[] => {
    if (limit === null) return [];
    if (ms === null) return [`${what}: not at all, expected within ${limit} ms`];
    return ms <= limit ? [] : [`${what}: after ${ms} ms, expected within ${limit} ms`];
  };
  const none = (what: string, count: number): readonly string[] => (count === 0 ? [] : [`${what}: ${count}`]);
  const added = figures.neighbour?.addedMs ?? 0;
  return [
    ...late('detected', figures.detectedMs, expect.detectedMs),
    ...late('gate closed', figures.gateClosedMs, expect.gateClosedMs),
    ...late('halted', figures.haltedMs, expect.haltedMs),
    ...late('alerted', figures.alertedMs, expect.alertedMs),
    ...late('recovered', figures.recoveredMs, expect.recoveredMs),
    ...none('false "ok"', figures.falseOk),
    ...none('unanswered questions to /health', figures.unanswered),
    ...none("false alarms of the neighbour's /health", figures.falseAlarms),
    ...(added > MOST_ADDED_MS ? [`neighbour's ticks: ${added} ms later at p99, at most ${MOST_ADDED_MS} ms`] : []),
  ];
}
