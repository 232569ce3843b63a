/** What rules are judged by: the figures of one instant, by target. Null: not known at this moment. */
import type { Decimal } from '../domain/decimal.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HaltCauseView, HeadroomView } from '../domain/risk-views.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import type { PositionView, TradeView } from '../domain/trading-views.ts';

/** An open position, and for how long it has been in what a rule looks for. */
export interface PositionFacts extends Pick<
  PositionView,
  'symbol' | 'qty' | 'markPrice' | 'unrealized' | 'stopLoss' | 'openedAt'
> {
  /** Milliseconds without a stop; 0 while it has one. */
  readonly bareMs: number;
  /** Milliseconds for which it has lost more than the rule's share of the starting balance. */
  readonly losingMs: number;
}

export interface StrategyFacts {
  readonly strategy: string;
  /** Name of the venue that it trades on. */
  readonly gateway: string;
  /** Name of the account that its money belongs to. */
  readonly account: string;
  readonly state: StrategyState;
  /** What a person wants of it. */
  readonly shouldRun: boolean;
  /** As `/health` answers. */
  readonly healthy: boolean | null;
  readonly causes: readonly HaltCauseView[];
  /** Entries that a halt could not cancel and that still work. */
  readonly haltLeft: readonly string[];
  /** Positions that a flatten, of a stop or a halt, has left open; null while none has failed. */
  readonly flattenLeft: readonly string[] | null;
  /** Why only a person starts it again. */
  readonly latched: string | null;
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly balance: Decimal | null;
  readonly equity: Decimal | null;
  readonly realized: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly drawdown: Decimal | null;
  readonly dailyLoss: Decimal | null;
  readonly exposure: number | null;
  readonly headroom: readonly HeadroomView[];
  readonly positions: readonly PositionFacts[];
  readonly unknownOrders: readonly string[];
  /** Where the venue's book and ours differ, in words. */
  readonly mismatches: readonly string[];
  /** Symbols in session that are silent past their limit. */
  readonly stale: readonly string[];
  readonly inSession: boolean;
  readonly dataAgeMs: number | null;
  readonly tradesTotal: number;
  readonly restarts: number;
  /** Milliseconds of open market since the last trade, or since it was deployed. */
  readonly quietMs: number | null;
  /** Null where no trades are expected. */
  readonly expectTradesEveryMs: number | null;
  /** Orders of the last 15 minutes that went to the venue, and those that it rejected. */
  readonly submitted15m: number;
  readonly rejected15m: number;
  /** Entries of the last five minutes that filled further from their signal than allowed; null where that is not asked for. */
  readonly highSlippage5m: number | null;
  readonly highSlippage: Decimal | null;
  readonly lastTrades: readonly TradeView[];
}

export interface GatewayFacts {
  readonly gateway: string;
  readonly state: string;
  readonly failingLink: string | null;
  readonly cause: string | null;
  /** That trade on it. */
  readonly strategies: readonly string[];
}

/** The money of all strategies of one account. */
export interface AccountFacts {
  readonly account: string;
  /** Time-weighted: a strategy that comes or goes does not move it. */
  readonly index: Decimal | null;
  /** The highest of the last hour; null before there was one. */
  readonly high1h: Decimal | null;
}

export interface DaemonFacts {
  readonly journalOk: boolean | null;
  readonly journalReason: string | null;
  /** Seconds that 99 % of the syncs of the last five minutes took at most, to the buckets of their histogram; null without any. */
  readonly syncP99: number | null;
  /** Share of the syncs of the last five minutes that took longer than the limit; null without any. */
  readonly slowSyncShare: number | null;
  readonly freeBytes: number | null;
  /** Size of the disk that the state directory is on. */
  readonly diskBytes: number | null;
}

export interface Facts {
  readonly at: EpochMs;
  readonly strategies: readonly StrategyFacts[];
  readonly gateways: readonly GatewayFacts[];
  readonly accounts: readonly AccountFacts[];
  readonly daemon: DaemonFacts;
}
