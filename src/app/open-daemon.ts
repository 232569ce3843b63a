/** Opens a daemon, everything after what it needs; each part has its cleanup the moment it exists. */
import { readFileSync } from 'node:fs';
import type { DaemonEvents } from '../actors/daemon-events.ts';
import { DaemonJournal } from '../actors/daemon-journal.ts';
import { Fleet } from '../actors/fleet.ts';
import { leftOpen } from '../actors/left-open.ts';
import { createLogSink, type Logger, type LogSink } from '../actors/log-sink.ts';
import { activeStates } from '../actors/machine-view.ts';
import { NO_MEMORY } from '../actors/memory.ts';
import { strategyMachine } from '../actors/strategy.ts';
import type { SupervisorActor } from '../actors/supervisor-actor.ts';
import { openVenues, type Venues } from '../actors/venues.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import type { LeftOpen } from '../domain/left-open.ts';
import type { DaemonPort } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import { asQktError } from '../errors.ts';
import { listenControl } from '../http/control-server.ts';
import type { HttpCounters } from '../http/http-counters.ts';
import type { HttpOptions } from '../http/http-server.ts';
import { OperationRegistry } from '../http/operations.ts';
import { HISTORY_SHARE, ReaderShare } from '../http/reader-share.ts';
import { TokenStore } from '../http/tokens.ts';
import { machineToMermaid } from '../observe/diagrams/machine-to-mermaid.ts';
import { createLogReader } from '../observe/log-reader.ts';
import { RunLog } from '../store/run-log.ts';
import { differenceEvent } from '../streams/order-events.ts';
import { openStateDir, type StateDir } from '../store/state-dir.ts';
import { createHosting } from '../worker/hosting.ts';
import type { Acts } from './acts.ts';
import { Alerts } from './alerts.ts';
import type { Cleanups } from './cleanups.ts';
import type { AppOptions } from './options.ts';
import { VERSION, type Opened, type Parts } from './parts.ts';
import type { Settings } from './settings.ts';
import { strategyPorts, type OpenStrategyPort } from './strategy-ports.ts';

/** What is there before anything is opened. */
export interface Opening {
  readonly options: AppOptions;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly supervisor: SupervisorActor;
  readonly events: DaemonEvents;
  readonly daemon: DaemonPort;
  readonly acts: Acts;
  readonly counters: HttpCounters;
  readonly cleanups: Cleanups;
  /** Filled part by part. */
  readonly parts: Parts;
}

const STOP_STRATEGIES_MS = 5_000;

/** @throws QktError with what could not be opened; what was, is left to the cleanups. */
export async function openDaemon(opening: Opening): Promise<Opened> {
  const { options, clock, cleanups, parts } = opening;
  const { config } = options;
  const state = (parts.state = await openStateDir(options.stateDir, clock));
  cleanups.add('state directory', () => state.close());
  const run = (parts.run = options.keepsNothing === true ? undefined : new RunLog(state.path, VERSION, clock));
  cleanups.add('run record', () => run?.end('stopped', cleanups.failures.join('; ')));
  const tokens = new TokenStore(state.path, clock);
  const logs = (parts.logs = openLogs(opening, state));
  const log = (parts.log = logs.logger());
  const journal = (parts.journal = await openJournal(opening, state));
  // After the journal: it says where the numbers of events go on.
  tellLastRun(opening, run);
  const venues = (parts.venues = await connectVenues(opening));
  const http: HttpOptions = {
    clock,
    tokens,
    version: VERSION,
    bind: config.http.bind,
    expose: options.expose ?? false,
    allowedHosts: config.http.allowedHosts,
    share: new ReaderShare(clock),
    historyShare: new ReaderShare(clock, HISTORY_SHARE),
    counters: opening.counters,
    report: ({ requestId, method, path, error }) =>
      log.error('request failed', { requestId, method, path, error: asQktError(error).message }),
  };
  const operations = new OperationRegistry(clock);
  const openPort = strategyPorts(config.http.portPool, http, operations);
  const fleet = (parts.fleet = createFleet(opening, { state, logs, journal, venues, openPort }));
  // As the last thing before they are let go: a stop that was given up goes on until then.
  cleanups.add('what stays open', () => {
    const positions = leftOpen(fleet.members());
    run?.leaves(positions);
    if (options.alone !== true) tellLeftOpen(positions, log);
  });
  watchJournal(opening);
  const alerts = (parts.alerts = openAlerts(opening, { state, logs, log, fleet }));
  const control = (parts.control = await listenControl({
    ...http,
    daemon: opening.daemon,
    operations,
    ...(journal !== undefined && { journal: journal.queries }),
    ...(alerts !== undefined && { alerts: alerts.desk }),
    port: config.http.controlPort,
    stateDir: state.path,
  }));
  cleanups.add('control plane', () => control.close());
  cleanups.add('strategy ports', () => fleet.closeServers());
  cleanups.add('strategies', () => fleet.stopAll(STOP_STRATEGIES_MS, 'daemon'));
  if (options.alone === true) fleet.settleVenues();
  else await fleet.recover();
  tellCutOff(fleet, opening);
  alerts?.start();
  cleanups.add('alerts', () => alerts?.close());
  state.writeControlPort(control.port);
  log.info('daemon started', { version: VERSION, pid: process.pid, controlPort: control.port });
  return { state, logs, log, run, journal, venues, fleet, alerts, control };
}

