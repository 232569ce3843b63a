/**
 * Views: the frozen figures that HTTP, CLI and dashboard read. Field names are the contract's.
 * `null` means unknown, and `unknown` names such fields: unknown is never shown as zero or flat.
 */
import type { ChannelView } from './channels.ts';
import type { Decimal } from './decimal.ts';
import type { Difference } from './differences.ts';
import type { LastRunView } from './last-run.ts';
import type { OrderRole, OrderStatus, OrderType, Side } from './orders.ts';

/** The states that a person sees (`contracts/trading.md`). */
export const STRATEGY_STATES = [
  'starting',
  'recovering',
  'warming',
  'trading',
  'halting',
  'halted',
  'cancelling',
  'flattening',
  'draining',
  'stopped',
  'unresponsive',
  'crashed',
  'failed',
] as const;
/** `stopping` is shown for cancelling, flattening and draining where a single word is wanted. */
export type StrategyState = (typeof STRATEGY_STATES)[number];

export interface PositionView {
  readonly symbol: string;
  readonly venue: string;
  readonly qty: Decimal;
  readonly avgPrice: Decimal;
  readonly markPrice: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly openedAt: string;
  readonly stopLoss?: Decimal;
  readonly takeProfit?: Decimal;
}

export interface TradeView {
  readonly id: string;
  readonly ts: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly signalPrice: Decimal | null;
  /** Price units, positive = adverse. */
  readonly slippage: Decimal | null;
  readonly commission: Decimal;
  /** Net of commission. */
  readonly realized: Decimal;
  readonly reducing: boolean;
  readonly orderId: string;
}

export interface OrderView {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly role: OrderRole;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  readonly price?: Decimal;
  readonly trail?: Decimal;
  readonly tif: string;
  readonly expiresAt?: string;
  readonly status: OrderStatus;
  readonly parentId?: string;
  readonly stackId?: string;
  readonly tag?: string;
  readonly createdAt: string;
}

export interface StackLayerView {
  readonly stackId: string;
  readonly layer: number;
  readonly symbol: string;
  readonly side: Side;
  /** Null until layer 1 has filled: its price is the anchor. */
  readonly triggerPrice: Decimal | null;
  readonly qty: Decimal;
  readonly expiresAt: string | null;
}

export interface RiskStateView {
  readonly halted: boolean;
  readonly causes: readonly HaltCauseView[];
  readonly reason: string | null;
  readonly rule: string | null;
  readonly scope: string | null;
  readonly since: string | null;
  readonly by: string | null;
  /** Of the earliest cause, while halted by a rule. */
  readonly formula?: string;
  readonly inputs?: Readonly<Record<string, Decimal | number | null>>;
  readonly measured?: Decimal | number | null;
  readonly limit?: Decimal | number;
  /** What is refused while halted, or while nothing can be made durable. */
  readonly blocked?: string;
  /** False while the journal cannot be written: what happens now is forgotten by a crash. */
  readonly durable?: boolean;
  readonly drawdown: Decimal | null;
  readonly dailyLoss: Decimal | null;
  readonly headroom: readonly HeadroomView[];
}
/** One cause of a halt, as it is recorded; halted while any is in force. */
export interface HaltCauseView {
  readonly causeId: string;
  /** A halt rule, or `manual`. */
  readonly rule: string;
  /** `strategy` or `book`: whose resume lifts it. */
  readonly scope: string;
  readonly reason: string;
  readonly since: string;
  /** The token's name of a person's halt; null for a rule's. */
  readonly by: string | null;
  readonly basis?: string;
  /** The formula in words, such as `(peak − equity) / peak > limit`. */
  readonly formula?: string;
  readonly inputs?: Readonly<Record<string, Decimal | number | null>>;
  readonly measured?: Decimal | number | null;
  readonly limit?: Decimal | number;
  readonly onBreach?: 'hold' | 'flatten';
  /** Of the rule that tripped; absent for a person's halt. */
  readonly ruleId?: string;
  readonly autoResume?: 'nextDay';
  readonly equity?: Decimal | null;
  readonly positions?: readonly { readonly symbol: string; readonly qty: Decimal }[];
  /** Ids of entries and waiting layers that the halt has cancelled, and of those that the venue had not given back yet. */
  readonly cancelled?: readonly string[];
  readonly left?: readonly string[];
  /** Brought back by a start of the daemon. */
  readonly restored?: boolean;
  /** False when it could not be written to disk. */
  readonly durable?: boolean;
}
export interface HeadroomView {
  readonly rule: string;
  readonly basis?: string;
  readonly limit: Decimal;
  readonly used: Decimal | null;
  readonly remaining: Decimal | null;
  readonly remainingMoney: Decimal | null;
  /** Milliseconds until the limit at the recent pace; absent where there is no pace towards it. */
  readonly breachInMs?: number;
}

