/**
 * Composition root: the only file that sees everything. `createApp` wires, `start` opens, `stop`
 * closes in reverse. What is opened registers its cleanup the moment it exists.
 */
import { readFileSync } from 'node:fs';
import { fromPromise } from 'xstate';
import { Fleet } from './actors/fleet.ts';
import type { VenueDependencies } from './actors/paper-venue.ts';
import { Lease } from './actors/leases.ts';
import { createLogSink, type Logger, type LogSink } from './actors/log-sink.ts';
import { gatewayViews, openVenues, venueNamed, type Venues } from './actors/venues.ts';
import { daemonCommands } from './actors/daemon-commands.ts';
import type { Act } from './actors/act.ts';
import { DaemonJournal } from './actors/daemon-journal.ts';
import { NO_MEMORY, type Memory } from './actors/memory.ts';
import { activeStates } from './actors/machine-view.ts';
import { strategyMachine } from './actors/strategy.ts';
import type { DeadlineInput } from './actors/strategy-events.ts';
import { createSupervisorActor, type SupervisorActor } from './actors/supervisor-actor.ts';
import { WallClock, type Clock } from './clock.ts';
import type { Config } from './config/types.ts';
import type { DaemonPort, StrategyPort } from './domain/ports.ts';
import type { VenueFaults } from './domain/venue.ts';
import type { DaemonHealthView, RunSummary } from './domain/views.ts';
import { asQktError, QktError } from './errors.ts';
import { listenControl } from './http/control-server.ts';
import { OperationRegistry } from './http/operations.ts';
import { createStrategyServer } from './http/strategy-server.ts';
import { TokenStore } from './http/tokens.ts';
import type { HttpOptions } from './http/http-server.ts';
import { machineToMermaid } from './observe/diagrams/machine-to-mermaid.ts';
import { createLogReader } from './observe/log-reader.ts';
import { runSummary } from './observe/run-summary.ts';
import type { Disk } from './store/disk.ts';
import { PortPool } from './store/port-pool.ts';
import { openStateDir, type StateDir } from './store/state-dir.ts';
import { EventOrder } from './streams/event-order.ts';
import { EventRings } from './streams/event-rings.ts';
import { MergedEvents } from './streams/merged-events.ts';
import { createInlineHost } from './worker/inline-host.ts';
import { createWorkerHost } from './worker/worker-host.ts';

export interface AppOptions {
  readonly config: Config;
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
  /** Settles when `POST /daemon/shutdown` or `stop` has ended everything. */
  readonly ended: Promise<void>;
  /** Settles when every replay feed has come to its end and the strategies have worked through it. */
  readonly feedsEnded: Promise<void>;
  /** Share of the replays' data done, 0 to 1; undefined when there is no replay. */
  progress(): number | undefined;
  summary(name: string): RunSummary;
  /** The handles of a drill on a paper venue. @throws QktError QKT_E_UNKNOWN_VENUE */
  faults(venue: string): VenueFaults;
}

const STOP_STRATEGIES_MS = 5_000;
const SHUTDOWN_MS = 15_000;
const LOOP_LEASE_MS = 2_000;
const LOOP_LOOK_MS = 250;

/** Wires a daemon; nothing is opened before {@link App.start}. */
export function createApp(options: AppOptions): App {
  return new Daemon(options);
}

interface Cleanup {
  readonly what: string;
  readonly run: () => unknown;
}

/** What exists once the daemon has been opened. */
interface Opened {
  readonly state: StateDir;
  readonly logs: LogSink;
  readonly log: Logger;
  readonly venues: Venues;
  readonly fleet: Fleet;
  readonly controlPort: number;
}

class Daemon implements App {
  readonly daemon: DaemonPort;
  readonly ended: Promise<void>;
  readonly #options: AppOptions;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #supervisor: SupervisorActor;
  readonly #order: EventOrder;
  readonly #merged: MergedEvents;
  readonly #events: EventRings;
  readonly #loop: Lease;
  readonly #cleanups: Cleanup[] = [];
  readonly #failures: string[] = [];
  #journal: DaemonJournal | undefined;
  #opened: Opened | undefined;
  #openError: unknown;

