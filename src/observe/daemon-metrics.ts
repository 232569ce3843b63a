/** The daemon's figures as its control port tells them: one pure projection of one snapshot. */
import {
  GATEWAY_STATES,
  HALT_RULES,
  OTHER,
  REJECTION_REASONS,
  type AlertMetrics,
  type DaemonMetrics,
  type StrategyRowMetrics,
} from '../domain/metrics.ts';
import { STRATEGY_STATES } from '../domain/strategy-states.ts';
import { LOG_LEVELS } from './log-line.ts';
import { DAEMON_FAMILIES as F } from './metric-families.ts';
import { MetricsText, type MetricsForm } from './metrics-text.ts';
import { inSeconds, secondsOf, tally, type MetricsPage } from './strategy-metrics.ts';

/** While they are not open. */
const NO_ALERTS: AlertMetrics = { active: [], notifications: [], lastDelivery: {} };

type Rows = readonly StrategyRowMetrics[];

export function daemonMetricsText(metrics: DaemonMetrics, form: MetricsForm): MetricsPage {
  const text = new MetricsText(form, { tellsEmpty: true });
  writeProcess(text, metrics);
  writeStrategies(text, metrics.strategies);
  writeLeases(text, metrics.strategies);
  writeAccounts(text, metrics);
  writeOrders(text, metrics.strategies);
  writeGateways(text, metrics);
  writeAlerts(text, metrics.alerts ?? NO_ALERTS);
  writeOwn(text, metrics);
  writeHttp(text, metrics);
  return { text: text.end(), dropped: text.dropped };
}

function writeProcess(text: MetricsText, { version, node, process, healthy, checks }: DaemonMetrics): void {
  text.family(F.qkt_build_info).add(1, version, node);
  for (const [name, value] of Object.entries(process)) text.family(F[name as keyof typeof F]).add(value);
  text.family(F.qkt_daemon_healthy).add(healthy ? 1 : 0);
  text.family(F.qkt_daemon_check_passing);
  for (const [check, ok] of Object.entries(checks)) text.add(ok ? 1 : 0, check);
}

function writeStrategies(text: MetricsText, rows: Rows): void {
  text.family(F.qkt_strategy_info);
  for (const { strategy, definition, version, account } of rows)
    text.add(1, strategy, definition, String(version), account);
  text.family(F.qkt_strategy_desired_running);
  for (const { strategy, desiredRunning } of rows) text.add(desiredRunning ? 1 : 0, strategy);
  text.family(F.qkt_strategy_state);
  for (const { strategy, state } of rows)
    for (const each of STRATEGY_STATES) text.add(each === state ? 1 : 0, strategy, each);
  text.family(F.qkt_strategy_halted);
  for (const { strategy, haltRules } of rows) {
    const inForce = tally(Object.fromEntries(haltRules.map((rule) => [rule, 1])), HALT_RULES);
    for (const [rule, count] of inForce) text.add(count > 0 ? 1 : 0, strategy, rule);
  }
  text.family(F.qkt_strategy_restarts_total);
  for (const { strategy, counts } of rows) text.add(counts.restarts, strategy);
}

function writeLeases(text: MetricsText, rows: Rows): void {
  text.family(F.qkt_lease_ok);
  for (const { strategy, leases } of rows) for (const { name, ok } of leases) text.add(ok ? 1 : 0, strategy, name);
  text.family(F.qkt_lease_age_seconds);
  for (const { strategy, leases } of rows)
    for (const { name, ageMs } of leases) text.add(inSeconds(ageMs), strategy, name);
}

function writeAccounts(text: MetricsText, { accounts }: DaemonMetrics): void {
  text.family(F.qkt_account_equity);
  for (const { account, currency, equity } of accounts) text.add(equity, account, currency);
  text.family(F.qkt_account_balance);
  for (const { account, currency, balance } of accounts) text.add(balance, account, currency);
  text.family(F.qkt_account_equity_index);
  for (const { account, currency, index } of accounts) text.add(index, account, currency);
}

function writeOrders(text: MetricsText, rows: Rows): void {
  text.family(F.qkt_orders_submitted_total);
  for (const { strategy, account, counts } of rows) text.add(counts.submitted, account, strategy);
  text.family(F.qkt_orders_rejected_total);
  for (const { strategy, account, venueType, counts } of rows)
    for (const [reason, count] of tally(counts.rejected, REJECTION_REASONS[venueType]))
      text.add(count, account, strategy, reason);
}

function writeGateways(text: MetricsText, { gateways }: DaemonMetrics): void {
  text.family(F.qkt_gateway_up);
  for (const { name, state } of gateways) text.add(state === 'ready' ? 1 : 0, name);
  text.family(F.qkt_gateway_state);
  for (const { name, state } of gateways)
    for (const [each, count] of tally({ [state]: 1 }, GATEWAY_STATES)) text.add(count, name, each);
  text.family(F.qkt_gateway_probe_duration_seconds);
  for (const { name, probeMs } of gateways) text.add(inSeconds(probeMs), name);
  text.family(F.qkt_gateway_last_success_timestamp_seconds);
  for (const { name, lastGood } of gateways) text.add(secondsOf(lastGood), name);
}

function writeAlerts(text: MetricsText, { active, notifications, lastDelivery }: AlertMetrics): void {
  text.family(F.qkt_alert_active);
  for (const { alertname, severity, strategy } of active) text.add(1, alertname, severity, strategy);
  text.family(F.qkt_alert_notifications_total);
  for (const { channel, outcome, count } of notifications) text.add(count, channel, outcome);
  text.family(F.qkt_alert_last_delivery_timestamp_seconds);
  for (const [channel, ts] of Object.entries(lastDelivery)) text.add(inSeconds(ts), channel);
}

function writeOwn(text: MetricsText, metrics: DaemonMetrics): void {
  text.family(F.qkt_event_subscribers).add(metrics.eventSubscribers);
  text.family(F.qkt_event_subscribers_dropped_total);
  for (const [reason, count] of Object.entries(metrics.http.cutReaders)) text.add(count, reason);
  text.family(F.qkt_log_lines_total);
  for (const [level, count] of tally(metrics.logLines, LOG_LEVELS)) if (level !== OTHER) text.add(count, level);
  text.family(F.qkt_log_dropped_lines_total);
  for (const [reason, count] of Object.entries(metrics.logDropped)) text.add(count, reason);
  text.family(F.qkt_journal_sync_seconds).histogram(metrics.journalSync);
  text.family(F.qkt_event_loop_delay_seconds).histogram(metrics.eventLoopDelay);
  text.family(F.qkt_state_dir_free_bytes).add(metrics.stateDirFreeBytes);
}

function writeHttp(text: MetricsText, { http }: DaemonMetrics): void {
  text.family(F.qkt_http_requests_total);
  for (const [route, codes] of Object.entries(http.requests))
    for (const [code, count] of Object.entries(codes)) text.add(count, route, code);
  text.family(F.qkt_http_refused_total);
  for (const [reason, count] of Object.entries(http.refused)) text.add(count, reason);
  text.family(F.qkt_metrics_dropped_series_total);
  for (const [endpoint, count] of Object.entries(http.droppedSeries)) text.add(count, endpoint);
}
