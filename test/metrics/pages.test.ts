/** The pages of metrics over HTTP, on figures that the test sets. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { HALT_RULES } from '../../src/domain/metrics.ts';
import { STRATEGY_STATES } from '../../src/domain/strategy-states.ts';
import { daemonMetricsText } from '../../src/observe/daemon-metrics.ts';
import { DAEMON_FAMILIES, STRATEGY_FAMILIES } from '../../src/observe/metric-families.ts';
import { strategyMetricsText } from '../../src/observe/strategy-metrics.ts';
import { STAGES } from '../../src/risk/stages.ts';
import { COUNTS, daemonMetrics, histogramOf, rowMetrics, strategyMetrics } from '../doubles/metrics.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { call, serveControl, serveStrategy } from '../http/support.ts';
import { readMetrics, valueOf } from './conformance.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
/** As Prometheus 2.42 asks. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

const status = new ScriptedStrategy().statusView;

describe("a strategy's metrics", () => {
  it.each(['/metrics', '/status?format=prometheus'])(
    'at %s are Prometheus text of the figures of /status',
    async (path) => {
      const { port } = await serveStrategy();
      const answer = await call(port, path);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, TEXT]);
      const page = readMetrics(answer.text);
      expect(page.problems).toEqual([]);
      expect(answer.text).toContain('qkt_equity{strategy="ema-cross",account="paper",currency="USD"} 9997.6\n');
      expect(valueOf(page, 'qkt_trades_total', { strategy: 'ema-cross' })).toBe(1);
      expect(page.samples.every(({ labels }) => labels['strategy'] === 'ema-cross')).toBe(true);
    },
  );

  it('are the same on the control plane', async () => {
    const { port } = await serveControl();
    for (const path of ['metrics', 'status?format=prometheus']) {
      const answer = await call(port, `/daemon/strategies/ema-cross/${path}`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, TEXT]);
      expect(answer.text).toContain('qkt_equity{strategy="ema-cross"');
    }
    expect((await call(port, '/daemon/strategies/nobody/metrics')).status).toBe(404);
  });

  it('are 200 whatever the health, and take no parameter', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.healthView = { ...strategy.healthView, ok: false, status: 'crashed', broken: ['tickLoop'] };
    strategy.statusView = { ...strategy.statusView, state: 'crashed' };
    expect((await call(port, '/metrics')).status).toBe(200);
    expect((await call(port, '/metrics?format=prometheus')).status).toBe(400);
    expect((await call(port, '/metrics', { method: 'HEAD' })).headers['content-type']).toBe(TEXT);
  });

  it.each([
    [undefined, TEXT],
    ['*/*', TEXT],
    ['text/plain', TEXT],
    ['application/json', TEXT],
    [PROMETHEUS, OPENMETRICS],
    ['application/openmetrics-text', OPENMETRICS],
    ['application/openmetrics-text; version=1.0.0', OPENMETRICS],
    ['application/openmetrics-text;version=1.0.0,*/*;q=0.1', OPENMETRICS],
    ['application/openmetrics-text;q=0.3,text/plain;q=0.4', TEXT],
    ['application/openmetrics-text;version=0.0.1', TEXT],
    ['application/openmetrics-text, text/plain', TEXT],
  ])('for the Accept header %s have the type %s', async (accept, type) => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/metrics', { headers: accept === undefined ? {} : { accept } });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(readMetrics(answer.text, type === TEXT ? 'prometheus' : 'openmetrics').problems).toEqual([]);
  });

  it('leave out what is not known, and are not zero then', () => {
    const unknown = { ...status, equity: null, unrealized: null };
    const riskState = { ...status.riskState, drawdown: null };
    const symbols = [{ symbol: 'EURUSD', ticks: 0, dropped: 0 }];
    const change = { exposure: null, symbols };
    const page = readMetrics(
      strategyMetricsText(strategyMetrics({ ...unknown, riskState }, change), 'prometheus').text,
    );
    expect(page.problems).toEqual([]);
    const absent = [
      'qkt_equity',
      'qkt_unrealized_pnl',
      'qkt_drawdown_ratio',
      'qkt_exposure_ratio',
      'qkt_last_trade_timestamp_seconds',
      'qkt_last_tick_timestamp_seconds',
      'qkt_expected_trade_interval_seconds',
    ];
    for (const name of absent) expect(page.types.has(name), name).toBe(false);
    expect(valueOf(page, 'qkt_balance')).toBe(10_000);
  });

  it('have every outcome of an evaluation from the start, and what is none of them as other', () => {
    const counts = { ...COUNTS, outcomes: { order: 3, MAX_POSITION: 1, NEW: 2, NEWER: 5 } };
    const page = readMetrics(strategyMetricsText(strategyMetrics(status, { counts }), 'prometheus').text);
    const outcomes = page.samples.filter(({ name }) => name === 'qkt_evaluations_total');
    expect(Object.fromEntries(outcomes.map(({ labels, value }) => [labels['outcome'], value]))).toEqual({
      noSignal: 808,
      ...Object.fromEntries(STAGES.map(({ code }) => [code, 0])),
      order: 3,
      MAX_POSITION: 1,
      other: 7,
    });
  });

  it('tell of halt rules of one name the one with the least left', () => {
    const row = { rule: 'maxDrawdown', limit: dec('0.05'), used: null, remainingMoney: null };
    const headroom = [
      { ...row, basis: 'peak', remaining: dec('0.04') },
      { ...row, basis: 'start', remaining: dec('0.01') },
      { ...row, rule: 'maxDailyLoss', limit: dec(300), remaining: dec(75) },
      { ...row, rule: 'maxRejections', limit: dec(5), remaining: null },
    ];
    const figures = { ...status, riskState: { ...status.riskState, headroom } };
    const page = readMetrics(strategyMetricsText(strategyMetrics(figures), 'prometheus').text);
    expect(valueOf(page, 'qkt_risk_headroom_ratio', { rule: 'maxDrawdown' })).toBe(0.2);
    expect(valueOf(page, 'qkt_risk_headroom_ratio', { rule: 'maxDailyLoss' })).toBe(0.25);
    expect(valueOf(page, 'qkt_risk_headroom_ratio', { rule: 'maxRejections' })).toBeUndefined();
  });

  it('tell of a followed symbol that is flat 0, and what could not be told of any symbol as other', () => {
    const symbols = ['EURUSD', 'GBPUSD', 'other'].map((symbol) => ({ symbol, ticks: 3, dropped: 1 }));
    const page = readMetrics(strategyMetricsText(strategyMetrics(status, { symbols }), 'prometheus').text);
    expect(valueOf(page, 'qkt_position_qty', { symbol: 'EURUSD' })).toBe(10_000);
    expect(valueOf(page, 'qkt_position_qty', { symbol: 'GBPUSD' })).toBe(0);
    expect(valueOf(page, 'qkt_position_qty', { symbol: 'other' })).toBeUndefined();
    expect(valueOf(page, 'qkt_dropped_ticks_total', { symbol: 'other' })).toBe(1);
    expect(valueOf(page, 'qkt_ticks_total', { symbol: 'other' })).toBeUndefined();
  });
});

