/** The printed rules before the real promtool: valid, and each one fires beyond its boundary and not on it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { prometheusRules, prometheusRulesFile } from '../../src/alerts/prometheus-rules.ts';
import { grafanaDashboard } from '../../src/alerts/grafana-dashboard.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { ALERT_RULES } from '../../src/alerts/rules.ts';
import { NO_ALERT_SETTINGS, type RuleChanges } from '../../src/alerts/settings.ts';
import { DAEMON_FAMILIES, STRATEGY_FAMILIES } from '../../src/observe/metric-families.ts';
import { dec } from '../../src/domain/decimal.ts';
import { hasPrometheus } from '../doubles/prometheus.ts';

const TABLE = prometheusRules(new Rulebook(NO_ALERT_SETTINGS, new Map()), new Map());

function inTemp(): string {
  const dir = mkdtempSync(join(tmpdir(), 'qkt-rules-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

describe('the rules for Prometheus', () => {
  it('are those of the table, by name, severity and time', () => {
    expect(TABLE.map(({ alert, labels }) => [alert, labels.severity])).toEqual(
      ALERT_RULES.map(({ id, severity }) => [id, severity]),
    );
    for (const { id, forMs, prometheus } of ALERT_RULES)
      expect(TABLE.find(({ alert }) => alert === id)!.for, id).toBe(`${(prometheus.forMs ?? forMs) / 1000}s`);
  });

  it('ask for families that there are', () => {
    const known = new Set([...Object.keys(STRATEGY_FAMILIES), ...Object.keys(DAEMON_FAMILIES)]);
    for (const { expr } of TABLE)
      for (const [name] of expr.matchAll(/\bqkt_[a-z_0-9]+/g))
        expect(known.has(name) || known.has(name.replace(/_bucket$/, '')), name).toBe(true);
  });

  it('heed the configuration, for all, for one strategy, and of one’s own', () => {
    const changes: RuleChanges = { equity_floor: { limit: dec('0.9') }, disk_low: { off: true } };
    const perStrategy = new Map<string, RuleChanges>([
      ['gold', { equity_floor: { severity: 'P1' }, stale_feed: { off: true } }],
    ]);
    const own = new Map([
      [
        'deep',
        { field: 'drawdown.ratio', above: dec('0.04'), forMs: 30_000, keepFiringMs: 0, severity: 'P2' as const },
      ],
      ['unsure', { field: 'orders.unknown', above: dec(0), forMs: 30_000, keepFiringMs: 0, severity: 'P2' as const }],
    ]);
    const rules = prometheusRules(new Rulebook({ changes, own }, perStrategy), perStrategy);
    const of = (id: string) => rules.filter(({ alert }) => alert === id);
    expect(of('disk_low')).toEqual([]);
    const [others, gold] = of('equity_floor');
    expect(others!.expr).toBe(
      'max by (strategy) (qkt_equity{strategy!~"gold"} < 0.9 * (qkt_balance{strategy!~"gold"} - qkt_realized_pnl{strategy!~"gold"}))',
    );
    expect(gold).toMatchObject({ labels: { severity: 'P1' }, expr: expect.stringContaining('{strategy="gold"}') });
    expect(of('stale_feed')).toHaveLength(1);
    expect(of('deep')[0]).toMatchObject({ expr: 'max by (strategy) (qkt_drawdown_ratio > 0.04)', for: '30s' });
    expect(of('unsure')[0]!.expr).toContain('qkt_alert_active{alertname="unsure"}');
  });

  it('have all times of the table shortened alike, and those of a configuration as it says', () => {
    const changes: RuleChanges = { stale_feed: { forMs: 45_000 } };
    const rules = prometheusRules(new Rulebook({ changes, own: new Map() }, new Map(), 60), new Map());
    const of = (id: string) => rules.find(({ alert }) => alert === id)!;
    expect(of('gateway_down')).toMatchObject({ for: '250ms', keep_firing_for: '1s' });
    expect(of('stale_feed')).toMatchObject({ for: '45s', keep_firing_for: '500ms' });
    const ranges = rules.flatMap(({ expr }) => [...expr.matchAll(/\[(\w+)\]/g)].map(([, range]) => range!));
    expect(ranges.toSorted()).toEqual(['15s', '15s', '15s', '1m', '5s', '5s']);
    const usual = TABLE.flatMap(({ expr }) => [...expr.matchAll(/\[(\w+)\]/g)].map(([, range]) => range!));
    expect(usual.toSorted()).toEqual(['15m', '15m', '15m', '1h', '5m', '5m']);
  });

  it.skipIf(!hasPrometheus)('pass promtool check rules (skipped without Debian’s prometheus)', () => {
    const dir = inTemp();
    writeFileSync(join(dir, 'rules.yml'), prometheusRulesFile(TABLE));
    expect(promtool('check', 'rules', join(dir, 'rules.yml'))).toBe('');
  });
});

type Series = Readonly<Record<string, string>>;
interface Case {
  readonly rule: string;
  readonly bad: Series;
  /** At the boundary. */
  readonly good: Series;
  readonly labels: Readonly<Record<string, string>>;
}

