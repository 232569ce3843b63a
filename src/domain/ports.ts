/**
 * What the HTTP layer may ask of the daemon: queries over snapshots and commands with a stated
 * result. `app.ts` hands these in; `http` knows nothing of actors.
 */
import type { Observable } from 'rxjs';
import type { CursorForm, Positions } from './cursors.ts';
import type { EventFilter, EventPage } from './events.ts';
import type { LeftOpen } from './left-open.ts';
import type { OverviewRow } from './overview.ts';
import type { DaemonMetrics, ScrapeTarget, StrategyMetrics } from './metrics.ts';
import type { EquitySpan, EquityView, StoredTransition } from './history.ts';
import type { GatewayView } from './gateway-views.ts';
import type { DaemonHealthView, HealthView, ReadyView } from './health-views.ts';
import type { MachineView } from './machine-views.ts';
import type { HaltCauseView, HeadroomView, RiskView } from './risk-views.ts';
import type { StatusView, StrategyRow } from './status-views.ts';
import type { Steps } from './steps.ts';
import type { StrategyState } from './strategy-states.ts';
import type { OrderView } from './trading-views.ts';
import type { WhyView } from './why.ts';

/** Pull access to events; a reader that falls behind finds a gap, and holds nothing up. */
export interface EventSource<Cursor> {
  readonly form: CursorForm<Cursor>;
  /**
   * Events after `since` (all that the rings hold when it is undefined), oldest first. A bounded piece of work:
   * it may end before the limit with `more` to come.
   */
  read(since: Cursor | undefined, filter: EventFilter): EventPage<Cursor>;
  /** The latest events that the rings hold, as many as the limit says, oldest first; `next` is where events end now. */
  newest(filter: EventFilter): EventPage<Cursor>;
  /** Whether a cursor lies, anywhere, beyond what readers can have seen. */
  isAhead(cursor: Cursor): boolean;
  /** Says that there is something new; conflated, so that a thousand events are one notice. */
  readonly changed$: Observable<void>;
}

/** What a named consumer has acknowledged. */
export interface Acknowledged<Cursor> {
  readonly consumer: string;
  readonly seq: Cursor;
  readonly at: string;
}
/** Cursors kept here for readers that keep none. */
export interface EventConsumers<Cursor> {
  /** Undefined for one that has never acknowledged anything. */
  get(consumer: string): Cursor | undefined;
  list(): readonly Acknowledged<Cursor>[];
  /**
   * Never goes back; settles once it is on disk, with what is in force then.
   * @throws QktError QKT_E_TOO_MANY_CONSUMERS, QKT_E_JOURNAL_FAILED
   */
  acknowledge(consumer: string, cursor: Cursor): Promise<Acknowledged<Cursor>>;
  /** False when there was none of that name. */
  remove(consumer: string): Promise<boolean>;
}

/** All that a route for events needs. */
export interface EventPort<Cursor> {
  readonly source: EventSource<Cursor>;
  readonly consumers: EventConsumers<Cursor>;
}

export interface LogQuery {
  readonly lines: number;
  readonly since?: number;
  readonly level?: string;
  readonly format: 'text' | 'json';
}
/** A strategy's log file, read from its end. */
export interface LogSource {
  tail(query: LogQuery): Promise<readonly string[]>;
  /** The tail, then every new line, across rotation, until the signal aborts. */
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<string>;
}

/** Who commands: the name of the token. */
export interface Actor {
  readonly by: string;
}

export interface StopRequest extends Actor {
  readonly flatten: boolean;
  readonly timeoutMs: number;
}

/** What a stop came to; every position left is named, and whether it has a stop. */
export interface StopResult {
  readonly state: StrategyState;
  readonly flattened: boolean;
  readonly openPositions: number;
  readonly cancelled: number;
  readonly tookMs: number;
  readonly positions?: readonly { readonly symbol: string; readonly qty: unknown; readonly stopLoss: unknown }[];
  /** Symbols of which a part has no stop that holds without the daemon: one that is watched here does not. */
  readonly unprotected?: readonly string[];
  /** False when the deadline came before the outcome could be verified. */
  readonly verified: boolean;
  readonly left?: readonly string[];
}