describe("the daemon's metrics", () => {
  it.each(['/metrics', '/daemon/metrics'])('at %s are Prometheus text', async (path) => {
    const { port } = await serveControl();
    const answer = await call(port, path);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, TEXT]);
    expect(readMetrics(answer.text).problems).toEqual([]);
    expect(answer.text).toContain('qkt_build_info{version="0.1.0",node="20.20.2"} 1\n');
    expect((await call(port, path, { headers: { accept: PROMETHEUS } })).headers['content-type']).toBe(OPENMETRICS);
  });

  it('have every state and every rule of a halt, one of the states being 1', () => {
    const rows = [rowMetrics('a', { state: 'halted', haltRules: ['maxDailyLoss', 'somethingNew'] }), rowMetrics('b')];
    const page = readMetrics(daemonMetricsText(daemonMetrics([], { strategies: rows }), 'prometheus').text);
    const states = page.samples.filter(
      ({ name, labels }) => name === 'qkt_strategy_state' && labels['strategy'] === 'a',
    );
    expect(states.map(({ labels }) => labels['state'])).toEqual([...STRATEGY_STATES]);
    expect(states.filter(({ value }) => value === 1).map(({ labels }) => labels['state'])).toEqual(['halted']);
    const halts = page.samples.filter(
      ({ name, labels }) => name === 'qkt_strategy_halted' && labels['strategy'] === 'a',
    );
    expect(halts.map(({ labels }) => labels['rule'])).toEqual([...HALT_RULES, 'other']);
    expect(halts.filter(({ value }) => value === 1).map(({ labels }) => labels['rule'])).toEqual([
      'maxDailyLoss',
      'other',
    ]);
    expect(valueOf(page, 'qkt_orders_rejected_total', { strategy: 'b', reason: 'VOLUME' })).toBe(2);
    expect(valueOf(page, 'qkt_orders_rejected_total', { strategy: 'b', reason: 'NO_PRICE' })).toBe(0);
  });

  it('tell an alert, a channel and a gateway by its own figures, and leave out what a gateway does not measure', () => {
    const alerts = {
      active: [{ alertname: 'gateway_down', severity: 'P2', strategy: '' }],
      notifications: [{ channel: 'log', outcome: 'delivered', count: 2 }],
      lastDelivery: { log: 1_700_000_000_500 },
    };
    const gateways = [
      { name: 'paper', state: 'ready', lastGood: '2026-11-22T07:28:33.123Z', probeMs: null },
      { name: 'exness', state: 'down', lastGood: null, probeMs: 250 },
    ];
    const metrics = daemonMetrics(['a'], { alerts, gateways, journalSync: histogramOf(0.001), stateDirFreeBytes: 5 });
    const page = readMetrics(daemonMetricsText(metrics, 'prometheus').text);
    expect(page.problems).toEqual([]);
    expect(valueOf(page, 'qkt_alert_active', { alertname: 'gateway_down', severity: 'P2' })).toBe(1);
    expect(valueOf(page, 'qkt_alert_last_delivery_timestamp_seconds', { channel: 'log' })).toBe(1_700_000_000.5);
    expect(valueOf(page, 'qkt_gateway_up', { gateway: 'exness' })).toBe(0);
    expect(valueOf(page, 'qkt_gateway_state', { gateway: 'exness', state: 'down' })).toBe(1);
    expect(valueOf(page, 'qkt_gateway_probe_duration_seconds', { gateway: 'exness' })).toBe(0.25);
    expect(valueOf(page, 'qkt_gateway_probe_duration_seconds', { gateway: 'paper' })).toBeUndefined();
    expect(valueOf(page, 'qkt_gateway_last_success_timestamp_seconds', { gateway: 'exness' })).toBeUndefined();
  });

  it('have every family of the table, also where nothing is there yet to be told', () => {
    const { text } = daemonMetricsText(daemonMetrics([]), 'prometheus');
    const page = readMetrics(text);
    expect(page.problems).toEqual([]);
    const families = Object.keys(DAEMON_FAMILIES).filter((name) => !name.startsWith('process_'));
    expect([...page.types.keys()]).toEqual(expect.arrayContaining(families));
    expect(page.samples.some(({ name }) => name === 'qkt_gateway_probe_duration_seconds')).toBe(false);
  });

  it("have no family in common with a strategy's", () => {
    const names = new Set(Object.keys(STRATEGY_FAMILIES));
    expect(Object.keys(DAEMON_FAMILIES).filter((name) => names.has(name))).toEqual([]);
  });

  it('are cut at the cap of a family, count what was left out, and stay conformant', () => {
    const names = Array.from({ length: 900 }, (_, index) => `s${index}`);
    const { text, dropped } = daemonMetricsText(daemonMetrics(names), 'prometheus');
    const page = readMetrics(text);
    expect(page.problems).toEqual([]);
    expect(page.samples.filter(({ name }) => name === 'qkt_strategy_state')).toHaveLength(10_000);
    expect(dropped).toBe(900 * STRATEGY_STATES.length - 10_000 + Math.max(0, 900 * (HALT_RULES.length + 1) - 10_000));
  });
});

