/** Figures of a strategy and of a daemon as metrics have them, for tests that set some of them. */
import { Histogram } from '../../src/domain/histogram.ts';
import type { DaemonMetrics, StrategyMetrics, StrategyRowMetrics, TradingCounts } from '../../src/domain/metrics.ts';
import type { StatusView } from '../../src/domain/status-views.ts';
import { HttpCounters } from '../../src/http/http-counters.ts';

const AT = Date.parse('2026-11-22T07:28:33.123Z');

/** A histogram of two bounds that has seen these values. */
export function histogramOf(...values: readonly number[]) {
  const histogram = new Histogram([0.01, 1]);
  for (const value of values) histogram.observe(value);
  return histogram.view();
}

export const COUNTS: TradingCounts = {
  trades: 1,
  signals: 4,
  highSlippageTrades: 0,
  outcomes: { order: 3, MAX_POSITION: 1 },
  submitted: 3,
  rejected: { VOLUME: 2 },
  slippage: histogramOf(0),
  improvement: histogramOf(),
  latency: { ack: histogramOf(0.002), fill: histogramOf(0.02) },
  restarts: 0,
};

export function strategyMetrics(status: StatusView, change: Partial<StrategyMetrics> = {}): StrategyMetrics {
  return {
    strategy: status.strategy,
    account: 'paper',
    status,
    counts: COUNTS,
    exposure: 1.0975,
    quietEvaluations: 808,
    symbols: [{ symbol: 'EURUSD', ticks: 48_000, dropped: 2, lastTickTs: AT }],
    heartbeatTs: AT,
    inSession: true,
    quietMs: 61_500,
    tickProcessing: histogramOf(0.00001),
    ...change,
  };
}

export function rowMetrics(strategy: string, change: Partial<StrategyRowMetrics> = {}): StrategyRowMetrics {
  return {
    strategy,
    definition: strategy,
    version: 1,
    account: 'paper',
    venueType: 'paper',
    state: 'trading',
    desiredRunning: true,
    haltRules: [],
    leases: [{ name: 'tickLoop', ok: true, ageMs: 120 }],
    counts: COUNTS,
    ...change,
  };
}

export function daemonMetrics(names: readonly string[], change: Partial<DaemonMetrics> = {}): DaemonMetrics {
  return {
    version: '0.1.0',
    node: '20.20.2',
    process: { process_cpu_seconds_total: 1.5, process_open_fds: undefined },
    healthy: true,
    checks: { eventLoop: true, journal: true },
    strategies: names.map((name) => rowMetrics(name)),
    accounts: [{ account: 'paper', currency: 'USD', equity: null, balance: null, index: 1 }],
    gateways: [{ name: 'paper', state: 'ready', lastGood: '2026-11-22T07:28:33.123Z', probeMs: null }],
    eventSubscribers: 0,
    logLines: { info: 3 },
    logDropped: { file: 0, flood: 0 },
    eventLoopDelay: histogramOf(0.001),
    http: new HttpCounters().view(),
    ...change,
  };
}
