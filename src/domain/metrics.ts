/**
 * What the metrics are made of: the figures of a strategy and of the daemon at one instant, and the
 * closed sets that their labels come from. An absent or `null` figure is unknown, and has no line.
 */
import type { Decimal } from './decimal.ts';
import type { HistogramView } from './histogram.ts';
import type { GatewayView } from './gateway-views.ts';
import type { StatusView } from './status-views.ts';
import type { StrategyState } from './strategy-states.ts';

/** Stands for every label value that is not in its closed set. */
export const OTHER = 'other';

/** Stages of an order's way whose time is measured. */
export const ORDER_STAGES = ['ack', 'fill'] as const;
export type OrderStage = (typeof ORDER_STAGES)[number];

/** What a venue may reject an order for, by the type of the venue; an MT5 server says more than anybody tells apart. */
export const REJECTION_REASONS: Readonly<Record<'paper' | 'mt5', readonly string[]>> = {
  paper: ['VENUE_REJECTED', 'NO_PRICE', 'VOLUME', 'EXPIRATION', 'UNKNOWN_SYMBOL'],
  mt5: [
    'REJECT',
    'REQUOTE',
    'PRICE_OFF',
    'TIMEOUT',
    'INVALID_VOLUME',
    'INVALID_PRICE',
    'INVALID_STOPS',
    'INVALID_EXPIRATION',
    'TRADE_DISABLED',
    'MARKET_CLOSED',
    'NO_MONEY',
    'LIMIT_ORDERS',
    'LIMIT_VOLUME',
    'ABSENT',
  ],
};

/** Rules that a halt may be in force for. */
export const HALT_RULES = [
  'manual',
  'maxDrawdown',
  'maxDailyLoss',
  'maxDailyDrawdown',
  'maxLosingStreak',
  'maxRejections',
  'maxClosesPerWindow',
  'book.maxDrawdown',
  'book.maxDailyLoss',
  'UNCOMPUTABLE',
  'onHang',
  'reconciliation',
] as const;
export type HaltRuleName = (typeof HALT_RULES)[number];

export const GATEWAY_STATES = [
  'offline',
  'connecting',
  'verifying',
  'reconciling',
  'ready',
  'degraded',
  'killed',
  'down',
] as const;

/** Why a reader of events or logs was cut. */
export const READER_CUTS = ['stuck', 'failed'] as const;
export type ReaderCut = (typeof READER_CUTS)[number];

/** Why log lines were left out: their file could not be written, or an author logged too many. */
export const LOG_DROPS = ['file', 'flood'] as const;

/** Why a request, a stream or a connection was refused. */
export const HTTP_REFUSALS = [
  'host',
  'origin',
  'target',
  'token',
  'scope',
  'streams',
  'connections',
  'timeout',
  'headers',
  'body',
  'malformed',
] as const;
export type HttpRefusal = (typeof HTTP_REFUSALS)[number];

export const METRICS_ENDPOINTS = ['strategy', 'daemon'] as const;
export type MetricsEndpoint = (typeof METRICS_ENDPOINTS)[number];

export type Counts = Readonly<Record<string, number>>;

/**
 * What a strategy's trading has come to, kept in the same record as the trades themselves: after a
 * crash it is what was shown before, to the trade.
 */
export interface TradingCounts {
  readonly trades: number;
  readonly signals: number;
  readonly highSlippageTrades: number;
  /** Evaluations by outcome: `order`, or the code of the stage that denied. */
  readonly outcomes: Counts;
  /**
   * Orders that went to the venue as orders of their own, protective levels that it attaches to a position
   * left out, and those that it rejected, by its code.
   */
  readonly submitted: number;
  readonly rejected: Counts;
  /** Share of the signal price, adverse or none, and favourable: apart, so that no sum falls. */
  readonly slippage: HistogramView;
  readonly improvement: HistogramView;
  /** Seconds. */
  readonly latency: Readonly<Record<OrderStage, HistogramView>>;
  readonly restarts: number;
}

/** One symbol that a strategy follows. */
export interface SymbolMetrics {
  readonly symbol: string;
  readonly ticks: number;
  readonly dropped: number;
  /** Epoch milliseconds of market time; absent before the first tick. */
  readonly lastTickTs?: number;
}