/** Stops with flatten that the end before has cut off: nobody closes what they left but a person. */
function tellCutOff(fleet: Fleet, { acts, parts }: Opening): void {
  for (const { runtime } of fleet.members()) {
    const { name, cutOff } = runtime;
    if (cutOff === undefined) continue;
    const { by, requestedAt } = cutOff;
    const held = runtime.view().positions.map(({ symbol, qty }) => `${symbol} ${qty.toString()}`);
    parts.logs?.logger(name).error('its stop with flatten was cut off by the end of the daemon', {
      by,
      since: iso(requestedAt),
      holds: held.join(', ') || 'nothing',
    });
    void acts.note({ command: 'stop', target: name, by, args: { flatten: true } }, 'cut off');
  }
}

/** Each position that the end leaves open: whoever reads the log must know which of them nothing stops. */
function tellLeftOpen(positions: readonly LeftOpen[], log: Logger): void {
  for (const { protected: isProtected, ...position } of positions)
    if (isProtected) log.info('position stays open', position);
    else log.warn('position stays open, and no stop at its venue protects it', position);
}

function openLogs({ options, clock, cleanups }: Opening, state: StateDir): LogSink {
  const { config, logToStderr } = options;
  const logs = createLogSink({
    dir: state.logsDir,
    config: config.logging,
    clock,
    secrets: secretsOf(config, state),
    ...(logToStderr === true && { mirror: process.stderr }),
  });
  const flush = (): void => logs.flushSync();
  process.on('exit', flush);
  cleanups.add('logs', () => {
    process.off('exit', flush);
    return logs.close();
  });
  return logs;
}

/** An end that was not in order is told by the next start. */
function tellLastRun({ parts, events, clock }: Opening, run: RunLog | undefined): void {
  const before = run?.before;
  if (before === undefined || before.ended === 'stopped') return;
  const { ended, pid, startedAt, detail } = before;
  const why = detail === undefined ? {} : { detail };
  parts.log?.warn(`the run before this one ended unclean: it ${ended === 'killed' ? 'was killed' : 'crashed'}`, {
    pid,
    startedAt,
    ...why,
  });
  events.rings.append({ type: 'lifecycle', from: ended, to: 'starting', cause: 'LAST_RUN', ...why }, clock.now());
}

async function openJournal(opening: Opening, state: StateDir): Promise<DaemonJournal | undefined> {
  const { options, clock, events, cleanups } = opening;
  if (options.keepsNothing === true) return undefined;
  const journal = await DaemonJournal.open(state.path, clock, events.rings, options.disk);
  events.remember(journal.memory);
  cleanups.add('journal', () => journal.close());
  return journal;
}