describe('/daemon/sd', () => {
  it("lists every strategy's port, with the path and the parameter of the scrape", async () => {
    const { port, daemon } = await serveControl();
    const answer = await call(port, '/daemon/sd');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(answer.text)).toEqual([
      {
        targets: ['127.0.0.1:47000'],
        labels: { strategy: 'ema-cross', __metrics_path__: '/status', __param_format: 'prometheus' },
      },
    ]);
    daemon.strategies.clear();
    expect((await call(port, '/daemon/sd')).text).toBe('[]');
  });

  it('tells the ports where the asker came by, where all addresses are listened on', async () => {
    const { port, token } = await serveControl({ bind: '0.0.0.0', expose: true, allowedHosts: ['box.example'] });
    const answer = await call(port, '/daemon/sd', { token, headers: { host: `box.example:${port}` } });
    expect(answer.text).toContain('"targets":["box.example:47000"]');
  });
});

describe('requests', () => {
  it('are counted by route and code, each of them from the start; refusals by why', async () => {
    const served = await serveControl();
    const { port } = served;
    const read = (): ReturnType<typeof served.counters.view> => served.counters.view();
    expect(read().requests['/daemon/list']).toEqual({ '200': 0, '400': 0, '500': 0, '503': 0, other: 0 });
    expect(read().requests['/daemon/strategies/:name/stop']).toMatchObject({ '200': 0, '202': 0, '401': 0, '504': 0 });
    await call(port, '/daemon/list');
    await call(port, '/daemon/list?x=1');
    await call(port, '/daemon/strategies/ema-cross/stop', { method: 'POST', body: {} });
    await call(port, '/nowhere');
    await call(port, '/daemon/list', { headers: { host: 'rebound.example' } });
    await call(port, '/daemon/list', { headers: { origin: 'http://page.example' } });
    const { requests, refused } = read();
    expect(requests['/daemon/list']).toMatchObject({ '200': 1, '400': 1 });
    expect(requests['/daemon/strategies/:name/stop']).toMatchObject({ '401': 1 });
    expect(requests['other']).toMatchObject({ '404': 1 });
    expect(refused).toMatchObject({ host: 1, origin: 1, token: 1, scope: 0, malformed: 0 });
  });
});
