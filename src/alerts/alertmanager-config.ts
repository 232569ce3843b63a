/**
 * The engine's grouping, repetition and inhibition as a configuration of Alertmanager, for those who let that one tell.
 * Whom it tells is left to them.
 */
import { stringify } from 'yaml';
import { SEVERITIES, type Severity } from '../domain/alerts.ts';
import { GROUP_GAP_MS, GROUP_WAIT_MS } from './dispatch.ts';
import type { AlertRule } from './rule.ts';
import type { Rulebook } from './rulebook.ts';
import { promDuration } from './spans.ts';

export interface AlertmanagerConfigOptions {
  readonly book: Rulebook;
  readonly repeatMs: Readonly<Record<Severity, number>>;
  /**
   * Names of the strategies on each gateway. Undefined where nobody knows: no label of an alert says it, so a gateway
   * speaks for none then.
   */
  readonly strategiesOn: ReadonlyMap<string, readonly string[]> | undefined;
}

interface Route {
  readonly matchers: readonly string[];
  readonly group_wait: string;
  readonly group_interval: string;
  readonly repeat_interval: string;
}

export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal?: readonly string[];
}

export interface AlertmanagerConfig {
  readonly route: {
    readonly receiver: string;
    readonly group_by: readonly string[];
    readonly routes: readonly Route[];
  };
  readonly inhibit_rules: readonly InhibitRule[];
  readonly receivers: readonly { readonly name: string }[];
}

const RECEIVER = 'qkt';

export function alertmanagerConfig({ book, repeatMs, strategiesOn }: AlertmanagerConfigOptions): AlertmanagerConfig {
  const routes = SEVERITIES.map((severity) => ({
    matchers: [`severity="${severity}"`],
    group_wait: promDuration(GROUP_WAIT_MS[severity]),
    group_interval: promDuration(GROUP_GAP_MS[severity]),
    repeat_interval: promDuration(repeatMs[severity]),
  }));
  return {
    route: { receiver: RECEIVER, group_by: ['alertname', 'severity'], routes },
    inhibit_rules: book.rules.flatMap((rule) => (rule.inhibits.length === 0 ? [] : inhibitionsBy(rule, strategiesOn))),
    receivers: [{ name: RECEIVER }],
  };
}

/** The file, ready to be given somebody to tell. */
export function alertmanagerConfigFile(config: AlertmanagerConfig, knowsStrategies: boolean): string {
  const gateways = knowsStrategies
    ? '# What a gateway speaks for names the strategies that are on it now: print it again when they come or go.\n'
    : '# What a gateway speaks for is left out: only a running daemon can tell which strategies are on it.\n';
  return `# Printed by \`qkt monitoring alertmanager\` from the alert table and the configuration.\n${gateways}# Whom the receiver tells is for you to say.\n${stringify(config, { lineWidth: 0 })}`;
}

/** A cause speaks for its effects on the same strategies. */
function inhibitionsBy(
  { id, scope, inhibits }: AlertRule,
  strategiesOn: AlertmanagerConfigOptions['strategiesOn'] = new Map(),
): readonly InhibitRule[] {
  const source = `alertname="${id}"`;
  const targets = `alertname=~"${inhibits.join('|')}"`;
  if (scope === 'strategy') return [{ source_matchers: [source], target_matchers: [targets], equal: ['strategy'] }];
  if (scope !== 'gateway') return [{ source_matchers: [source], target_matchers: [targets] }];
  return [...strategiesOn].map(([gateway, names]) => ({
    source_matchers: [source, `gateway="${gateway}"`],
    target_matchers: [targets, `strategy=~"${names.join('|')}"`],
  }));
}
