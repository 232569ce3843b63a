/** Composition root: the only file that sees everything. `createApp` wires, `start` opens, `stop` closes in reverse. */
import type { Config } from './config/types.ts';
import type { DaemonPort } from './domain/ports.ts';
import type { RunSummary } from './domain/views.ts';

export interface AppOptions {
  readonly config: Config;
  /** Created with mode 0700 when missing; locked against a second daemon. */
  readonly stateDir: string;
  /** Where authors' code runs; `inline` exists for replays and benchmarks and gives the same trades. */
  readonly isolation?: 'worker' | 'inline';
  /** Overrides of the configuration from flags; 0 as control port takes any free one. */
  readonly controlPort?: number;
  readonly portPool?: { readonly from: number; readonly to: number };
  /** Print every strategy's log lines to stderr as well. */
  readonly logToStderr?: boolean;
}

export interface App {
  readonly daemon: DaemonPort;
  /** `http://127.0.0.1:<port>` once started. */
  readonly controlUrl: string;
  readonly stateDir: string;
  /** Takes the lock, opens the control plane, starts the venues. Market data flows only after {@link openMarkets}. */
  start(): Promise<void>;
  /** Lets replay and synthetic feeds begin: called once everything that should see their first tick is deployed. */
  openMarkets(): void;
  /** Orderly end: idempotent, bounded in time, names the step that failed. */
  stop(): Promise<void>;
  /** Settles when `POST /daemon/shutdown` or `stop` has ended everything. */
  readonly ended: Promise<void>;
  /** Settles when every replay feed has come to its end and the strategies have worked through it. */
  readonly feedsEnded: Promise<void>;
  /** Share of the replays' data done, 0 to 1; undefined when there is no replay. */
  progress(): number | undefined;
  summary(name: string): RunSummary;
}

export declare function createApp(options: AppOptions): App;
