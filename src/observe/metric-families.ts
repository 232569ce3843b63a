/**
 * Every family of the metrics. The two tables have no name in common, so that scraping both never
 * doubles a sum; `docs/metrics.md` is held to them.
 */
import { TICKS_TO_A_SAMPLE } from '../domain/metrics.ts';
import type { Family } from './metrics-text.ts';

/** @param labels further ones, separated by spaces */
function table<Name extends string>(
  common: string,
  rows: Readonly<Record<Name, readonly [type: Family['type'], labels: string, help: string]>>,
): Readonly<Record<Name, Family>> {
  const families = Object.entries<readonly [Family['type'], string, string]>(rows).map(([name, [type, more, help]]) => {
    const labels = `${common} ${more}`.trim().split(/ +/);
    return [name, { name, type, help, labels: labels[0] === '' ? [] : labels }];
  });
  return Object.fromEntries(families) as Record<Name, Family>;
}

const SINCE_START = 'since the daemon started, or over starts that ended in order';

/** On a strategy's own port. */
export const STRATEGY_FAMILIES = table('strategy', {
  qkt_equity: ['gauge', 'account currency', 'Balance and unrealized profit.'],
  qkt_balance: ['gauge', 'account currency', 'Starting balance and realized profit.'],
  qkt_realized_pnl: ['gauge', 'account currency', 'Net profit of closed quantities, costs included.'],
  qkt_unrealized_pnl: ['gauge', 'account currency', 'Profit of the open positions at their marks.'],
  qkt_trades_total: ['counter', '', 'Fills, exact over restarts and crashes.'],
  qkt_signals_total: ['counter', '', 'Evaluations that asked for an order, exact over restarts and crashes.'],
  qkt_high_slippage_trades_total: [
    'counter',
    '',
    'Entries filled further from their signal price, either way, than the configured highSlippage.',
  ],
  qkt_last_trade_timestamp_seconds: ['gauge', '', 'Market time of the last trade.'],
  qkt_last_tick_timestamp_seconds: ['gauge', 'symbol', 'Market time of the last tick.'],
  qkt_loop_heartbeat_timestamp_seconds: ['gauge', '', 'Wall-clock time at which the tick loop last finished a turn.'],
  qkt_session_open: ['gauge', '', '1 while the market of any of its symbols is open.'],
  qkt_open_seconds_since_last_trade: [
    'gauge',
    '',
    'Time of open market since the last trade, or since the strategy was first deployed.',
  ],
  qkt_expected_trade_interval_seconds: ['gauge', '', 'The configured expectTradesEvery, in time of open market.'],
  qkt_ticks_total: ['counter', 'symbol', `Ticks followed, ${SINCE_START}.`],
  qkt_dropped_ticks_total: ['counter', 'symbol', `Quotes dropped as faulty, ${SINCE_START}.`],
  qkt_evaluations_total: [
    'counter',
    'outcome',
    `Evaluations by outcome: order, or the gate's code, exact over restarts and crashes; noSignal ${SINCE_START}.`,
  ],
  qkt_position_qty: ['gauge', 'symbol', 'Quantity held in venue units, negative when short.'],
  qkt_pending_stack_layers: ['gauge', '', 'Stack layers that wait for their trigger.'],
  qkt_drawdown_ratio: ['gauge', '', 'Share of its peak that equity is below it.'],
  qkt_exposure_ratio: ['gauge', '', 'Gross value of the open positions as a share of equity.'],
  qkt_risk_headroom_ratio: [
    'gauge',
    'rule',
    "What is left of a halt rule's limit as a share of it; of several rules of a name the least.",
  ],
  qkt_tick_processing_seconds: [
    'histogram',
    '',
    `Time that a tick takes the daemon's own thread; one tick in ${TICKS_TO_A_SAMPLE} is timed, ${SINCE_START}.`,
  ],
  qkt_order_latency_seconds: [
    'histogram',
    'stage',
    "From an order's way to the venue to its first answer (ack), and to a market order's first fill (fill).",
  ],
  qkt_slippage_ratio: [
    'histogram',
    '',
    'Share of the signal price by which a fill was worse than it, or 0 where it was as good.',
  ],
  qkt_price_improvement_ratio: [
    'histogram',
    '',
    'Share of the signal price by which a fill was better than it; those that were not are in qkt_slippage_ratio.',
  ],
});

