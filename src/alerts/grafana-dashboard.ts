/** A Grafana dashboard over the metrics: what the alert table looks at, row by row. */
import { ALERT_RULES } from './rules.ts';

interface Panel {
  readonly title: string;
  readonly kind: 'timeseries' | 'stat' | 'table';
  /** Expressions with the legend of each. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  readonly unit?: string;
  readonly width?: number;
}
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const S = '{strategy=~"$strategy"}';

const ROWS: readonly Row[] = [
  {
    title: 'Now',
    panels: [
      { title: 'Daemon', kind: 'stat', queries: [['qkt_daemon_healthy', 'healthy']], width: 4 },
      {
        title: 'Strategies that should run',
        kind: 'stat',
        queries: [['sum(qkt_strategy_desired_running)', '']],
        width: 4,
      },
      {
        title: 'Halted',
        kind: 'stat',
        queries: [['count(max by (strategy) (qkt_strategy_halted) == 1) or vector(0)', '']],
        width: 4,
      },
      {
        title: 'Firing, as the daemon sees it',
        kind: 'table',
        queries: [['qkt_alert_active', '{{alertname}} {{strategy}}']],
        width: 12,
      },
    ],
  },
  {
    title: 'Money',
    panels: [
      { title: 'Equity', kind: 'timeseries', queries: [[`qkt_equity${S}`, '{{strategy}}']] },
      {
        title: 'Account index against its highest of the hour',
        kind: 'timeseries',
        queries: [['qkt_account_equity_index / max_over_time(qkt_account_equity_index[1h])', '{{account}}']],
        unit: 'percentunit',
      },
      {
        title: 'Drawdown',
        kind: 'timeseries',
        queries: [[`qkt_drawdown_ratio${S}`, '{{strategy}}']],
        unit: 'percentunit',
      },
      {
        title: 'Headroom of halt rules',
        kind: 'timeseries',
        queries: [[`qkt_risk_headroom_ratio${S}`, '{{strategy}} {{rule}}']],
        unit: 'percentunit',
      },
    ],
  },
  {
    title: 'Orders',
    panels: [
      {
        title: 'Trades in 5 min',
        kind: 'timeseries',
        queries: [[`increase(qkt_trades_total${S}[5m])`, '{{strategy}}']],
      },
      {
        title: 'Rejected share over 15 min',
        kind: 'timeseries',
        queries: [
          [
            `sum by (strategy) (increase(qkt_orders_rejected_total${S}[15m])) / sum by (strategy) (increase(qkt_orders_submitted_total${S}[15m]))`,
            '{{strategy}}',
          ],
        ],
        unit: 'percentunit',
      },
      {
        title: 'Order latency, 99th percentile',
        kind: 'timeseries',
        queries: [
          [
            `histogram_quantile(0.99, sum by (le, stage) (rate(qkt_order_latency_seconds_bucket${S}[5m])))`,
            '{{stage}}',
          ],
        ],
        unit: 's',
      },
      {
        title: 'Open market since the last trade',
        kind: 'timeseries',
        queries: [[`qkt_open_seconds_since_last_trade${S}`, '{{strategy}}']],
        unit: 's',
      },
    ],
  },
  {
    title: 'Machinery',
    panels: [
      { title: 'Gateways ready', kind: 'timeseries', queries: [['qkt_gateway_up', '{{gateway}}']] },
      {
        title: 'Leases that are broken',
        kind: 'timeseries',
        queries: [[`qkt_lease_ok${S} == 0`, '{{strategy}} {{lease}}']],
      },
      {
        title: 'Journal sync, 99th percentile',
        kind: 'timeseries',
        queries: [['histogram_quantile(0.99, sum by (le) (rate(qkt_journal_sync_seconds_bucket[5m])))', '']],
        unit: 's',
      },
      {
        title: 'Free on the state disk',
        kind: 'timeseries',
        queries: [['qkt_state_dir_free_bytes', '']],
        unit: 'bytes',
      },
      {
        title: 'Messages of alerts',
        kind: 'timeseries',
        queries: [['increase(qkt_alert_notifications_total[1h])', '{{channel}} {{outcome}}']],
      },
    ],
  },
];

const COLUMNS = 24;
const HEIGHT = 8;
const SCHEMA_VERSION = 38;

/** As Grafana imports it; it asks for the data source. */
export function grafanaDashboard(): object {
  return {
    title: 'qkt',
    uid: 'qkt',
    tags: ['qkt'],
    schemaVersion: SCHEMA_VERSION,
    refresh: '10s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    __inputs: [
      {
        name: 'DS_PROMETHEUS',
        label: 'Prometheus',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    templating: {
      list: [
        {
          name: 'strategy',
          type: 'query',
          datasource: SOURCE,
          query: 'label_values(qkt_strategy_info, strategy)',
          includeAll: true,
          multi: true,
          refresh: 2,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    annotations: {
      list: [
        {
          name: 'Alerts',
          datasource: SOURCE,
          enable: true,
          iconColor: 'red',
          expr: `ALERTS{alertstate="firing",alertname=~"${ALERT_RULES.map(({ id }) => id).join('|')}"}`,
          titleFormat: '{{alertname}}',
          textFormat: '{{severity}} {{strategy}}',
        },
      ],
    },
    panels: panels(),
  };
}

const SOURCE = { type: 'prometheus', uid: '${DS_PROMETHEUS}' };

function panels(): readonly object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels: row } of ROWS) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const panel of row) {
      const w = panel.width ?? COLUMNS / 2;
      if (x + w > COLUMNS) {
        x = 0;
        y += HEIGHT;
      }
      placed.push({ id: placed.length + 1, ...drawn(panel), gridPos: { h: HEIGHT, w, x, y } });
      x += w;
    }
    y += HEIGHT;
  }
  return placed;
}

function drawn({ title, kind, queries, unit }: Panel): object {
  return {
    type: kind,
    title,
    datasource: SOURCE,
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: SOURCE,
      expr,
      legendFormat,
      ...(kind === 'table' && { instant: true, format: 'table' }),
    })),
    fieldConfig: { defaults: unit === undefined ? {} : { unit }, overrides: [] },
  };
}