const A = '{strategy="a"}';
const IN_A = { strategy: 'a' };
const LIVE = { 'qkt_strategy_state{strategy="a",state="trading"}': '1x2000' };
const money = (equity: string): Series => ({
  'qkt_equity{strategy="a",account="p",currency="USD"}': `${equity}x2000`,
  'qkt_balance{strategy="a",account="p",currency="USD"}': '10200x2000',
  'qkt_realized_pnl{strategy="a",account="p",currency="USD"}': '200x2000',
});
const orders = (submitted: string, rejected: string): Series => ({
  'qkt_orders_submitted_total{strategy="a",venue="p"}': submitted,
  'qkt_orders_rejected_total{strategy="a",venue="p",reason="MARGIN"}': rejected,
  'qkt_orders_rejected_total{strategy="a",venue="p",reason="other"}': '0x2000',
});
const syncs = (fast: string, all: string): Series => ({
  'qkt_journal_sync_seconds_bucket{le="0.1"}': fast,
  'qkt_journal_sync_seconds_bucket{le="0.25"}': all,
  'qkt_journal_sync_seconds_bucket{le="+Inf"}': all,
});
/** What only the engine can see. */
const told = (rule: string, strategy = 'a'): Case => {
  const active = (value: number): Series => {
    const { severity } = ALERT_RULES.find(({ id }) => id === rule)!;
    return { [`qkt_alert_active{alertname="${rule}",severity="${severity}",strategy="${strategy}"}`]: `${value}x2000` };
  };
  return { rule, bad: active(1), good: active(0), labels: { strategy } };
};

const CASES: readonly Case[] = [
  {
    rule: 'daemon_down',
    bad: { 'up{job="qkt"}': '0x2000' },
    good: { 'up{job="qkt"}': '1x2000' },
    labels: {},
  },
  { rule: 'daemon_down', bad: { qkt_daemon_healthy: '0x2000' }, good: { qkt_daemon_healthy: '1x2000' }, labels: {} },
  {
    rule: 'strategy_down',
    bad: { [`qkt_strategy_desired_running${A}`]: '1x2000', 'qkt_lease_ok{strategy="a",lease="tickLoop"}': '0x2000' },
    good: { [`qkt_strategy_desired_running${A}`]: '0x2000', 'qkt_lease_ok{strategy="a",lease="tickLoop"}': '0x2000' },
    labels: IN_A,
  },
  {
    rule: 'strategy_halted',
    bad: {
      'qkt_strategy_halted{strategy="a",rule="manual"}': '0x2000',
      'qkt_strategy_halted{strategy="a",rule="maxDrawdown"}': '1x2000',
    },
    good: { 'qkt_strategy_halted{strategy="a",rule="manual"}': '0x2000' },
    labels: IN_A,
  },
  {
    rule: 'strategy_failed',
    bad: { 'qkt_strategy_state{strategy="a",state="failed"}': '1x2000' },
    good: { 'qkt_strategy_state{strategy="a",state="failed"}': '0x2000', ...LIVE },
    labels: IN_A,
  },
  {
    rule: 'book_equity_drop',
    bad: { 'qkt_account_equity_index{account="p",currency="USD"}': '1 0.9499x2000' },
    good: { 'qkt_account_equity_index{account="p",currency="USD"}': '1 0.95x2000' },
    labels: { account: 'p' },
  },
  { rule: 'equity_floor', bad: money('9499.99'), good: money('9500'), labels: IN_A },
  {
    rule: 'no_trades',
    bad: {
      ...LIVE,
      [`qkt_open_seconds_since_last_trade${A}`]: '28801x2000',
      [`qkt_expected_trade_interval_seconds${A}`]: '28800x2000',
    },
    good: {
      ...LIVE,
      [`qkt_open_seconds_since_last_trade${A}`]: '28800x2000',
      [`qkt_expected_trade_interval_seconds${A}`]: '28800x2000',
    },
    labels: IN_A,
  },
  // Of a hundred orders a second six are rejected, and five.
  {
    rule: 'rejection_rate',
    bad: orders('0+100x2000', '0+6x2000'),
    good: orders('0+100x2000', '0+5x2000'),
    labels: IN_A,
  },
  // All rejected, of nine orders and of ten.
  { rule: 'rejection_rate', bad: orders('0 10x2000', '0 10x2000'), good: orders('0 9x2000', '0 9x2000'), labels: IN_A },
  {
    rule: 'gateway_down',
    bad: { 'qkt_gateway_up{gateway="p"}': '0x2000' },
    good: { 'qkt_gateway_up{gateway="p"}': '1x2000' },
    labels: { gateway: 'p' },
  },
  {
    rule: 'journal_failed',
    bad: { 'qkt_daemon_check_passing{check="journal"}': '0x2000' },
    good: {
      'qkt_daemon_check_passing{check="journal"}': '1x2000',
      'qkt_daemon_check_passing{check="clock"}': '0x2000',
    },
    labels: {},
  },
  {
    rule: 'stale_feed',
    bad: {
      ...LIVE,
      'qkt_lease_ok{strategy="a",lease="feed:EURUSD"}': '0x2000',
      'qkt_lease_ok{strategy="a",lease="feed:GBPUSD"}': '1x2000',
    },
    good: {
      'qkt_strategy_state{strategy="a",state="stopped"}': '1x2000',
      'qkt_lease_ok{strategy="a",lease="feed:EURUSD"}': '0x2000',
    },
    labels: IN_A,
  },
  {
    rule: 'headroom_low',
    bad: { ...LIVE, 'qkt_risk_headroom_ratio{strategy="a",rule="maxDrawdown"}': '0.1999x2000' },
    good: { ...LIVE, 'qkt_risk_headroom_ratio{strategy="a",rule="maxDrawdown"}': '0.2x2000' },
    labels: IN_A,
  },
  {
    rule: 'disk_low',
    bad: { qkt_state_dir_free_bytes: '1073741823x2000' },
    good: { qkt_state_dir_free_bytes: '1073741824x2000' },
    labels: {},
  },
  { ...told('disk_low', ''), labels: {} },
  { rule: 'journal_slow', bad: syncs('0+98x2000', '0+100x2000'), good: syncs('0+99x2000', '0+100x2000'), labels: {} },
  {
    rule: 'high_slippage',
    bad: { [`qkt_high_slippage_trades_total${A}`]: '0 1x2000' },
    good: { [`qkt_high_slippage_trades_total${A}`]: '1x2000' },
    labels: IN_A,
  },
  ...[
    'halt_incomplete',
    'flatten_failed',
    'order_unknown',
    'book_mismatch',
    'stop_not_fired',
    'unprotected_position',
  ].map((rule) => told(rule)),
];