export interface HaltRequest extends Actor {
  readonly reason: string;
}
/** A halt that is in force: entries are closed, and what became of those that were working. */
export interface HaltResult {
  readonly state: StrategyState;
  readonly halted: true;
  readonly causes: readonly HaltCauseView[];
  /** Working entries that the venue has confirmed as cancelled, and those that would not cancel. */
  readonly cancelled: number;
  readonly left: readonly string[];
  /** False when the record could not be written to disk. */
  readonly durable: boolean;
}

export type Rebase = 'none' | 'peak' | 'day';
export interface ResumeRequest extends Actor {
  readonly reason: string;
  /** References that are taken anew: the peak, or the day's. */
  readonly rebase: Rebase;
}
/** What a resume would come to, now. */
export interface ResumePreview {
  /** False: at least one rule would halt it again at once, or there is nothing that can be lifted now. */
  readonly wouldResume: boolean;
  readonly wouldTrip: readonly { readonly rule: string; readonly measured: unknown; readonly limit: unknown }[];
  /** Causes that this resume does not lift: the book's, or for the book those of its strategies. */
  readonly remains: readonly HaltCauseView[];
  readonly headroom: readonly HeadroomView[];
  readonly workingOrders: readonly OrderView[];
  readonly unknownOrders: readonly OrderView[];
  readonly rebase: Rebase;
}
export interface ResumeResult {
  readonly state: StrategyState;
  readonly halted: boolean;
  readonly lifted: readonly HaltCauseView[];
  readonly headroom: readonly HeadroomView[];
}

/** A command's progress; `result` is there once `done`. `status` is the HTTP status of the outcome. */
export interface Operation {
  readonly id: string;
  readonly command: string;
  readonly strategy: string | null;
  readonly by: string;
  readonly startedAt: string;
  readonly done: boolean;
  readonly status?: number;
  readonly result?: unknown;
  readonly problem?: unknown;
}

/** One deployed strategy, whatever its state. */
export interface StrategyPort {
  readonly name: string;
  port(): number | null;
  health(): HealthView;
  ready(): ReadyView;
  status(): StatusView;
  /** Of the same figures as its status. */
  overview(): OverviewRow;
  machine(): MachineView;
  risk(): RiskView;
  /** Why it did, or did not, trade. */
  why(): WhyView;
  /** All of one instant. */
  metrics(): StrategyMetrics;
  machineMermaid(): string;
  /** Its equity as it was, from memory. */
  equity(span: Exclude<EquitySpan, 'all'>): EquityView;
  /** At most so many equities of the last ten minutes, oldest first; null where it was not known. */
  recentEquity(points: number): readonly (number | null)[];
  /** Its changes of state that are kept, oldest first. */
  transitions(): readonly StoredTransition[];
  readonly events: EventPort<number>;
  readonly logs: LogSource;
  /**
   * Starts a stop, or joins the one under way, which begins anew (with the later one's time) where
   * only the later one is to flatten. Settles with the outcome, never later than the deadline.
   */
  stop(request: StopRequest): Promise<StopResult>;
  /** Accepted in every state. */
  halt(request: HaltRequest): Promise<HaltResult>;
  /** Without any effect: what a resume would come to. */
  previewResume(rebase: Rebase): ResumePreview;
  /** @throws QktError QKT_E_STATE when it is not halted, QKT_E_WOULD_TRIP with the preview, QKT_E_BOOK_HALT */
  resume(request: ResumeRequest): Promise<ResumeResult>;
}

export interface DeployRequest extends Actor {
  readonly file: string;
  readonly name?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly replace?: boolean;
  /** One of that name that is there already is left as it is, stopped or halted too. */
  readonly keep?: boolean;
}
export interface DeployResult {
  readonly name: string;
  /** Null for one that is stopped and was left as it is. */
  readonly port: number | null;
  readonly state: StrategyState;
  readonly version: number;
}

