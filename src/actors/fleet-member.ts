/** One deployed strategy as the fleet holds it: book, runtime, queries and its port. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import type { LogSource, StrategyPort } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import type { LeaseView, QueueView } from '../domain/health-views.ts';
import { policyOf } from '../risk/policy.ts';
import { bookRules, riskOf, type StrategyRisk as RiskSettings } from '../risk/risk-settings.ts';
import { parseRollover } from '../risk/trading-day.ts';
import { EventRings } from '../streams/event-rings.ts';
import type { Hosting } from '../worker/hosting.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import type { Told } from './act.ts';
import type { DaemonEvents } from './daemon-events.ts';
import type { Logger } from './log-sink.ts';
import type { Memory, RegistryRow } from './memory.ts';
import type { Prepared } from './prepare.ts';
import { EquityCurve } from './equity-curve.ts';
import { StrategyBook } from './strategy-book.ts';
import { gatewayReason, StrategyHealth } from './strategy-health.ts';
import { MemberPort, type OpenPort } from './member-port.ts';
import { StrategyMeter } from './strategy-meter.ts';
import { StrategyQueries } from './strategy-port.ts';
import { StrategyRuntime } from './strategy-runtime.ts';
import type { SupervisorActor } from './supervisor-actor.ts';
import { TransitionLog } from './transition-log.ts';

export interface MemberDependencies {
  /** As it is in force at the time of asking: risk may change while a strategy runs. */
  readonly config: Config;
  readonly clock: Clock;
  readonly supervisor: SupervisorActor;
  readonly events: DaemonEvents;
  readonly memory: Memory;
  readonly hosting: Hosting;
  readonly logger: (strategy: string) => Logger;
  readonly logs: (strategy: string) => LogSource;
  /** It ends with its data, its summary lists every trade (else only those that readers are shown are held), and code that is lost stays lost. */
  readonly isBounded: boolean;
  /** The daemon's lease of the journal; none where nothing is kept. */
  readonly journalLease: () => LeaseView | undefined;
  /** The daemon's queues that a strategy's records wait in. */
  readonly queues: (strategy: string) => readonly QueueView[];
  /** Opens a strategy's server on its preferred port or another. @throws QktError QKT_E_PORT_POOL_EMPTY */
  readonly openPort: (strategy: StrategyPort, preferred: number | undefined) => Promise<OpenPort>;
  readonly mermaid: (runtime: StrategyRuntime) => string;
  /** Runs a command of a person, and keeps who did it, when, why and what came of it. */
  readonly told: Told;
}

/** What the fleet is told of a member. */
export interface MemberListener {
  entered(state: string): void;
  desired(desired: RegistryRow['desired'], by: string): Promise<void>;
}

export interface Member {
  readonly runtime: StrategyRuntime;
  readonly queries: StrategyQueries;
  readonly venue: string;
  readonly stopListening: () => void;
  readonly port: MemberPort;
  desired: RegistryRow['desired'];
  /** It is being removed: nothing that is wanted of it is remembered any more. */
  leaving: boolean;
}

/** Builds a member around what the journal recalls of it; nothing of it runs yet. */
export function createMember(prepared: Prepared, deps: MemberDependencies, listener: MemberListener): Member {
  const { config, clock, memory } = deps;
  const { name, venue } = prepared;
  const recalled = memory.recall(name);
  const settings = (definition: WireDefinition): RiskSettings => riskOf(definition.risk, deps.config.risk, name);
  const events = new EventRings({
    strategy: name,
    clock,
    order: deps.events.order,
    start: recalled?.nextSeq ?? 1,
    journalStart: recalled?.nextJournalSeq ?? 1,
  });
  const readers = deps.events.join(name, events);
  const book = new StrategyBook({
    name,
    venue: venue.name,
    market: venue.market,
    currency: config.account.currency,
    startingBalance: config.account.startingBalance,
    instruments: config.instruments,
    rates: config.rates,
    rollover: parseRollover(config.risk.dayRollover)!,
    events,
    store: memory.turns(name),
    openAccount: (links) => venue.openAccount(name, links),
    remembered: settings(prepared.definition).remembered,
    gatewayReady: () => venue.gateway.takes('entries'),
    takesExits: () => venue.gateway.takes('exits'),
    gatewayCause: (reconciled) => {
      const reason = gatewayReason(venue, reconciled);
      return reason && `gateway ${venue.name}: ${reason}`;
    },
    highSlippage: () => deps.config.strategies.get(name)?.highSlippage,
    ...(deps.isBounded && { tradesKept: Infinity }),
  });
  const transitions = new TransitionLog(memory.transitions(name));
  const runtime = new StrategyRuntime({
    name,
    deployment: prepared,
    book,
    recalled: recalled?.state,
    risk: settings,
    reserve: (upTo) => memory.reserve(name, upTo),
    clock,
    spawn: (options) => deps.supervisor.spawn(options),
    createHost: (definition) => deps.hosting.open(name, definition),
    isBounded: deps.isBounded,
    log: deps.logger(name),
    onTransition: (transition) => {
      transitions.add({ ...transition, ts: iso(venue.market.clock.now()) });
      listener.entered(transition.to);
    },
  });
  const drops = venue.drops$.subscribe(({ symbol }) => {
    if (symbol === undefined || runtime.market.feeds.has(symbol)) book.dropped(symbol);
  });
  const notices = venue.gateway.notices$.subscribe((notice) => book.record(notice));
  const port: MemberPort = new MemberPort(clock, (preferred) => deps.openPort(queries, preferred));
  const health = new StrategyHealth({
    runtime,
    venue,
    clock,
    journal: deps.journalLease,
    queues: () => [...deps.queues(name), ...port.readers()],
  });
  const stopWatching = health.start();
  const curve = new EquityCurve(name);
  const stopSampling = curve.follow(clock, venue.market.clock, () => runtime.view());
  const queries = new StrategyQueries({
    runtime,
    isolation: () => deps.hosting.isolationOf(runtime.deployment.definition),
    venue,
    health,
    meter: new StrategyMeter({
      runtime,
      health,
      clock,
      venueType: config.venues.get(venue.name)?.type ?? 'paper',
      expectTradesEveryMs: () => deps.config.strategies.get(name)?.expectTradesEveryMs,
    }),
    events: readers,
    logs: deps.logs(name),
    port: () => port.number,
    mermaid: deps.mermaid,
    risk: () => {
      const { limits, rules } = settings(runtime.deployment.definition);
      return policyOf(name, limits, [...rules, ...bookRules(deps.config.risk)]);
    },
    told: deps.told,
    curve,
    transitions,
    desired: (desired, by) => listener.desired(desired, by),
  });
  return {
    runtime,
    queries,
    venue: venue.name,
    stopListening: () => {
      stopWatching();
      stopSampling();
      drops.unsubscribe();
      notices.unsubscribe();
    },
    port,
    desired: 'running',
    leaving: false,
  };
}
