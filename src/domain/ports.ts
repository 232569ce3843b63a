/**
 * What the HTTP layer may ask of the daemon: queries over snapshots and commands with a stated
 * result. `app.ts` hands these in; `http` knows nothing of actors.
 */
import type { Observable } from 'rxjs';
import type { EventFilter, EventPage } from './events.ts';
import type {
  DaemonHealthView,
  GatewayView,
  HealthView,
  MachineView,
  ReadyView,
  StatusView,
  StrategyRow,
  StrategyState,
} from './views.ts';

/** Pull access to a window of events; a reader that falls behind finds a gap, and holds nothing up. */
export interface EventSource {
  /** Events after `since` (all that the rings hold when it is undefined), oldest first. */
  read(since: number | undefined, filter: EventFilter): EventPage;
  /** Highest sequence number given so far. */
  last(): number;
  /** Says that there is something new; conflated, so that a thousand events are one notice. */
  readonly changed$: Observable<void>;
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
  readonly unprotected?: readonly string[];
  /** False when the deadline came before the outcome could be verified. */
  readonly verified: boolean;
  readonly left?: readonly string[];
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
  machine(): MachineView;
  machineMermaid(): string;
  readonly events: EventSource;
  readonly logs: LogSource;
  /** Starts a stop, or joins the one under way; the promise settles with the outcome, never later than its deadline. */
  stop(request: StopRequest): Promise<StopResult>;
}

export interface DeployRequest extends Actor {
  readonly file: string;
  readonly name?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly replace?: boolean;
}
export interface DeployResult {
  readonly name: string;
  readonly port: number;
  readonly state: StrategyState;
  readonly version: number;
}

/** The daemon as its control plane sees it. Every command throws a `QktError` when it is refused. */
export interface DaemonPort {
  health(): DaemonHealthView;
  list(): readonly StrategyRow[];
  strategy(name: string): StrategyPort | undefined;
  names(): readonly string[];
  gateways(): readonly GatewayView[];
  readonly events: EventSource;
  deploy(request: DeployRequest): Promise<DeployResult>;
  start(name: string, actor: Actor): Promise<DeployResult>;
  restart(name: string, actor: Actor): Promise<DeployResult>;
  remove(name: string, actor: Actor): Promise<void>;
  /** Begins an orderly end and returns at once. */
  shutdown(actor: Actor): void;
}
