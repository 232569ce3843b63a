/**
 * What the strategy machine is told, what it keeps, and what it asks of the runtime.
 *
 * The runtime provides, by name (`strategyMachine.provide({ actors, actions })`):
 *
 * | actor           | input                   | output                        | done when                                |
 * |-----------------|-------------------------|-------------------------------|------------------------------------------|
 * | `launch`        | `DeadlineInput`         | nothing                       | the guest has answered `created`         |
 * | `recover`       | `DeadlineInput`         | `Recovered`                   | journal folded, venue reconciled         |
 * | `cancelEntries` | `DeadlineInput`         | `Cancelled`                   | no entry is working, or it gave up       |
 * | `flatten`       | `DeadlineInput`         | `Flattened`                   | flat is verified, or it gave up          |
 * | `drain`         | `DrainInput`            | `Drained`                     | onStop has run, fills in flight are told |
 * | `abandon`       | `DeadlineInput`         | `Cancelled`                   | nobody runs it any more: its `onHang` has been carried out, or it gave up |
 *
 * Each is a promise and gets an abort signal, which fires when its state is left. Each has a
 * deadline (absolute) after which the machine goes on without it; `failed` waits for nothing.
 *
 * | action           | meaning (synchronous, may be called again without harm)                             |
 * |------------------|--------------------------------------------------------------------------------------|
 * | `closeGate`      | confirms that the gate is closed: the runtime has closed it before it sent the event |
 * | `openGate`       | on entering `trading`, and nowhere else                                              |
 * | `terminateGuest` | ends the guest's thread without waiting for it                                       |
 */
import { fromPromise } from 'xstate';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ErrorView, LossCause, LossView } from '../domain/loss-views.ts';
import type { HaltCauseView } from '../domain/risk-views.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import { QktError } from '../errors.ts';
import type { FaultEvent } from './fault-tolerant.ts';

export type StrategyEvent =
  /** The latest frozen view; conflated by the sender (at most 10 Hz, and at once after a fill, rejection or halt). */
  | { readonly type: 'PROGRESS'; readonly view: unknown }
  /** The guest has had all its warm-up bars. */
  | { readonly type: 'WARMED' }
  /** Sent once the gate is closed and the record is synced. */
  | { readonly type: 'HALT'; readonly cause: HaltCauseView }
  /** Lifts the causes of its scope (default `strategy`); a reason without a word in it is refused. */
  | { readonly type: 'RESUME'; readonly by: string; readonly reason: string; readonly scope?: string }
  | { readonly type: 'STOP'; readonly by: string; readonly flatten: boolean; readonly timeoutMs: number }
  /** `again`: the daemon has come back and goes on where it was, the count of losses included. */
  | { readonly type: 'START'; readonly by: string; readonly again?: true }
  | { readonly type: 'RESTART'; readonly by: string }
  /** New code, already loaded and checked: the guest is exchanged; ledger, halts and budgets stay. */
  | { readonly type: 'REPLACE'; readonly by: string }
  /** A turn has not ended in time. */
  | { readonly type: 'HUNG'; readonly hang: Hang }
  | { readonly type: 'ANSWERED' }
  /** The guest's thread has ended, or the author's code failed. */
  | { readonly type: 'CRASHED'; readonly cause: LossCause; readonly error: ErrorView }
  | FaultEvent;

export interface DeadlineInput {
  readonly deadline: EpochMs;
}
export interface DrainInput extends DeadlineInput {
  /** A guest that is hung or dead is not waited for. */
  readonly guest: Guest;
}
export interface Recovered {
  /** Halts of the journal that are still in force. */
  readonly haltCauses: readonly HaltCauseView[];
}
export interface Cancelled {
  readonly cancelled: number;
  /** The entries that would not cancel, a line each. */
  readonly left: readonly string[];
}
export interface Flattened {
  readonly flat: boolean;
  /** What is still open, by name. */
  readonly left: readonly string[];
}
export interface Drained {
  readonly left: readonly string[];
}

export type Guest = 'absent' | 'running' | 'hung' | 'dead';

/** How a guest hangs: `spinning` with its thread busy, `idle` with its thread asleep. */
export interface Hang {
  readonly cause: 'spinning' | 'idle';
  readonly detail: string;
}

export interface StrategySettings {
  readonly launchTimeoutMs: number;
  readonly recoverTimeoutMs: number;
  /** How long a halt tries to cancel entries before it is `halted` with some left. */
  readonly haltTimeoutMs: number;
  /** How long a hung guest may still answer before it is ended. */
  readonly hangGraceMs: number;
  /** Automatic restarts allowed within the window; one more crash is `failed`. */
  readonly restartBudget: number;
  readonly restartWindowMs: number;
  /** Pause before the first restart of a window; doubled for each further one. */
  readonly backOffMs: number;
  readonly longestBackOffMs: number;
}