describe.skipIf(!hasPrometheus)('each rule before promtool test rules (skipped without Debian’s prometheus)', () => {
  it('is tried', () => {
    expect([...new Set(CASES.map(({ rule }) => rule))].toSorted()).toEqual(ALERT_RULES.map(({ id }) => id).toSorted());
  });

  it('fires beyond its boundary and after its time, and not on it or before', () => {
    const dir = inTemp();
    writeFileSync(join(dir, 'rules.yml'), prometheusRulesFile(TABLE));
    const series = (of: Series) => Object.entries(of).map(([name, values]) => ({ series: name, values }));
    const firing = (rule: string) => `ALERTS{alertname="${rule}",alertstate="firing"}`;
    const tests = CASES.flatMap(({ rule, bad, good, labels }) => {
      const { for: wait, labels: own } = TABLE.find(({ alert }) => alert === rule)!;
      const seconds = Number.parseInt(wait, 10);
      // A rate takes two samples; counters begin with the second one.
      const from = /rate|increase/.test(TABLE.find(({ alert }) => alert === rule)!.expr) ? 2 : 1;
      const all = Object.entries({ alertname: rule, alertstate: 'firing', severity: own.severity, ...labels })
        .filter(([, value]) => value !== '')
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([name, value]) => `${name}="${value}"`);
      const none = (at: number) => ({ expr: firing(rule), eval_time: `${at}s`, exp_samples: [] });
      const one = (at: number) => ({
        expr: firing(rule),
        eval_time: `${at}s`,
        exp_samples: [{ labels: `ALERTS{${all.join(',')}}`, value: 1 }],
      });
      return [
        {
          name: `${rule} beyond`,
          interval: '1s',
          input_series: series(bad),
          promql_expr_test: [...(seconds > 0 ? [none(seconds - 1)] : []), one(seconds + from + 1)],
        },
        {
          name: `${rule} on`,
          interval: '1s',
          input_series: series(good),
          promql_expr_test: [none(seconds + 1), none(seconds + 120)],
        },
      ];
    });
    const file = join(dir, 'test.yml');
    writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1s', tests }));
    expect(parse(prometheusRulesFile(TABLE))).toHaveProperty('groups');
    expect(promtool('test', 'rules', file)).toBe('');
  });
});

describe('the Grafana dashboard', () => {
  const dashboard = JSON.parse(JSON.stringify(grafanaDashboard())) as {
    readonly panels: readonly {
      readonly id: number;
      readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
      readonly targets?: readonly { readonly expr: string }[];
    }[];
  };
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it('asks for families that there are, and puts no panel over another', () => {
    const known = new Set([...Object.keys(STRATEGY_FAMILIES), ...Object.keys(DAEMON_FAMILIES)]);
    for (const expr of queries)
      for (const [name] of expr.matchAll(/\bqkt_[a-z_0-9]+/g))
        expect(known.has(name) || known.has(name.replace(/_bucket$/, '')), name).toBe(true);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it.skipIf(!hasPrometheus)('asks what Prometheus understands (skipped without Debian’s prometheus)', () => {
    const rules = queries.map((expr, n) => ({ record: `panel:${n}`, expr: expr.replaceAll('$strategy', '.*') }));
    const file = join(inTemp(), 'rules.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool('check', 'rules', file)).toBe('');
  });
});
