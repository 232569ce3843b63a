/** Silences: which alerts are not told, until when. A P1 alert is silenced by one that says so, and by nothing else. */
import type { Severity, SilenceMatch, SilenceView } from '../domain/alerts.ts';
import { iso, type EpochMs } from '../domain/time.ts';

/** As it is stored. */
export interface Silence extends SilenceMatch {
  readonly id: string;
  readonly p1: boolean;
  readonly reason: string;
  readonly by: string;
  readonly createdAt: EpochMs;
  readonly endsAt: EpochMs;
}

/** What a silence looks at. */
export interface Silenceable {
  readonly id: string;
  readonly strategy: string | null;
  readonly severity: Severity;
}

/** The silence that keeps an alert quiet; of several the one that ends last. */
export function silenceOf(silences: Iterable<Silence>, alert: Silenceable, now: EpochMs): Silence | undefined {
  let last: Silence | undefined;
  for (const silence of silences)
    if (silence.endsAt > now && covers(silence, alert) && silence.endsAt > (last?.endsAt ?? 0)) last = silence;
  return last;
}

function covers(
  { alert, strategy, severity, p1 }: Silence,
  { id, strategy: of, severity: rank }: Silenceable,
): boolean {
  if (rank === 'P1' && !p1) return false;
  const fits = <T>(wanted: T | undefined, value: T): boolean => wanted === undefined || wanted === value;
  return fits(alert, id) && fits<string | null>(strategy, of) && fits(severity, rank);
}

export const silenceView = ({ createdAt, endsAt, ...rest }: Silence): SilenceView => ({
  ...rest,
  createdAt: iso(createdAt),
  endsAt: iso(endsAt),
});