  constructor(options: AppOptions) {
    this.#options = options;
    const clock = (this.#clock = options.clock ?? new WallClock());
    this.#startedAt = clock.monotonic();
    const order = (this.#order = new EventOrder(clock));
    this.#merged = new MergedEvents(order);
    this.#events = new EventRings({ strategy: 'daemon', clock, order });
    this.#loop = new Lease('eventLoop', LOOP_LEASE_MS, clock);
    this.#merged.add('daemon', this.#events);
    this.#supervisor = createSupervisorActor({
      clock: this.#clock,
      ports: {
        actors: {
          open: fromPromise<unknown, void>(() => this.#open()),
          close: fromPromise<unknown, DeadlineInput>(() => this.#close()),
        },
      },
      onFault: ({ error, during }) => this.#opened?.log.error('fault in the daemon machine', { ...error, during }),
    });
    this.ended = this.#supervisor.ended;
    this.daemon = daemonCommands({
      fleet: () => this.#parts.fleet,
      gateways: () => gatewayViews(this.#parts.venues, this.#options.config.venues),
      events: this.#merged,
      health: () => this.#health(),
      told: (act, run, target) => this.#told(act, run, target),
      shutdown: (by) => {
        this.#note({ command: 'shutdown', target: null, by }, 'begun');
        this.#parts.log.info('shutdown asked for', { by });
        this.#supervisor.shutdown(SHUTDOWN_MS);
      },
    });
  }

  get #parts(): Opened {
    if (this.#opened === undefined) throw new QktError('QKT_E_STARTING', 'the daemon has not been opened yet');
    return this.#opened;
  }

  get controlUrl(): string {
    return `http://127.0.0.1:${this.#parts.controlPort}`;
  }

  get stateDir(): string {
    return this.#opened?.state.path ?? this.#options.stateDir;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): boolean => this.#supervisor.state() !== 'starting';
      if (done()) return resolve();
      const subscription = this.#supervisor.ref.subscribe(() => {
        if (!done()) return;
        subscription.unsubscribe();
        resolve();
      });
    });
    if (this.#supervisor.state() === 'running') return;
    await this.ended;
    throw asQktError(this.#openError ?? new Error('the daemon was stopped while it started'));
  }

  openMarkets(): void {
    for (const venue of this.#parts.venues.open.values()) venue.market.open();
  }

  async stop(): Promise<void> {
    this.#supervisor.shutdown(SHUTDOWN_MS);
    await this.ended;
    if (this.#failures.length > 0)
      throw new QktError('QKT_E_INTERNAL', `not closed in order: ${this.#failures.join('; ')}`);
  }

  get feedsEnded(): Promise<void> {
    const replays = [...this.#parts.venues.open.values()].filter(({ replay }) => replay !== undefined);
    return Promise.all(replays.map(({ market }) => market.ended)).then(() => {});
  }

  progress(): number | undefined {
    const shares = [...this.#parts.venues.open.values()].flatMap(({ replay }) =>
      replay === undefined ? [] : [replay.progress()],
    );
    return shares.length === 0 ? undefined : Math.min(...shares);
  }

  summary(name: string): RunSummary {
    const { book, actor } = this.#parts.fleet.runtime(name);
    const counts = this.#parts.venues.open.get(book.options.venue)?.replay?.counts;
    return runSummary(name, book, actor.snapshot().context.haltCauses, {
      ...counts,
      outlier: book.options.market.allOutliers(),
    });
  }

  faults(venue: string): VenueFaults {
    return venueNamed(this.#parts.venues, venue).faults;
  }

  /** Opens everything in the order that each needs the one before. */
  async #open(): Promise<void> {
    try {
      this.#opened = await this.#openAll();
    } catch (error) {
      this.#openError = error;
      throw error;
    }
  }

  async #openAll(): Promise<Opened> {
    const { config, logToStderr, openReplay } = this.#options;
    const clock = this.#clock;
    const state = await openStateDir(this.#options.stateDir, clock);
    this.#onClose('state directory', () => state.close());
    const tokens = new TokenStore(state.path, clock);
    const logs = createLogSink({
      dir: state.logsDir,
      config: config.logging,
      clock,
      secrets: secretsOf(config, state),
      ...(logToStderr === true && { mirror: process.stderr }),
    });
    const flush = (): void => logs.flushSync();
    process.on('exit', flush);
    this.#onClose('logs', () => {
      process.off('exit', flush);
      return logs.close();
    });
    const log = logs.logger();
    const memory = await this.#openMemory(state);
    const venues = await openVenues(config.venues, config.defaultVenue, {
      clock,
      instruments: config.instruments,
      ...(openReplay !== undefined && { openReplay }),
      onTransition: (actor, venue, from, to, cause) => this.#onVenue(log, actor, venue, from, to, cause),
    });
    for (const [name, error] of venues.closed) log.warn(`venue ${name} is not open`, { cause: error.located });
    for (const venue of venues.open.values()) {
      this.#onClose(`venue ${venue.name}`, () => venue.close());
      venue.start();
    }
    const http: HttpOptions = {
      clock,
      tokens,
      version: VERSION,
      bind: config.http.bind,
      expose: this.#options.expose ?? false,
      allowedHosts: config.http.allowedHosts,
      report: ({ requestId, method, path, error }) =>
        log.error('request failed', { requestId, method, path, error: asQktError(error).message }),
    };
    const operations = new OperationRegistry(clock);
    const fleet = this.#openFleet(state, logs, venues, http, operations, memory);
    this.#watchJournal(fleet, log);
    const control = await listenControl({
      ...http,
      daemon: this.daemon,
      operations,
      ...(this.#journal !== undefined && { journal: this.#journal.queries }),
      port: config.http.controlPort,
      stateDir: state.path,
    });
    this.#onClose('control plane', () => control.close());
    this.#onClose('strategy ports', () => fleet.closeServers());
    this.#onClose('strategies', () => fleet.stopAll(STOP_STRATEGIES_MS, 'daemon'));
    if (this.#options.alone !== true) await fleet.recover();
    state.writeControlPort(control.port);
    const look = clock.every(LOOP_LOOK_MS, () => this.#loop.renew());
    this.#onClose('event loop lease', look);
    log.info('daemon started', { version: VERSION, pid: process.pid, controlPort: control.port });
    return { state, logs, log, venues, fleet, controlPort: control.port };
  }

  async #openMemory(state: StateDir): Promise<Memory> {
    if (this.#options.keepsNothing === true) return NO_MEMORY;
    const journal = await DaemonJournal.open(state.path, this.#clock, this.#order, this.#options.disk);
    this.#journal = journal;
    this.#onClose('journal', () => journal.close());
    return journal.memory;
  }

  /** Entries stay out as long as the journal cannot be written, from before the first strategy is there. */
  #watchJournal(fleet: Fleet, log: Logger): void {
    const unwatch = this.#journal?.watch((failure) => {
      if (failure !== undefined) log.error('the journal cannot be written', failure);
      fleet.blockEntries(failure === undefined ? undefined : 'the journal cannot be written');
    });
    this.#onClose('journal watch', () => unwatch?.());
  }

  #openFleet(
    state: StateDir,
    logs: LogSink,
    venues: Venues,
    http: HttpOptions,
    operations: OperationRegistry,
    memory: Memory,
  ): Fleet {
    const pool = new PortPool(this.#options.config.http.portPool);
    const fleet = new Fleet({
      config: this.#options.config,
      venues,
      clock: this.#clock,
      supervisor: this.#supervisor,
      modulesDir: state.strategiesDir,
      order: this.#order,
      merged: this.#merged,
      createHost: (name) => (this.#options.isolation === 'inline' ? createInlineHost() : createWorkerHost({ name })),
      logger: (name) => logs.logger(name),
      memory,
      told: (act, run, target) => this.#told(act, run, target),
      releaseLog: (name) => logs.release(name),
      logs: (name) => createLogReader(logs.path(name), this.#clock),
      mermaid: ({ actor }) => machineToMermaid(strategyMachine, activeStates(actor.snapshot().value)),
      openPort: async (strategy: StrategyPort, preferred) => {
        const server = createStrategyServer({ ...http, strategy, operations });
        const port = await pool.claim(preferred, (candidate) => listens(server, candidate));
        return {
          port,
          close: async () => {
            await server.close();
            pool.release(port);
          },
        };
      },
    });
    this.#onClose('fleet', () => fleet.dispose());
    return fleet;
  }

  #onClose(what: string, run: () => unknown): void {
    this.#cleanups.push({ what, run });
  }

  /** Runs the cleanups in reverse; one that fails is named, and the others go on. */
  async #close(): Promise<void> {
    this.#opened?.log.info('daemon stopping');
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup.run();
      } catch (error) {
        this.#failures.push(`${cleanup.what}: ${asQktError(error).message}`);
      }
    }
  }

  #onVenue(log: Logger, actor: 'gateway' | 'feed', venue: string, from: string, to: string, cause: string): void {
    log.info(`${actor} ${venue}: ${from} → ${to}`, cause === '' ? {} : { cause });
    if (actor === 'gateway')
      this.#events.append({ type: 'gateway', gateway: venue, from, to, cause }, this.#clock.now());
  }

