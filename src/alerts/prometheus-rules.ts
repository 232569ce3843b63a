/** The alert table as a file of alerting rules for Prometheus: same names, severities, times and labels as the engine's. */
import { stringify } from 'yaml';
import { runbookOf, type AlertRule } from './rule.ts';
import { ruleOf } from './rules.ts';
import type { RuleInForce, Rulebook } from './rulebook.ts';
import type { RuleChanges } from './settings.ts';
import type { Spans } from './spans.ts';

/** Of an alert there are these labels and no other, so that whoever gets it from both sides takes it for one. */
const LABEL_OF = { strategy: 'strategy', gateway: 'gateway', account: 'account' } as const;

export interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** @param perStrategy changes of rules for single strategies, which get rules of their own */
export function prometheusRules(
  book: Rulebook,
  perStrategy: ReadonlyMap<string, RuleChanges>,
): readonly PrometheusRule[] {
  return book.rules.flatMap((rule) => {
    const special = book.special.filter((name) => perStrategy.get(name)?.[rule.id] !== undefined);
    const others = rule.scope === 'strategy' ? special : [];
    const general = book.find(rule.id);
    const own = others.flatMap((name) => {
      const terms = book.find(rule.id, name);
      return terms === undefined ? [] : [ruleFor(terms, `strategy="${name}"`, book.spans)];
    });
    if (general === undefined) return own;
    return [ruleFor(general, others.length === 0 ? '' : `strategy!~"${others.join('|')}"`, book.spans), ...own];
  });
}

/** The file, ready for `rule_files`. */
export function prometheusRulesFile(rules: readonly PrometheusRule[]): string {
  const head = '# Printed by `qkt monitoring prometheus-rules` from the alert table and the configuration.\n';
  return head + stringify({ groups: [{ name: 'qkt', rules }] }, { lineWidth: 0 });
}

function ruleFor(
  { rule, severity, forMs, keepFiringMs, limit }: RuleInForce,
  select: string,
  spans: Spans,
): PrometheusRule {
  const { prometheus } = rule;
  const expr = `max${byOf(rule)} (${prometheus.expr(select, limit.toString(), spans)})`;
  // What the engine tells through a series of its own has waited, and has been kept, already.
  const isTold = prometheus.forMs !== undefined;
  return {
    alert: rule.id,
    expr,
    for: seconds(prometheus.forMs ?? forMs),
    ...(keepFiringMs > 0 && !isTold && { keep_firing_for: seconds(keepFiringMs) }),
    labels: { severity },
    annotations: {
      summary: `${rule.condition.replaceAll('`', '')}: ${targetOf(rule)}`,
      value: '{{ $value }}',
      ...(rule.limit !== undefined && { limit: `${limit.toString()} (${rule.limit.of})` }),
      runbook: ruleOf(rule.id) === undefined ? 'docs/alerts.md#rules-of-your-own' : runbookOf(rule.id),
      command: rule.command.replace('<target>', '{{ $labels.strategy }}'),
    },
  };
}

function byOf({ scope }: AlertRule): string {
  return scope in LABEL_OF ? ` by (${LABEL_OF[scope as keyof typeof LABEL_OF]})` : '';
}

function targetOf({ scope }: AlertRule): string {
  return scope in LABEL_OF ? `{{ $labels.${LABEL_OF[scope as keyof typeof LABEL_OF]} }}` : 'the daemon';
}

const seconds = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`);
