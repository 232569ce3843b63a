/** The rules about strategies. Numbers are those of the alert table in `docs/alerts.md`, which a test compares. */
import { dec } from '../domain/decimal.ts';
import * as look from './looks-strategy.ts';
import type { AlertRule } from './rule.ts';
import { promDuration, SPANS } from './spans.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const select = (matcher: string, ...more: readonly string[]): string => {
  const matchers = [...more, ...(matcher === '' ? [] : [matcher])];
  return matchers.length === 0 ? '' : `{${matchers.join(',')}}`;
};

/** While it works through quotes: one that was stopped goes on having leases and limits for a while. */
const whileLive = (matcher: string): string => {
  const states = 'state=~"warming|trading|halting|halted"';
  return `and on (strategy) max by (strategy) (qkt_strategy_state${select(matcher, states)}) == 1`;
};

/** For what only the engine can see: it tells Prometheus through a series of its own. */
const seenByEngine = (id: string) => ({
  expr: (matcher: string): string => `max by (strategy) (qkt_alert_active${select(matcher, `alertname="${id}"`)}) == 1`,
  forMs: 0,
});

const CERTAIN = { scope: 'strategy', forMs: 0, keepFiringMs: 0, withinMs: 0, missing: 'keep', inhibits: [] } as const;

export const STRATEGY_RULES: readonly AlertRule[] = [
  {
    ...CERTAIN,
    id: 'strategy_down',
    severity: 'P1',
    condition: 'a strategy that should be running: `/health` is not 200, or does not answer',
    forMs: 60 * SECOND,
    keepFiringMs: 30 * SECOND,
    missing: 'fire',
    inhibits: ['no_trades'],
    inputs: ['state', 'shouldRun', 'healthy'],
    command: 'qkt status <target>',
    prometheus: {
      expr: (m) =>
        `qkt_strategy_desired_running${select(m)} == 1 and on (strategy) qkt_lease_ok${select(m, 'lease="tickLoop"')} == 0`,
    },
    look: look.down,
  },
  {
    ...CERTAIN,
    id: 'strategy_halted',
    severity: 'P1',
    condition: '`riskState.halted`',
    inhibits: ['no_trades'],
    inputs: ['causes'],
    command: 'qkt resume <target> --dry-run',
    prometheus: { expr: (m) => `max by (strategy) (qkt_strategy_halted${select(m)}) == 1` },
    look: look.halted,
  },
  {
    ...CERTAIN,
    id: 'strategy_failed',
    severity: 'P1',
    condition: 'the restart budget is spent',
    keepFiringMs: MINUTE,
    inhibits: ['strategy_down', 'stale_feed', 'no_trades'],
    inputs: ['state', 'restarts', 'latched'],
    command: 'qkt start <target>',
    prometheus: { expr: (m) => `max by (strategy) (qkt_strategy_state${select(m, 'state="failed"')}) == 1` },
    look: look.failed,
  },
  {
    ...CERTAIN,
    id: 'equity_floor',
    severity: 'P2',
    condition: 'equity below a set share of the starting balance',
    limit: { value: dec('0.95'), of: 'share of the starting balance', isShare: true },
    inputs: ['equity', 'startingBalance'],
    command: 'qkt status <target>',
    prometheus: {
      expr: (m, limit) =>
        `qkt_equity${select(m)} < ${limit} * (qkt_balance${select(m)} - qkt_realized_pnl${select(m)})`,
    },
    look: look.equityFloor,
  },
  {
    ...CERTAIN,
    id: 'no_trades',
    severity: 'P2',
    condition: 'no trade for longer than `expectTradesEvery`, counted in market sessions; off unless that is set',
    withinMs: 2 * MINUTE,
    inputs: ['quietSeconds', 'expectTradesEvery', 'tradesTotal'],
    command: 'qkt why <target>',
    prometheus: {
      expr: (m) =>
        `qkt_open_seconds_since_last_trade${select(m)} > on (strategy) qkt_expected_trade_interval_seconds${select(m)} ${whileLive(m)}`,
    },
    look: look.noTrades,
  },
  {
    ...CERTAIN,
    id: 'rejection_rate',
    severity: 'P2',
    condition: 'venue rejections of all orders over 15 min, of at least 10 orders',
    limit: { value: dec('0.05'), of: 'share of the orders', isShare: true },
    forMs: 30 * SECOND,
    keepFiringMs: MINUTE,
    inputs: ['submitted', 'rejected'],
    command: 'qkt why <target>',
    prometheus: {
      expr: (m, limit, { rejections }) => {
        const over = (family: string): string =>
          `sum by (strategy) (increase(${family}${select(m)}[${promDuration(rejections)}]))`;
        const submitted = over('qkt_orders_submitted_total');
        return `${over('qkt_orders_rejected_total')} / ${submitted} > ${limit} and round(${submitted}) >= ${look.LEAST_ORDERS}`;
      },
    },
    look: look.rejectionRate,
  },
  {
    ...CERTAIN,
    id: 'halt_incomplete',
    severity: 'P1',
    condition: 'entries of a halted strategy still work after the deadline for cancelling them',
    inputs: ['haltLeft'],
    command: 'qkt kill <target>',
    prometheus: seenByEngine('halt_incomplete'),
    look: look.haltIncomplete,
  },
  {
    ...CERTAIN,
    id: 'flatten_failed',
    severity: 'P1',
    condition: 'positions are open that a flatten was to close',
    inputs: ['flattenLeft'],
    command: 'qkt stop <target> --flatten',
    prometheus: seenByEngine('flatten_failed'),
    look: look.flattenFailed,
  },
  {
    ...CERTAIN,
    id: 'order_unknown',
    severity: 'P1',
    condition: "the venue's answer to an order was lost, and has not been found",
    forMs: MINUTE,
    inputs: ['unknownOrders'],
    command: 'qkt status <target> --deep',
    prometheus: seenByEngine('order_unknown'),
    look: look.orderUnknown,
  },
  {
    ...CERTAIN,
    id: 'book_mismatch',
    severity: 'P1',
    condition: "the venue's book and ours differ",
    inputs: ['mismatches'],
    command: 'qkt gateways',
    prometheus: seenByEngine('book_mismatch'),
    look: look.bookMismatch,
  },
  {
    ...CERTAIN,
    id: 'stop_not_fired',
    severity: 'P1',
    condition: "the mark is beyond an open position's stop",
    forMs: MINUTE,
    inputs: ['positions'],
    command: 'qkt stop <target> --flatten',
    prometheus: seenByEngine('stop_not_fired'),
    look: look.stopNotFired,
  },
  {
    ...CERTAIN,
    id: 'stale_feed',
    severity: 'P2',
    condition: 'a symbol silent past its limit in session',
    forMs: 30 * SECOND,
    keepFiringMs: 30 * SECOND,
    inputs: ['stale', 'dataAge'],
    command: 'qkt health <target>',
    prometheus: {
      expr: (m) => `min by (strategy) (qkt_lease_ok${select(m, 'lease=~"feed:.*"')}) == 0 ${whileLive(m)}`,
    },
    look: look.staleFeed,
  },
  {
    ...CERTAIN,
    id: 'headroom_low',
    severity: 'P2',
    condition: "used share of a halt rule's limit",
    limit: { value: dec('0.8'), of: "share of the rule's limit", isShare: true },
    keepFiringMs: MINUTE,
    inputs: ['headroom'],
    command: 'qkt risk <target>',
    prometheus: {
      expr: (m, limit) => `min by (strategy) (qkt_risk_headroom_ratio${select(m)}) < 1 - ${limit} ${whileLive(m)}`,
    },
    look: look.headroomLow,
  },
  {
    ...CERTAIN,
    id: 'unprotected_position',
    severity: 'P2',
    condition: 'an open position without a stop for 5 min, or losing more than a share of the starting balance for 4 h',
    limit: { value: dec('0.02'), of: 'share of the starting balance', isShare: true },
    withinMs: SPANS.bare,
    inputs: ['positions'],
    command: 'qkt stop <target> --flatten',
    prometheus: seenByEngine('unprotected_position'),
    look: look.unprotectedPosition,
  },
  {
    ...CERTAIN,
    id: 'high_slippage',
    severity: 'P3',
    condition:
      "an entry's fill price differs from its signal price, either way, by more than `highSlippage`; off unless that is set",
    missing: 'ok',
    inputs: ['highSlippage', 'lastTrades'],
    command: 'qkt export <target>',
    prometheus: {
      expr: (m, _limit, { slippage }) =>
        `increase(qkt_high_slippage_trades_total${select(m)}[${promDuration(slippage)}]) > 0`,
    },
    look: look.highSlippage,
  },
];