export const DEFAULT_SETTINGS: StrategySettings = {
  launchTimeoutMs: 30_000,
  recoverTimeoutMs: 60_000,
  haltTimeoutMs: 30_000,
  hangGraceMs: 10_000,
  restartBudget: 3,
  restartWindowMs: 600_000,
  backOffMs: 1000,
  longestBackOffMs: 60_000,
};

const seconds = (ms: number): string => `${ms / 1000} s`;

/** The machine's delays in a reader's words, as they are by default. */
export const DELAY_TEXTS = {
  launchTimeout: seconds(DEFAULT_SETTINGS.launchTimeoutMs),
  recoverTimeout: seconds(DEFAULT_SETTINGS.recoverTimeoutMs),
  haltTimeout: seconds(DEFAULT_SETTINGS.haltTimeoutMs),
  hangGrace: seconds(DEFAULT_SETTINGS.hangGraceMs),
  backOff: `${seconds(DEFAULT_SETTINGS.backOffMs)}, doubling`,
  cancelTimeout: "its share of the stop's time",
  flattenTimeout: "its share of the stop's time",
  drainTimeout: "the stop's time",
} as const;

/** A stop under way or ended. Times are absolute, so that they can be armed again. */
export interface StopRecord {
  readonly by: string;
  readonly flatten: boolean;
  readonly requestedAt: EpochMs;
  readonly cancelBy: EpochMs;
  readonly flattenBy: EpochMs;
  readonly deadline: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly cancelled: number;
  /** True only when the venue confirmed it. */
  readonly flattened: boolean;
  /** False as soon as one step could not be confirmed. */
  readonly verified: boolean;
  readonly left: readonly string[];
}

export interface StrategyContext {
  readonly name: string;
  readonly clock: Clock;
  readonly settings: StrategySettings;
  readonly view: unknown;
  readonly guest: Guest;
  /** While the guest hangs. */
  readonly hang: Hang | null;
  readonly warmed: boolean;
  /** Whether it has ever been past its first recovery: decides if a failed start is retried. */
  readonly ran: boolean;
  /** When the present guest was asked to start. */
  readonly startedAt: EpochMs | null;
  readonly haltCauses: readonly HaltCauseView[];
  /** What the last halt, or its becoming `failed`, could not cancel or close. */
  readonly haltLeft: readonly string[];
  readonly stop: StopRecord | null;
  /** Automatic restarts so far. */
  readonly restarts: number;
  /** Losses that count towards the restart budget: within its window, and since the last start by a person. */
  readonly crashes: readonly EpochMs[];
  /** The last losses, newest last: a start by a person does not forget them. */
  readonly losses: readonly LossView[];
  /** Why there is no further restart: only a person's START leaves `failed`. */
  readonly latched: string | null;
  readonly deadlines: Readonly<Partial<Record<StrategyDeadline, EpochMs>>>;
  readonly lastError: ErrorView | null;
}
export type StrategyDeadline = 'launch' | 'recover' | 'halt' | 'hang' | 'restart';

export interface StrategyInput {
  readonly name: string;
  readonly clock: Clock;
  readonly settings?: Partial<StrategySettings>;
  readonly view?: unknown;
  /** A strategy that the registry knows from before: what fails now is retried. */
  readonly ran?: boolean;
  /** Restored as failed: why. */
  readonly latched?: string | null;
  readonly haltCauses?: readonly HaltCauseView[];
  readonly restarts?: number;
  readonly crashes?: readonly EpochMs[];
  readonly losses?: readonly LossView[];
  /** The last stop, where it was to flatten and has not done so; one under way was cut off. */
  readonly stop?: StopRecord;
}

export type StrategyTag = 'live' | 'gateOpen' | 'halted' | 'ended' | 'removable';
export type StrategyCommand = 'HALT' | 'RESUME' | 'STOP' | 'START' | 'RESTART' | 'REMOVE';

/**
 * The commands that each state accepts. HALT and STOP always: in a state that is not running a halt
 * is remembered, and a stop joins the one under way (which begins anew where only the later one is
 * to flatten) or answers with its result.
 */
export const ALLOWED: Readonly<Record<StrategyState, readonly StrategyCommand[]>> = {
  starting: ['HALT', 'STOP'],
  recovering: ['HALT', 'STOP'],
  warming: ['HALT', 'STOP'],
  trading: ['HALT', 'STOP'],
  halting: ['HALT', 'STOP'],
  halted: ['HALT', 'RESUME', 'STOP'],
  unresponsive: ['HALT', 'STOP'],
  crashed: ['HALT', 'STOP'],
  failed: ['HALT', 'STOP', 'START', 'RESTART'],
  cancelling: ['HALT', 'STOP'],
  flattening: ['HALT', 'STOP'],
  draining: ['HALT', 'STOP'],
  stopped: ['HALT', 'STOP', 'START', 'RESTART', 'REMOVE'],
};

/** Stands where the runtime's actor belongs; a machine that is run without it says so. */
export const unprovided = <Output, Input>(name: string) =>
  fromPromise<Output, Input>(() =>
    Promise.reject(new QktError('QKT_E_INTERNAL', `the machine's ${name} was not provided`)),
  );