  /** A command with its who, why and outcome, in the operators' chain and in the daemon's log. */
  async #told<T>(act: Act, run: () => Promise<T>, targetOf?: (result: T) => string): Promise<T> {
    const { log } = this.#parts;
    const { command, by, reason } = act;
    const fields = { target: act.target ?? 'all', by, ...(reason !== undefined && { reason }) };
    try {
      const result = await run();
      const target = targetOf?.(result) ?? act.target;
      this.#note({ ...act, target }, 'done');
      log.info(`${command} done`, { ...fields, target: target ?? 'all' });
      return result;
    } catch (error) {
      const { code, located } = asQktError(error);
      this.#note(act, code);
      log.warn(`${command} refused`, { ...fields, code, detail: located });
      throw error;
    }
  }

  #note(act: Act, outcome: string): void {
    try {
      this.#journal?.note(act, outcome);
    } catch (error) {
      // Too much waits to be written already: what was commanded happens all the same.
      this.#opened?.log.error(`${act.command} is missing from the journal`, { cause: asQktError(error).located });
    }
  }

  #health(): DaemonHealthView {
    const state = this.#supervisor.state();
    const leases = [this.#loop.view(), ...(this.#journal === undefined ? [] : [this.#journal.lease()])];
    const broken = leases.filter(({ ok }) => !ok).map(({ name }) => name);
    const counts: Record<string, number> = { total: 0 };
    for (const row of this.#opened?.fleet.rows() ?? []) {
      counts.total! += 1;
      counts[row.state] = (counts[row.state] ?? 0) + 1;
    }
    return {
      ok: state === 'running' && broken.length === 0,
      status: state === 'starting' || state === 'running' ? state : 'stopping',
      uptimeMs: Math.round(this.#clock.monotonic() - this.#startedAt),
      pid: process.pid,
      version: VERSION,
      strategies: counts,
      leases,
      ...(broken.length > 0 && { broken }),
    };
  }
}

/** Of this package. */
const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;

/** Values that no log line may carry. */
function secretsOf(config: Config, state: StateDir): readonly string[] {
  const keys = [...config.venues.values()].flatMap((venue) =>
    venue.type === 'mt5' && venue.apiKey ? [venue.apiKey] : [],
  );
  return [...keys, readFileSync(state.controlToken, 'utf8').trim()];
}

async function listens(server: { listen(where: { port: number }): Promise<number> }, port: number): Promise<boolean> {
  try {
    await server.listen({ port });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
