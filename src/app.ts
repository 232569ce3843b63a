/**
 * Composition root. `createApp` wires, `start` opens (`app/open-daemon.ts`), `stop` closes in
 * reverse; `fail` is the end by a fault. This file and `app/` are the only ones that see everything.
 */
import { fromPromise } from 'xstate';
import { daemonCommands } from './actors/daemon-commands.ts';
import { DaemonEvents } from './actors/daemon-events.ts';
import { leftOpen } from './actors/left-open.ts';
import type { DeadlineInput } from './actors/strategy-events.ts';
import { createSupervisorActor, type SupervisorActor } from './actors/supervisor-actor.ts';
import { gatewayViews, venueNamed } from './actors/venues.ts';
import { Acts } from './app/acts.ts';
import { Cleanups } from './app/cleanups.ts';
import { DaemonHealth } from './app/daemon-health.ts';
import { DaemonMeter } from './app/daemon-metrics.ts';
import { endByFault } from './app/fault.ts';
import { openDaemon } from './app/open-daemon.ts';
import type { App, AppOptions } from './app/options.ts';
import type { Opened, Parts } from './app/parts.ts';
import { Settings } from './app/settings.ts';
import { WallClock, type Clock } from './clock.ts';
import type { DaemonPort, ReloadResult } from './domain/ports.ts';
import type { VenueFaults } from './domain/venue.ts';
import type { RunSummary } from './domain/run-summary.ts';
import { asQktError, QktError } from './errors.ts';
import { HttpCounters } from './http/http-counters.ts';
import { runSummary } from './observe/run-summary.ts';

export type { App, AppOptions, ConfigSource } from './app/options.ts';

const SHUTDOWN_MS = 15_000;

/** Wires a daemon; nothing is opened before {@link App.start}. */
export function createApp(options: AppOptions): App {
  return new Daemon(options);
}