/** On the control port. */
export const DAEMON_FAMILIES = table('', {
  qkt_build_info: ['gauge', 'version node', '1, with the versions of qkt and Node.'],
  process_cpu_user_seconds_total: ['counter', '', 'User CPU time spent.'],
  process_cpu_system_seconds_total: ['counter', '', 'System CPU time spent.'],
  process_cpu_seconds_total: ['counter', '', 'User and system CPU time spent.'],
  process_start_time_seconds: ['gauge', '', 'Start time of the process since the Unix epoch.'],
  process_resident_memory_bytes: ['gauge', '', 'Resident memory size.'],
  process_virtual_memory_bytes: ['gauge', '', 'Virtual memory size.'],
  process_heap_bytes: ['gauge', '', 'Heap of the main thread.'],
  process_open_fds: ['gauge', '', 'Open file descriptors.'],
  process_max_fds: ['gauge', '', 'Most open file descriptors.'],
  process_threads: ['gauge', '', 'Operating system threads.'],
  qkt_daemon_healthy: ['gauge', '', '1 while /daemon/health answers 200.'],
  qkt_daemon_check_passing: ['gauge', 'check', '1 while a lease of /daemon/health holds.'],
  qkt_strategy_info: ['gauge', 'strategy definition version account', '1, for every deployed strategy.'],
  qkt_strategy_desired_running: ['gauge', 'strategy', '1 where it is meant to run, 0 once it was stopped.'],
  qkt_strategy_state: ['gauge', 'strategy state', '1 for the state that it is in, 0 for all others.'],
  qkt_strategy_halted: ['gauge', 'strategy rule', '1 while a halt by that rule is in force.'],
  qkt_strategy_restarts_total: ['counter', 'strategy', 'Automatic restarts, exact over restarts and crashes.'],
  qkt_lease_ok: ['gauge', 'strategy lease', '1 while the lease holds.'],
  qkt_lease_age_seconds: ['gauge', 'strategy lease', 'Since the lease was renewed by finished work.'],
  qkt_account_equity: ['gauge', 'account currency', 'Sum over the strategies of an account.'],
  qkt_account_balance: ['gauge', 'account currency', 'Sum over the strategies of an account.'],
  qkt_account_equity_index: [
    'gauge',
    'account currency',
    'Time-weighted equity, 1 at the start: money that comes or goes, with a strategy too, is no profit or loss.',
  ],
  qkt_orders_submitted_total: [
    'counter',
    'venue strategy',
    'Orders sent, protective levels that a venue attaches to a position left out, exact over restarts and crashes.',
  ],
  qkt_orders_rejected_total: [
    'counter',
    'venue strategy reason',
    'Orders that the venue rejected, exact over restarts and crashes.',
  ],
  qkt_gateway_up: ['gauge', 'gateway', '1 while it is ready.'],
  qkt_gateway_state: ['gauge', 'gateway state', '1 for the state that it is in, 0 for all others.'],
  qkt_gateway_probe_duration_seconds: ['gauge', 'gateway', 'The last check of it.'],
  qkt_gateway_last_success_timestamp_seconds: ['gauge', 'gateway', 'When a check last found it in order.'],
  qkt_alert_active: ['gauge', 'alertname severity strategy', '1 while the alert fires.'],
  qkt_alert_notifications_total: [
    'counter',
    'channel outcome',
    'Notifications by what became of them; every one of them is in the log.',
  ],
  qkt_alert_last_delivery_timestamp_seconds: ['gauge', 'channel', 'When a channel last delivered.'],
  qkt_event_subscribers: ['gauge', '', 'Open streams and waiting polls, of all servers.'],
  qkt_event_subscribers_dropped_total: ['counter', 'reason', 'Readers that were cut.'],
  qkt_log_lines_total: ['counter', 'level', 'Log lines.'],
  qkt_log_dropped_lines_total: ['counter', 'reason', 'Log lines that were left out.'],
  qkt_journal_sync_seconds: ['histogram', '', 'From the begin of a write to the journal until it was on the disk.'],
  qkt_event_loop_delay_seconds: [
    'histogram',
    '',
    "How late the main thread's event loop was, looked at ten times a second.",
  ],
  qkt_state_dir_free_bytes: ['gauge', '', 'Free space on the disk of the state directory.'],
  qkt_http_requests_total: ['counter', 'route code', 'Answered requests, of all servers.'],
  qkt_http_refused_total: [
    'counter',
    'reason',
    'Requests, streams and connections that were refused: by the gate, for want of a token, or at a bound.',
  ],
  qkt_metrics_dropped_series_total: [
    'counter',
    'endpoint',
    'Series that a scrape was not told because their family had too many.',
  ],
});
