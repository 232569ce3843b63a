/** A strategy's figures as its own port tells them: one pure projection of one snapshot. */
import { Decimal } from '../domain/decimal.ts';
import { OTHER, ORDER_STAGES, type Counts, type StrategyMetrics } from '../domain/metrics.ts';
import type { HeadroomView } from '../domain/risk-views.ts';
import { STAGES } from '../risk/stages.ts';
import { STRATEGY_FAMILIES as F } from './metric-families.ts';
import { MetricsText, type MetricsForm } from './metrics-text.ts';

const OUTCOMES = ['order', ...STAGES.map(({ code }) => code)];

export interface MetricsPage {
  readonly text: string;
  /** Series that were left out. */
  readonly dropped: number;
}

export function strategyMetricsText(metrics: StrategyMetrics, form: MetricsForm): MetricsPage {
  const text = new MetricsText(form);
  writeMoney(text, metrics);
  writeTrading(text, metrics);
  writeMarket(text, metrics);
  writeRisk(text, metrics);
  writeTimes(text, metrics);
  return { text: text.end(), dropped: text.dropped };
}

function writeMoney(text: MetricsText, { strategy, account, status }: StrategyMetrics): void {
  const { equity, balance, realized, unrealized, currency } = status;
  text.family(F.qkt_equity).add(equity, strategy, account, currency);
  text.family(F.qkt_balance).add(balance, strategy, account, currency);
  text.family(F.qkt_realized_pnl).add(realized, strategy, account, currency);
  text.family(F.qkt_unrealized_pnl).add(unrealized, strategy, account, currency);
}

function writeTrading(text: MetricsText, metrics: StrategyMetrics): void {
  const { strategy, status, counts } = metrics;
  text.family(F.qkt_trades_total).add(counts.trades, strategy);
  text.family(F.qkt_signals_total).add(counts.signals, strategy);
  text.family(F.qkt_high_slippage_trades_total).add(counts.highSlippageTrades, strategy);
  const lastTrade = status.trades.at(-1);
  text.family(F.qkt_last_trade_timestamp_seconds).add(secondsOf(lastTrade?.ts), strategy);
  text.family(F.qkt_evaluations_total);
  text.add(metrics.quietEvaluations, strategy, 'noSignal');
  for (const [outcome, count] of tally(counts.outcomes, OUTCOMES)) text.add(count, strategy, outcome);
}

function writeMarket(text: MetricsText, metrics: StrategyMetrics): void {
  const { strategy, symbols, status } = metrics;
  text.family(F.qkt_last_tick_timestamp_seconds);
  for (const { symbol, lastTickTs } of symbols) text.add(inSeconds(lastTickTs), strategy, symbol);
  text.family(F.qkt_loop_heartbeat_timestamp_seconds).add(inSeconds(metrics.heartbeatTs), strategy);
  text.family(F.qkt_session_open).add(metrics.inSession ? 1 : 0, strategy);
  text.family(F.qkt_open_seconds_since_last_trade).add(inSeconds(metrics.quietMs), strategy);
  const expected = inSeconds(metrics.expectedTradeIntervalMs);
  text.family(F.qkt_expected_trade_interval_seconds).add(expected, strategy);
  text.family(F.qkt_ticks_total);
  for (const { symbol, ticks } of symbols) if (symbol !== OTHER) text.add(ticks, strategy, symbol);
  text.family(F.qkt_dropped_ticks_total);
  for (const { symbol, dropped } of symbols) text.add(dropped, strategy, symbol);
  text.family(F.qkt_position_qty);
  for (const { symbol, qty } of status.positions) text.add(qty, strategy, symbol);
  const held = new Set(status.positions.map(({ symbol }) => symbol));
  for (const { symbol } of symbols) if (symbol !== OTHER && !held.has(symbol)) text.add(0, strategy, symbol);
}

function writeRisk(text: MetricsText, { strategy, status, exposure }: StrategyMetrics): void {
  text.family(F.qkt_pending_stack_layers).add(status.pendingStackLayers.length, strategy);
  text.family(F.qkt_drawdown_ratio).add(status.riskState.drawdown, strategy);
  text.family(F.qkt_exposure_ratio).add(exposure, strategy);
  text.family(F.qkt_risk_headroom_ratio);
  for (const [rule, share] of headroomLeft(status.riskState.headroom)) text.add(share, strategy, rule);
}

function writeTimes(text: MetricsText, { strategy, counts, tickProcessing }: StrategyMetrics): void {
  text.family(F.qkt_tick_processing_seconds).histogram(tickProcessing, strategy);
  text.family(F.qkt_order_latency_seconds);
  for (const stage of ORDER_STAGES) text.histogram(counts.latency[stage], strategy, stage);
  text.family(F.qkt_slippage_ratio).histogram(counts.slippage, strategy);
  text.family(F.qkt_price_improvement_ratio).histogram(counts.improvement, strategy);
}

/** By rule what is left of its limit, as a share; of several rules of a name the least, and nothing while one is unknown. */
function headroomLeft(rows: readonly HeadroomView[]): ReadonlyMap<string, Decimal | null> {
  const left = new Map<string, Decimal | null>();
  for (const { rule, limit, remaining } of rows) {
    const share = remaining === null || limit.sign() <= 0 ? null : remaining.dividedBy(limit);
    const known = left.get(rule);
    if (known === undefined) left.set(rule, share);
    else left.set(rule, known === null || share === null ? null : Decimal.min(known, share));
  }
  return left;
}

/** Counts by a key of a closed set: all of them from the start, and what is none of them together as `other`. */
export function tally(counts: Counts, known: readonly string[]): ReadonlyMap<string, number> {
  const out = new Map([...known, OTHER].map((name) => [name, 0]));
  for (const name in counts) {
    const as = out.has(name) ? name : OTHER;
    out.set(as, out.get(as)! + counts[name]!);
  }
  return out;
}

export const inSeconds = (ms: number | null | undefined): number | undefined =>
  ms === null || ms === undefined ? undefined : ms / 1000;

/** Of an ISO time. */
export const secondsOf = (time: string | null | undefined): number | undefined =>
  time === null || time === undefined ? undefined : Date.parse(time) / 1000;
