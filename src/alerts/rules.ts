/** The alert table: one for the engine, the Prometheus rules and the reference. */
import type { AlertRule } from './rule.ts';
import { DAEMON_RULES } from './rules-daemon.ts';
import { STRATEGY_RULES } from './rules-strategy.ts';

const RANK = { P1: 0, P2: 1, P3: 2 } as const;

/** The worst first. */
export const ALERT_RULES: readonly AlertRule[] = [...DAEMON_RULES, ...STRATEGY_RULES].toSorted(
  (a, b) => RANK[a.severity] - RANK[b.severity],
);

const BY_ID: ReadonlyMap<string, AlertRule> = new Map(ALERT_RULES.map((rule) => [rule.id, rule]));

export const ruleOf = (id: string): AlertRule | undefined => BY_ID.get(id);