/** All that is told of one strategy on its own port. */
export interface StrategyMetrics {
  readonly strategy: string;
  /** The venue's name: what money is summed by. */
  readonly account: string;
  /** Of the same instant as `counts` and `exposure`. */
  readonly status: StatusView;
  readonly counts: TradingCounts;
  /** Gross value of the open positions as a share of equity. */
  readonly exposure: number | null;
  /** Evaluations that asked for nothing, since the counting began. */
  readonly quietEvaluations: number;
  readonly symbols: readonly SymbolMetrics[];
  /** Epoch milliseconds of the wall clock. */
  readonly heartbeatTs: number;
  readonly inSession: boolean;
  /** Milliseconds of open market since the last trade, or since the strategy was first deployed. */
  readonly quietMs: number;
  readonly expectedTradeIntervalMs?: number;
  /** Seconds; of one tick in {@link TICKS_TO_A_SAMPLE}. */
  readonly tickProcessing: HistogramView;
}

/** Ticks of which one is timed: reading the clock costs a tenth of a tick. */
export const TICKS_TO_A_SAMPLE = 64;

/** What the daemon tells of a strategy, running or not. */
export interface StrategyRowMetrics {
  readonly strategy: string;
  readonly definition: string;
  readonly version: number;
  readonly account: string;
  readonly venueType: 'paper' | 'mt5';
  readonly state: StrategyState;
  readonly desiredRunning: boolean;
  /** Rules of the halts in force. */
  readonly haltRules: readonly string[];
  readonly leases: readonly { readonly name: string; readonly ok: boolean; readonly ageMs: number }[];
  readonly counts: TradingCounts;
}

/** The money of all strategies on one venue. */
export interface AccountMetrics {
  readonly account: string;
  readonly currency: string;
  readonly equity: Decimal | null;
  readonly balance: Decimal | null;
  /** Time-weighted, 1 at the start: money that comes or goes moves it by nothing. */
  readonly index: number | null;
}

export interface HttpMetrics {
  /** By route and then by status code, zeros included. */
  readonly requests: Readonly<Record<string, Counts>>;
  readonly refused: Readonly<Record<HttpRefusal, number>>;
  readonly cutReaders: Readonly<Record<ReaderCut, number>>;
  /** Series that were left out because their family had too many. */
  readonly droppedSeries: Readonly<Record<MetricsEndpoint, number>>;
}

/** Figures of the process under their standard names, in base units. */
export type ProcessMetrics = Readonly<Record<string, number | undefined>>;

/** An alert as metrics tell it; the engine's own figures, by its own names. */
export interface AlertMetrics {
  readonly active: readonly { readonly alertname: string; readonly severity: string; readonly strategy: string }[];
  readonly notifications: readonly { readonly channel: string; readonly outcome: string; readonly count: number }[];
  /** Epoch milliseconds of the last delivery by channel. */
  readonly lastDelivery: Counts;
}

/** Of a gateway's view what the metrics tell. */
export type GatewayMetrics = Pick<GatewayView, 'name' | 'state' | 'lastGood' | 'probeMs'>;

/** All that the daemon tells of itself. */
export interface DaemonMetrics {
  readonly version: string;
  readonly node: string;
  readonly process: ProcessMetrics;
  readonly healthy: boolean;
  /** Leases of `/daemon/health` by name. */
  readonly checks: Readonly<Record<string, boolean>>;
  readonly strategies: readonly StrategyRowMetrics[];
  readonly accounts: readonly AccountMetrics[];
  readonly gateways: readonly GatewayMetrics[];
  readonly alerts?: AlertMetrics;
  readonly eventSubscribers: number;
  readonly logLines: Counts;
  readonly logDropped: Readonly<Record<(typeof LOG_DROPS)[number], number>>;
  /** Seconds; absent where nothing is kept. */
  readonly journalSync?: HistogramView;
  readonly eventLoopDelay: HistogramView;
  readonly stateDirFreeBytes?: number;
  readonly http: HttpMetrics;
}

/** A strategy's port as a scraper finds it. */
export interface ScrapeTarget {
  readonly strategy: string;
  readonly port: number;
}