/** What a configuration that was read again has changed; keys as the file writes them. */
export interface ReloadResult {
  /** Absent where there is no configuration file. */
  readonly file?: string;
  /** In force now. */
  readonly applied: readonly string[];
  /** In force when the strategy is deployed anew. */
  readonly atNextDeploy: readonly string[];
  /** Not in force: the daemon goes on with what it was started with. */
  readonly needsRestart: readonly string[];
}

/** The daemon as its control plane sees it. Every command throws a `QktError` when it is refused. */
export interface DaemonPort {
  health(): DaemonHealthView;
  list(): readonly StrategyRow[];
  strategy(name: string): StrategyPort | undefined;
  names(): readonly string[];
  gateways(): readonly GatewayView[];
  /** All of one instant; also while it starts or stops. */
  metrics(): DaemonMetrics;
  /** The ports of all strategies that run or should; also while it starts. */
  scrapeTargets(): readonly ScrapeTarget[];
  readonly events: EventPort<Positions>;
  deploy(request: DeployRequest): Promise<DeployResult>;
  start(name: string, actor: Actor): Promise<DeployResult>;
  restart(name: string, actor: Actor): Promise<DeployResult>;
  remove(name: string, actor: Actor): Promise<void>;
  /** All strategies, by name; the book's halt of scope `book`. */
  halt(request: HaltRequest): Promise<Readonly<Record<string, HaltResult>>>;
  /** Without any effect: what a resume of the book would come to. */
  previewResume(rebase: Rebase): ResumePreview;
  /** Lifts the book's halts. @throws QktError QKT_E_STATE, QKT_E_WOULD_TRIP */
  resume(request: ResumeRequest): Promise<Readonly<Record<string, ResumeResult>>>;
  /** Blocks, cancels, flattens and verifies every strategy. */
  kill(request: StopRequest): Promise<Readonly<Record<string, StopResult>>>;
  /** Opens the logs anew and reads the configuration again. @throws QktError QKT_E_CONFIG, QKT_E_CONFIG_FILE; nothing has changed then */
  reload(actor: Actor): Promise<ReloadResult>;
  /** Begins an orderly end and returns at once, with the positions that stay open. */
  shutdown(actor: Actor): readonly LeftOpen[];
}

/** An act of a person, as the journal chains it. */
export interface OperatorRecord {
  /** Place in the chain, from 1. */
  readonly n: number;
  readonly ts: string;
  /** Name of the token. */
  readonly by: string;
  readonly command: string;
  /** A strategy; null for the daemon or for all of them. */
  readonly target: string | null;
  readonly reason: string | null;
  readonly args: unknown;
  readonly outcome: string;
  /** Over all else of this record and the hash of the one before. */
  readonly hash: string;
}

export interface JournalQuery {
  /** Only acts on this strategy, or on all. */
  readonly strategy?: string;
  /** Only what came after this `n`. Without it the newest ones are meant. */
  readonly after?: number;
  readonly limit: number;
}

/** Whether the chain of operator records holds. */
export interface ChainCheck {
  readonly ok: boolean;
  readonly records: number;
  /** `n` of the first record that is changed, missing or out of place. */
  readonly firstBad?: number;
}

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORTS = ['trades', 'events'] as const;
export type ExportKind = (typeof EXPORTS)[number];

/** The journal as the control plane sees it. */
export interface JournalPort {
  /** Oldest first, whatever the query takes. */
  read(query: JournalQuery): Steps<readonly OperatorRecord[]>;
  /** Whether anything is kept of a strategy, removed ones too. */
  knows(strategy: string): Steps<boolean>;
  verify(): Steps<ChainCheck>;
  /**
   * Everything that is kept of a strategy, removed ones too, in pieces of text, each a step's work and some empty;
   * CSV begins with its titles.
   * @throws QktError QKT_E_UNKNOWN_STRATEGY, before the first piece, when nothing is kept under that name
   */
  export(strategy: string, format: ExportFormat, what: ExportKind): Iterable<string>;
  /** The whole state into one new file. @param file an absolute path */
  backup(file: string): Promise<{ readonly bytes: number }>;
}