async function connectVenues({ options, clock, events, cleanups, parts }: Opening): Promise<Venues> {
  const { config, openReplay, openTransport } = options;
  const venues = await openVenues(config.venues, config.defaultVenue, {
    clock,
    instruments: config.instruments,
    sessions: config.sessions,
    currency: config.account.currency,
    ...(openReplay !== undefined && { openReplay }),
    ...(openTransport !== undefined && { openTransport }),
    onDifference: (venue, difference, settled) => {
      const { strategy, kind, symbol, ours, theirs, policy, done } = difference;
      const told = { strategy, kind, symbol, ours, theirs, policy, done };
      if (settled) parts.log?.info(`book and ${venue} agree again`, told);
      else if (strategy === null) parts.log?.warn(`${venue} holds what is no strategy's`, told);
      else parts.log?.warn(`book and ${venue} differ`, told);
      // What concerns a strategy is among its own events.
      if (strategy === null) events.rings.append(differenceEvent(venue, difference, settled), clock.now());
    },
    onFault: (venue, strategy, error) => parts.log?.error(`fault in an account on ${venue}`, { strategy, error }),
    onTransition: (actor, venue, from, to, cause) => {
      // A gateway that is away is tried for as long as that takes: what is news of it is told below.
      const level = actor === 'gateway' ? 'debug' : 'info';
      parts.log?.[level](`${actor} ${venue}: ${from} → ${to}`, cause === '' ? {} : { cause });
    },
    onMachineFault: (actor, venue, { error, during }) =>
      parts.log?.error(`fault in the ${actor} machine of ${venue}`, { ...error, during }),
  });
  for (const [name, error] of venues.closed) parts.log?.warn(`venue ${name} is not open`, { cause: error.located });
  for (const venue of venues.open.values()) {
    cleanups.add(`venue ${venue.name}`, () => venue.close());
    venue.gateway.notices$.subscribe((notice) => {
      const { from, to, cause, link } = notice;
      events.rings.append(notice, clock.now());
      parts.log?.[link === undefined ? 'info' : 'warn'](`gateway ${venue.name}: ${from} → ${to}`, { cause, link });
    });
    venue.start();
  }
  return venues;
}

interface FleetParts extends Pick<Opened, 'state' | 'logs' | 'journal' | 'venues'> {
  readonly openPort: OpenStrategyPort;
}

function createFleet(opening: Opening, { state, logs, journal, venues, openPort }: FleetParts): Fleet {
  const { options, clock, settings, supervisor, events, acts, cleanups } = opening;
  const fleet = new Fleet({
    get config() {
      return settings.config;
    },
    venues,
    clock,
    supervisor,
    modulesDir: state.strategiesDir,
    events,
    hosting: createHosting({ clock, inline: options.isolation === 'inline' }),
    logger: (name) => logs.logger(name),
    memory: journal?.memory ?? NO_MEMORY,
    isBounded: options.keepsNothing === true,
    told: (act, run, target) => acts.told(act, run, target),
    releaseLog: (name) => logs.release(name),
    logs: (name) => createLogReader(logs.path(name), clock),
    journalLease: () => journal?.lease(),
    queues: (name) => [...(journal === undefined ? [] : [journal.queue()]), logs.queue(name)],
    mermaid: ({ actor }) => machineToMermaid(strategyMachine, activeStates(actor.snapshot().value)),
    openPort,
  });
  cleanups.add('fleet', () => fleet.dispose());
  return fleet;
}

function openAlerts(opening: Opening, parts: Pick<Opened, 'state' | 'logs' | 'log' | 'fleet'>): Alerts | undefined {
  const { options, settings, clock, daemon, acts, events } = opening;
  if (options.keepsNothing === true) return undefined;
  const { journal } = opening.parts;
  return new Alerts({
    clock,
    config: options.config,
    strategies: () => settings.config.strategies,
    ...(options.alertsFaster !== undefined && { faster: options.alertsFaster }),
    daemon,
    acts,
    events: events.rings,
    parts: { ...parts, ...(journal !== undefined && { journal }) },
  });
}

/** Entries stay out as long as the journal cannot be written, from before the first strategy is there. */
function watchJournal({ parts, cleanups }: Opening): void {
  const unwatch = parts.journal?.watch((failure) => {
    if (failure !== undefined) parts.log?.error('the journal cannot be written', failure);
    parts.fleet?.blockEntries(failure === undefined ? undefined : 'the journal cannot be written');
  });
  cleanups.add('journal watch', () => unwatch?.());
}

/** Values that no log line may carry. */
function secretsOf(config: Config, state: StateDir): readonly string[] {
  const keys = [...config.venues.values()].flatMap((venue) =>
    venue.type === 'mt5' && venue.apiKey ? [venue.apiKey] : [],
  );
  return [...keys, readFileSync(state.controlToken, 'utf8').trim()];
}
