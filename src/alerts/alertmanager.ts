/** Alerts in the forms of Alertmanager: labels that identify and never change, annotations that tell. */
import type { AlertView } from '../domain/alerts.ts';
import { toJson } from '../domain/json.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { Notification } from './notification.ts';

type Labels = Readonly<Record<string, string>>;

/** As `POST /api/v2/alerts` takes it. */
export interface PostableAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** How far ahead the end of a firing alert is said to be: it is told again long before. */
const ENDS_AHEAD_MS = 2 * 60_000;
/** What an alert's webhook names as the one who tells. */
const RECEIVER = 'qkt';
const NEVER = '0001-01-01T00:00:00Z';

/** The same as the rules that are printed for Prometheus have. */
function labelsOf({ id, severity, strategy, target, key }: AlertView): Labels {
  if (strategy !== null) return { alertname: id, severity, strategy };
  const scope = key.startsWith('gateway_down:') ? 'gateway' : target === 'daemon' ? undefined : 'account';
  return { alertname: id, severity, ...(scope !== undefined && { [scope]: target }) };
}

function annotationsOf({ summary, measured, limit, runbook, command }: AlertView): Labels {
  const figures = limit === null ? {} : { measured: toJson(measured), limit: toJson(limit) };
  return { summary, ...figures, runbook, command };
}

export function postable(alert: AlertView, now: EpochMs): PostableAlert {
  return {
    labels: labelsOf(alert),
    annotations: annotationsOf(alert),
    startsAt: alert.firingSince ?? alert.since,
    endsAt: alert.resolvedAt ?? iso(now + ENDS_AHEAD_MS),
  };
}

/** Alertmanager's own webhook payload, version 4. */
export function webhookPayload({ alert, severity, status, alerts }: Notification): object {
  const members = alerts.map((member) => {
    const isOver = member.state === 'resolved';
    return {
      status: isOver ? 'resolved' : 'firing',
      labels: labelsOf(member),
      annotations: annotationsOf(member),
      startsAt: member.firingSince ?? member.since,
      endsAt: member.resolvedAt ?? NEVER,
      generatorURL: '',
      fingerprint: fingerprintOf(labelsOf(member)),
    };
  });
  const groupLabels = { alertname: alert };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alert}"}`,
    truncatedAlerts: 0,
    status: status === 'resolved' ? 'resolved' : 'firing',
    receiver: RECEIVER,
    groupLabels,
    commonLabels: common(
      members.map(({ labels }) => labels),
      { ...groupLabels, severity },
    ),
    commonAnnotations: common(
      members.map(({ annotations }) => annotations),
      {},
    ),
    externalURL: '',
    alerts: members,
  };
}

/** What all of them say; of none what is known of the group. */
function common(all: readonly Labels[], otherwise: Labels): Labels {
  const [first, ...others] = all;
  if (first === undefined) return otherwise;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((each) => each[name] === value)),
  );
}

const FNV_OFFSET = 14_695_981_039_346_656_037n;
const FNV_PRIME = 1_099_511_628_211n;
const SEPARATOR = 0xffn;

/** FNV-1a over the sorted labels, as Prometheus makes it. */
function fingerprintOf(labels: Labels): string {
  let hash = FNV_OFFSET;
  const take = (byte: bigint): void => {
    hash = ((hash ^ byte) * FNV_PRIME) & 0xffff_ffff_ffff_ffffn;
  };
  for (const name of Object.keys(labels).toSorted()) {
    for (const text of [name, labels[name]!]) {
      for (const byte of Buffer.from(text)) take(BigInt(byte));
      take(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