/** The policy in force for a strategy: what its orders pass through, and what halts it. */
export interface RiskView {
  readonly strategy: string;
  /** In order: the first refusal wins. */
  readonly gate: readonly GateStageView[];
  /** The strategy's own rules, then those of the book. */
  readonly halt: readonly HaltRuleView[];
}
export interface GateStageView {
  /** Of the denial. */
  readonly code: string;
  /** Risk-reducing orders pass this stage. */
  readonly sparesReducing: boolean;
  /** The cap of the stage, where it has one. */
  readonly cap?: string;
  /** Of the cap; null where it is not set. */
  readonly value?: Decimal | number | { readonly losses: number; readonly forMs: number } | null;
}
export interface HaltRuleView {
  readonly rule: string;
  /** `strategy` or `book`. */
  readonly scope: string;
  readonly basis?: string;
  readonly formula: string;
  readonly limit: Decimal;
  /** Of a count; absent where it counts the day, and a streak without an end. */
  readonly windowMs?: number;
  readonly onBreach: 'hold' | 'flatten';
  readonly autoResume?: 'nextDay';
}

export interface EvaluationsView {
  readonly total: number;
  readonly noSignal: number;
  readonly signals: number;
  readonly orders: number;
  readonly blocked: Readonly<Record<string, number>>;
}

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

export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Why a strategy's code was lost. `spinning`: it hangs with its thread busy; `idle`: it hangs with the
 * thread asleep (a lock, a wait); `rejected`: a promise of the author's that nobody caught; `exited`: it
 * ended its own thread; `died`: the thread or process is gone for another reason; `launchFailed`: it
 * did not get ready; `fault`: the daemon's own code threw on its path.
 */
export const LOSS_CAUSES = [
  'spinning',
  'idle',
  'threw',
  'rejected',
  'exited',
  'outOfMemory',
  'flooding',
  'died',
  'launchFailed',
  'fault',
] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

/** One loss of a strategy's code, as it is kept; also a restart of the daemon does not forget it. */
export interface LossView {
  readonly ts: string;
  readonly cause: LossCause;
  readonly detail: string;
  readonly error?: ErrorView;
  /** When the code was started again, by the daemon or by a person; null while it was not. */
  readonly restartedAt: string | null;
}

export interface LeaseView {
  readonly name: string;
  readonly ageMs: number;
  readonly limitMs: number;
  readonly ok: boolean;
  /** Of a feed: false while its market is closed, which suspends it. */
  readonly inSession?: boolean;
  /** What has failed, where more is known than the age. */
  readonly reason?: string;
  /** Of the disk. */
  readonly freeBytes?: number;
}

/** A bounded queue as it is now. */
export interface QueueView {
  readonly name: string;
  /** What waits, and the most that may. */
  readonly depth: number;
  readonly limit: number;
  /** What depth and limit count; items unless said. */
  readonly unit?: 'bytes' | 'characters';
  /** Of the inbox: what the author's code has been given and has not answered. */
  readonly inFlight?: number;
  /** Quotes that newer ones have replaced. */
  readonly conflated?: number;
  /** What was left out because the queue was full. */
  readonly dropped?: number;
}

export interface HealthView {
  readonly ok: boolean;
  readonly status: StrategyState;
  readonly uptimeMs: number;
  readonly leases: readonly LeaseView[];
  readonly broken?: readonly string[];
}
export interface ReadyView {
  readonly ready: boolean;
  readonly status: StrategyState;
  /** What is missing for "would a signal now become an order?". */
  readonly missing: readonly string[];
}