class Daemon implements App {
  readonly daemon: DaemonPort;
  readonly stopping: Promise<void>;
  readonly ended: Promise<void>;
  readonly #options: AppOptions;
  readonly #clock: Clock;
  readonly #supervisor: SupervisorActor;
  readonly #events: DaemonEvents;
  readonly #health: DaemonHealth;
  readonly #cleanups: Cleanups;
  readonly #settings: Settings;
  /** What there is so far; `#opened` is all of it. */
  readonly #parts: Parts = {};
  readonly #acts = new Acts(this.#parts);
  /** Of all servers. */
  readonly #counters = new HttpCounters();
  #whole: Opened | undefined;
  #openError: unknown;
  #failing: Promise<void> | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
    const clock = (this.#clock = options.clock ?? new WallClock());
    this.#events = new DaemonEvents(clock);
    this.#health = new DaemonHealth({
      clock,
      state: () => (this.#failing === undefined ? this.#supervisor.state() : 'stopping'),
      parts: this.#parts,
      events: this.#events.rings,
      ...(options.disk !== undefined && { disk: options.disk }),
    });
    this.#cleanups = new Cleanups(clock);
    this.#settings = new Settings(options.config, options.source);
    const meter = new DaemonMeter({
      clock,
      parts: this.#parts,
      health: this.#health,
      gateways: () => gatewayViews(this.#parts.venues!, options.config.venues),
      counters: this.#counters,
    });
    this.daemon = daemonCommands({
      fleet: () => this.#opened.fleet,
      targets: () => this.#parts.fleet?.meter.targets() ?? [],
      gateways: () => gatewayViews(this.#opened.venues, options.config.venues),
      metrics: () => meter.view(),
      events: this.#events.port,
      health: () => this.#health.view(),
      told: (act, run, target) => this.#acts.told(act, run, target),
      reload: () => this.#reload(),
      shutdown: (by) => {
        void this.#acts.note({ command: 'shutdown', target: null, by }, 'begun');
        this.#opened.log.info('shutdown asked for', { by });
        this.#supervisor.shutdown(SHUTDOWN_MS);
        return leftOpen(this.#opened.fleet.members());
      },
    });
    // It begins to open at once, with the commands above.
    this.#supervisor = createSupervisorActor({
      clock,
      ports: {
        actors: {
          open: fromPromise<unknown, void>(() => this.#open()),
          close: fromPromise<unknown, DeadlineInput>(({ input }) => this.#close(input)),
        },
      },
      onFault: ({ error, during }) => this.#parts.log?.error('fault in the daemon machine', { ...error, during }),
    });
    this.stopping = this.#supervisor.stopping;
    this.ended = this.#supervisor.ended;
  }

  get #opened(): Opened {
    if (this.#whole === undefined) throw new QktError('QKT_E_STARTING', 'the daemon has not been opened yet');
    return this.#whole;
  }

  get controlUrl(): string {
    return `http://127.0.0.1:${this.#opened.control.port}`;
  }

  get stateDir(): string {
    return this.#parts.state?.path ?? this.#options.stateDir;
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
    for (const venue of this.#opened.venues.open.values()) venue.market.open();
  }

  async stop(): Promise<void> {
    this.#supervisor.shutdown(SHUTDOWN_MS);
    await this.ended;
    const { notClosed } = this.#cleanups;
    if (notClosed.length > 0) throw new QktError('QKT_E_INTERNAL', `not closed in order: ${notClosed.join('; ')}`);
  }

  fail(fault: unknown): Promise<void> {
    return (this.#failing ??= endByFault(fault, this.#parts, this.#acts, this.#clock));
  }

  get feedsEnded(): Promise<void> {
    const replays = [...this.#opened.venues.open.values()].filter(({ replay }) => replay !== undefined);
    // What a strategy's loss or halt has set in motion is a matter of promises: they come first.
    return Promise.all(replays.map(({ market }) => market.ended)).then(
      () => new Promise((resolve) => setImmediate(resolve)),
    );
  }

  progress(): number | undefined {
    const shares = [...this.#opened.venues.open.values()].flatMap(({ replay }) =>
      replay === undefined ? [] : [replay.progress()],
    );
    return shares.length === 0 ? undefined : Math.min(...shares);
  }

  summary(name: string): RunSummary {
    const runtime = this.#opened.fleet.runtime(name);
    const { book, actor } = runtime;
    const counts = this.#opened.venues.open.get(book.options.venue)?.replay?.counts;
    const drops = { ...counts, outlier: book.options.market.allOutliers() };
    return runSummary(name, book, actor.snapshot().context.haltCauses, drops, runtime.losses());
  }

  faults(venue: string): VenueFaults {
    const { faults } = venueNamed(this.#opened.venues, venue);
    if (faults === undefined) throw new QktError('QKT_E_UNKNOWN_VENUE', `${venue} is real: nothing can be done to it`);
    return faults;
  }

  async #open(): Promise<void> {
    // The supervisor asks for this while it is made: what the constructor has not assigned yet is not there yet.
    await Promise.resolve();
    try {
      this.#whole = await openDaemon({
        options: this.#options,
        clock: this.#clock,
        settings: this.#settings,
        supervisor: this.#supervisor,
        events: this.#events,
        daemon: this.daemon,
        acts: this.#acts,
        counters: this.#counters,
        cleanups: this.#cleanups,
        parts: this.#parts,
      });
      this.#health.start(this.#cleanups);
    } catch (error) {
      this.#openError = error;
      throw error;
    }
  }

  async #close({ deadline }: DeadlineInput): Promise<void> {
    this.#parts.log?.info('daemon stopping');
    await this.#cleanups.close(deadline);
  }

  /** Logs are opened anew whatever the configuration says. */
  async #reload(): Promise<ReloadResult> {
    const { logs, log, fleet } = this.#opened;
    logs.reopen();
    const result = await this.#settings.reload((config, warnings) => {
      logs.configure(config.logging);
      fleet.reconfigure();
      for (const warning of warnings) log.warn(warning);
    });
    const { needsRestart } = result;
    if (needsRestart.length > 0) log.warn('changed, and in force after a restart only', { keys: needsRestart });
    return result;
  }
}
