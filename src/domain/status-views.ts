/** A strategy in full (`/status`) and in a row. `null` means unknown, and `unknown` names such fields. */
import type { Decimal } from './decimal.ts';
import type { QueueView } from './health-views.ts';
import type { ErrorView, LossView } from './loss-views.ts';
import type { RiskStateView } from './risk-views.ts';
import type { StrategyState } from './strategy-states.ts';
import type { PositionView, TradeView, OrderView, StackLayerView, EvaluationsView } from './trading-views.ts';

export interface StatusView {
  readonly strategy: string;
  readonly definition: string;
  readonly version: number;
  readonly state: StrategyState;
  readonly seq: number;
  readonly asOf: string;
  readonly startedAt: string;
  readonly uptimeMs: number;
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly balance: Decimal | null;
  readonly equity: Decimal | null;
  readonly realized: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly positions: readonly PositionView[];
  readonly trades: readonly TradeView[];
  readonly tradesTotal: number;
  readonly orders: readonly OrderView[];
  readonly pendingStackLayers: readonly StackLayerView[];
  readonly riskState: RiskStateView;
  readonly data: {
    readonly lastTickAt: string | null;
    readonly ageMs: number | null;
    readonly stale: readonly string[];
    readonly droppedTicks: number;
  };
  readonly gateway: {
    readonly name: string;
    readonly state: string;
    /** Why it is not in order: figures that need it are unknown then. */
    readonly cause: string | null;
    readonly failingLink: string | null;
  };
  /** Where its code runs: the main thread, a thread or a process of its own. */
  readonly isolation: 'inline' | 'worker' | 'process';
  readonly evaluations: EvaluationsView;
  readonly queues: readonly QueueView[];
  readonly restarts: number;
  /** The last 20 times that its code was lost, newest last. */
  readonly losses: readonly LossView[];
  /** Why only a person starts it again; present while it is `failed`. */
  readonly latched?: string;
  /** The error that crashed or failed the strategy, as its author can use it. */
  readonly lastError?: ErrorView;
  readonly unknown?: readonly string[];
}

/** A row of `/daemon/list` and `qkt list`. */
export interface StrategyRow {
  readonly name: string;
  readonly version: number | null;
  readonly state: StrategyState;
  readonly halted: boolean;
  readonly port: number | null;
  readonly uptimeMs: number;
  readonly equity: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly realized: Decimal | null;
  readonly trades: number;
  readonly restarts: number;
  readonly health: 'ok' | 'unhealthy' | 'no answer';
}
