/**
 * Whom to tell, when: a chain of small stages over the alerts that there are. Inhibited and silenced ones
 * are not told; an acknowledged one is not told again; what is left and due is told by rule, all
 * targets of one rule in one message.
 */
import type { AlertState, Severity } from '../domain/alerts.ts';
import type { EpochMs } from '../domain/time.ts';
import { silenceOf, type Silence } from './silences.ts';

/** An alert as the stages see it. */
export interface Dispatchable {
  readonly key: string;
  /** Of the rule. */
  readonly id: string;
  readonly target: string;
  readonly strategy: string | null;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly firingSince: EpochMs | null;
  readonly toldAt: EpochMs | null;
  readonly toldResolved: boolean;
  readonly isAcknowledged: boolean;
  /** Rules that it speaks for. */
  readonly inhibits: readonly string[];
  /** Strategies that it speaks for them on; a strategy's own alert: itself. */
  readonly strategies: readonly string[];
}

/** One message to be. */
export interface Due {
  readonly id: string;
  readonly severity: Severity;
  readonly status: 'firing' | 'resolved';
  readonly isRepeat: boolean;
  readonly keys: readonly string[];
}

export interface Terms {
  readonly now: EpochMs;
  readonly silences: Iterable<Silence>;
  readonly repeatMs: Readonly<Record<Severity, number>>;
  /** When a message of this group was last made; undefined for none. */
  readonly lastOf: (group: string) => EpochMs | undefined;
}

/** What the first of a group waits for others of it: they mostly have one cause. */
export const GROUP_WAIT_MS: Readonly<Record<Severity, number>> = { P1: 1000, P2: 5000, P3: 5000 };
/** The least between two messages of a group. */
export const GROUP_GAP_MS: Readonly<Record<Severity, number>> = { P1: 10_000, P2: 60_000, P3: 60_000 };

/** Of one rule and severity, firing and resolved apart. */
export const groupOf = ({ id, severity, status }: Pick<Due, 'id' | 'severity' | 'status'>): string =>
  `${id}:${severity}:${status}`;

/** By what each alert is kept from being told: the key of its cause. */
export function inhibitedBy(alerts: readonly Dispatchable[]): ReadonlyMap<string, string> {
  const causes = alerts.filter(({ state, inhibits }) => state === 'firing' && inhibits.length > 0);
  const inhibited = new Map<string, string>();
  for (const alert of alerts) {
    const cause = causes.find(
      ({ key, inhibits, strategies }) =>
        key !== alert.key && inhibits.includes(alert.id) && speaksFor(strategies, alert),
    );
    if (cause !== undefined) inhibited.set(alert.key, cause.key);
  }
  return inhibited;
}

/** An alert that is about no strategy is about all of them. */
const speaksFor = (strategies: readonly string[], { strategy }: Dispatchable): boolean =>
  strategy === null || strategies.includes(strategy);

/** The messages that are due now. */
export function dueNow(alerts: readonly Dispatchable[], terms: Terms): readonly Due[] {
  const inhibited = inhibitedBy(alerts);
  const told = alerts.filter(
    (alert) => !inhibited.has(alert.key) && silenceOf(terms.silences, alert, terms.now) === undefined,
  );
  const firing = told.filter(({ state, toldAt }) => state === 'firing' && toldAt === null);
  const repeats = told.filter((alert) => isRepeatDue(alert, terms));
  // Who was told that it fires is told that it does not, whatever keeps it quiet by then.
  const resolved = alerts.filter(
    ({ state, toldAt, toldResolved }) => state === 'resolved' && toldAt !== null && !toldResolved,
  );
  return [
    ...grouped(firing, 'firing', false).filter((due) => isReady(due, firing, terms)),
    ...grouped(repeats, 'firing', true),
    ...grouped(resolved, 'resolved', false).filter((due) => isSpaced(due, terms)),
  ];
}

const isRepeatDue = ({ state, toldAt, isAcknowledged, severity }: Dispatchable, { now, repeatMs }: Terms): boolean =>
  state === 'firing' && toldAt !== null && !isAcknowledged && now - toldAt >= repeatMs[severity];

function isReady(due: Due, alerts: readonly Dispatchable[], terms: Terms): boolean {
  const own = alerts.filter(({ key }) => due.keys.includes(key));
  const first = Math.min(...own.map(({ firingSince }) => firingSince ?? terms.now));
  return terms.now - first >= GROUP_WAIT_MS[due.severity] && isSpaced(due, terms);
}

function isSpaced(due: Due, { now, lastOf }: Terms): boolean {
  const last = lastOf(groupOf(due));
  return last === undefined || now - last >= GROUP_GAP_MS[due.severity];
}

function grouped(alerts: readonly Dispatchable[], status: Due['status'], isRepeat: boolean): Due[] {
  const groups = new Map<string, Due & { keys: string[] }>();
  for (const { key, id, severity } of alerts) {
    const due = groups.get(`${id}:${severity}`) ?? { id, severity, status, isRepeat, keys: [] };
    due.keys.push(key);
    groups.set(`${id}:${severity}`, due);
  }
  return [...groups.values()];
}