export interface MachineView {
  readonly machine: string;
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly allowed: readonly string[];
  readonly since: string;
  /** Time in this state. */
  readonly inStateMs: number;
  /** What the state takes now, outer states included; an event with a guard may still be refused. */
  readonly events: readonly string[];
  /** Guards that said no, each with the last event that it refused, newest first. */
  readonly refusals: readonly RefusalView[];
  readonly history: readonly TransitionView[];
  /** Of a strategy: the last 20 times that its code was lost, newest last. */
  readonly losses?: readonly LossView[];
  /** Of a strategy that is `failed`: why only a person starts it again. */
  readonly latched?: string;
}
export interface RefusalView {
  readonly event: string;
  readonly guard: string;
  readonly ts: string;
}
export interface TransitionView {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly ts: string;
  /** Why the code was lost, or how it hangs; where the state tells of it. */
  readonly loss?: LossCause;
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

export interface DaemonHealthView {
  readonly ok: boolean;
  readonly status: 'starting' | 'running' | 'stopping';
  readonly uptimeMs: number;
  readonly pid: number;
  readonly version: string;
  /** `total`, how many are in each state, and `halted`: how many a halt is in force for, in whatever state. */
  readonly strategies: Readonly<Record<string, number>>;
  readonly leases: readonly LeaseView[];
  readonly queues: readonly QueueView[];
  /** Where alerts go, and when each channel was last proven to work; absent where none is configured. */
  readonly channels?: readonly ChannelView[];
  readonly broken?: readonly string[];
  /** How the run before this one ended; absent for the first. */
  readonly lastRun?: LastRunView;
}

export interface GatewayView {
  readonly name: string;
  readonly type: string;
  readonly state: string;
  /** When it entered its state; null for one that could not be opened. */
  readonly since: string | null;
  /** Why it is not in order, or was not at the last try. */
  readonly cause: string | null;
  readonly failingLink: string | null;
  /** In a maintenance window that the configuration knows: nobody need be called for its being away. */
  readonly inMaintenance: boolean;
  /** Whether its kill switch is on, as far as is known. */
  readonly killed: boolean;
  readonly lastCheck: string | null;
  /** The last check that found everything in order. */
  readonly lastGood: string | null;
  readonly lastGoodAgeMs: number | null;
  /** How long the last check took; null where a check is no request. */
  readonly probeMs: number | null;
  /** How far the venue's clock is ahead of UTC; null where it has none of its own. */
  readonly serverOffsetMs: number | null;
  /** Null while it is not known. */
  readonly account: GatewayAccountView | null;
  /** Where our books and the venue disagree without a deal that explains it. */
  readonly differences: readonly DifferenceView[];
  /** Sent to it since the daemon started, repetitions counted; null where nothing is sent. */
  readonly requests: number | null;
}

/** The venue's account as it was last read, whatever our books say. */
export interface GatewayAccountView {
  readonly login: number | null;
  readonly server: string;
  readonly currency: string;
  readonly tradeMode: string;
  /** `hedging`, `netting`, `exchange` or `unknown`. */
  readonly marginMode: string;
  readonly leverage: number | null;
  readonly balance: Decimal;
  readonly equity: Decimal;
  /** Percent; 0 while no margin is used. */
  readonly marginLevel: Decimal;
  readonly asOf: string;
}

export type DifferenceView = Omit<Difference, 'since'> & { readonly since: string };

/** The summary of a bounded run (`qkt run --once --json`). */
export interface RunSummary {
  readonly strategy: string;
  readonly trades: readonly TradeView[];
  readonly tradesTotal: number;
  readonly realized: Decimal;
  readonly unrealized: Decimal | null;
  readonly equity: Decimal | null;
  readonly balance: Decimal;
  readonly maxDrawdown: Decimal;
  readonly denied: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly halts: readonly HaltCauseView[];
  readonly ticks: number;
  readonly bars: number;
  readonly feed: Readonly<Record<string, number>>;
}
