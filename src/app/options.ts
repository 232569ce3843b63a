/** What a daemon is started with, and what whoever started it holds of it. */
import type { VenueDependencies } from '../actors/venue.ts';
import type { Clock } from '../clock.ts';
import type { Loaded } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import type { DaemonPort } from '../domain/ports.ts';
import type { VenueFaults } from '../domain/venue.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { Disk } from '../store/disk.ts';

/** Where a configuration came from, so that it can be read again while the daemon runs. */
export interface ConfigSource {
  readonly loaded: Loaded;
  /** The same files, variables and flags as they are now. @throws QktError QKT_E_CONFIG, QKT_E_CONFIG_FILE */
  read(): Promise<Loaded>;
}

export interface AppOptions {
  readonly config: Config;
  /** Without one a reload opens the logs anew and changes nothing else. */
  readonly source?: ConfigSource;
  /** Created with mode 0700 when missing; locked against a second daemon. */
  readonly stateDir: string;
  /** Where authors' code runs; `inline` exists for replays and benchmarks and gives the same trades. */
  readonly isolation?: 'worker' | 'inline';
  /** A one-strategy daemon: the other strategies of the registry are left as they are. */
  readonly alone?: boolean;
  /** A bounded run: it begins from nothing and leaves nothing but logs. */
  readonly keepsNothing?: boolean;
  /** Serve an address that is not loopback; reading needs a token then. */
  readonly expose?: boolean;
  /** Print every log line to stderr as well. */
  readonly logToStderr?: boolean;
  /** Stands in for the reader of replay files: benchmarks hand in quotes that are in memory. */
  readonly openReplay?: VenueDependencies['openReplay'];
  /** Stands in for HTTP to MT5 gateways. */
  readonly openTransport?: VenueDependencies['openTransport'];
  /** How many times shorter all times of the alert table are, so that a test need not wait for hours. */
  readonly alertsFaster?: number;
  /** Stand in for the machine's, so that a drill can make time jump and the disk fail. */
  readonly clock?: Clock;
  readonly disk?: Disk;
}

export interface App {
  readonly daemon: DaemonPort;
  /** `http://127.0.0.1:<port>` once started. */
  readonly controlUrl: string;
  readonly stateDir: string;
  /** Takes the lock, opens the control plane, connects the venues. Market data flows only after {@link openMarkets}. */
  start(): Promise<void>;
  /** Lets replay and synthetic feeds begin: called once everything that should see their first tick is deployed. */
  openMarkets(): void;
  /** Orderly end: idempotent, bounded in time; rejects with the steps that failed. */
  stop(): Promise<void>;
  /**
   * The end after a fault that nobody caught: closes every gate, says why in log, journal and run
   * record, and closes the journal. Never rejects, takes 3 s at most; the process is to be ended then.
   */
  fail(fault: unknown): Promise<void>;
  /** Settles when an orderly end has begun, whoever asked for it. */
  readonly stopping: Promise<void>;
  /** Settles when `POST /daemon/shutdown` or `stop` has ended everything. */
  readonly ended: Promise<void>;
  /** Settles when every replay feed has come to its end and the strategies have worked through it. */
  readonly feedsEnded: Promise<void>;
  /** Share of the replays' data done, 0 to 1; undefined when there is no replay. */
  progress(): number | undefined;
  /** Every trade is in that of a bounded run; in another the last, as `/status` shows them. */
  summary(name: string): RunSummary;
  /** The handles of a drill on a paper venue. @throws QktError QKT_E_UNKNOWN_VENUE */
  faults(venue: string): VenueFaults;
}
