/** The rules about gateways, accounts, and the daemon and its disk. */
import { dec } from '../domain/decimal.ts';
import * as look from './looks-daemon.ts';
import type { AlertRule } from './rule.ts';
import { promDuration } from './spans.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const CERTAIN = { forMs: 0, keepFiringMs: 0, withinMs: 0, missing: 'keep', inhibits: [] } as const;

export const DAEMON_RULES: readonly AlertRule[] = [
  {
    ...CERTAIN,
    id: 'daemon_down',
    scope: 'outside',
    severity: 'P1',
    condition: '`/daemon/health` is not 200, as seen from outside: by `qkt watchdog`, or by Prometheus',
    forMs: 30 * SECOND,
    missing: 'fire',
    inputs: ['health'],
    command: 'qkt doctor',
    prometheus: { expr: () => 'qkt_daemon_healthy == 0 or up{job="qkt"} == 0' },
  },
  {
    ...CERTAIN,
    id: 'book_equity_drop',
    scope: 'account',
    severity: 'P1',
    condition: 'aggregate equity of an account under its highest in 1 h; what comes or goes with a strategy is no loss',
    limit: { value: dec('0.05'), of: 'share of the highest', isShare: true },
    inputs: ['index', 'highest'],
    command: 'qkt halt --all --reason "the book is losing"',
    prometheus: {
      expr: (_select, limit, { high }) =>
        `qkt_account_equity_index < (1 - ${limit}) * max_over_time(qkt_account_equity_index[${promDuration(high)}])`,
    },
    look: look.bookEquityDrop,
  },
  {
    ...CERTAIN,
    id: 'gateway_down',
    scope: 'gateway',
    severity: 'P2',
    condition: "the gateway's `/health` or `/health/ready` is not 200: it is not ready",
    forMs: 15 * SECOND,
    keepFiringMs: MINUTE,
    missing: 'fire',
    inhibits: ['stale_feed', 'rejection_rate', 'no_trades', 'unprotected_position'],
    inputs: ['state', 'failingLink', 'cause'],
    command: 'qkt gateways',
    prometheus: { expr: () => 'qkt_gateway_up == 0' },
    look: look.gatewayDown,
  },
  {
    ...CERTAIN,
    id: 'journal_failed',
    scope: 'daemon',
    severity: 'P1',
    condition: 'the journal cannot be written, so entries are closed',
    keepFiringMs: MINUTE,
    inhibits: ['journal_slow'],
    inputs: ['journalOk', 'reason'],
    command: 'qkt doctor',
    prometheus: { expr: () => 'qkt_daemon_check_passing{check="journal"} == 0' },
    look: look.journalFailed,
  },
  {
    ...CERTAIN,
    id: 'disk_low',
    scope: 'daemon',
    severity: 'P2',
    condition: 'the state disk has less free than a share of it, or than 1 GiB',
    limit: { value: dec('0.05'), of: 'share of the disk', isShare: true },
    forMs: MINUTE,
    keepFiringMs: MINUTE,
    inputs: ['freeBytes', 'diskBytes'],
    command: 'qkt doctor',
    prometheus: {
      expr: () => `qkt_state_dir_free_bytes < ${look.LEAST_FREE_BYTES} or qkt_alert_active{alertname="disk_low"} == 1`,
    },
    look: look.diskLow,
  },
  {
    ...CERTAIN,
    id: 'journal_slow',
    scope: 'daemon',
    severity: 'P2',
    condition: "the 99th percentile of the journal's syncs over 5 min",
    limit: { value: dec('0.1'), of: 'seconds' },
    forMs: MINUTE,
    keepFiringMs: MINUTE,
    inputs: ['syncP99', 'slowSyncShare'],
    command: 'qkt doctor',
    prometheus: {
      expr: (_select, limit, { syncs }) =>
        `histogram_quantile(0.99, sum by (le) (rate(qkt_journal_sync_seconds_bucket[${promDuration(syncs)}]))) > ${limit}`,
    },
    look: look.journalSlow,
  },
];
