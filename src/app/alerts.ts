/** Alerts of a daemon: what they are judged by, the engine, and the channels that carry them. */
import { AlertDesk } from '../actors/alerts/alert-desk.ts';
import { AlertEngine } from '../actors/alerts/alert-engine.ts';
import { NoAlertMemory } from '../actors/alerts/alert-memory.ts';
import { AlertmanagerFeed } from '../actors/alerts/alertmanager-feed.ts';
import type { Evidence } from '../actors/alerts/alert-machine.ts';
import { FactsCollector } from '../actors/alerts/facts-collector.ts';
import { openNotifier } from '../actors/alerts/open-notifier.ts';
import type { Notifier } from '../actors/alerts/notifier.ts';
import { survivor } from '../actors/alerts/survivor.ts';
import { evaluate } from '../alerts/evaluate.ts';
import { ruleOf } from '../alerts/rules.ts';
import { Rulebook } from '../alerts/rulebook.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import { LOG_CHANNEL } from '../domain/channels.ts';
import { TRADING_EVENT_TYPES, type EventType } from '../domain/events.ts';
import type { AlertMetrics } from '../domain/metrics.ts';
import type { DaemonPort, StrategyPort } from '../domain/ports.ts';
import { diskBytes } from '../store/disk.ts';
import type { EventRings } from '../streams/event-rings.ts';
import type { Acts } from './acts.ts';
import type { Opened, Parts } from './parts.ts';

export interface AlertsOptions {
  readonly clock: Clock;
  /** Of the start. */
  readonly config: Config;
  /** As they are in force at the time of asking. */
  readonly strategies: () => Config['strategies'];
  /** How many times shorter all times of the alert table are. */
  readonly faster?: number;
  readonly daemon: DaemonPort;
  readonly acts: Acts;
  /** The daemon's own events. */
  readonly events: EventRings;
  readonly parts: Parts & Pick<Opened, 'state' | 'logs' | 'log' | 'fleet'>;
}

export class Alerts {
  readonly desk: AlertDesk;
  readonly notifier: Notifier;
  readonly #engine: AlertEngine;
  readonly #feed: AlertmanagerFeed;

  constructor(options: AlertsOptions) {
    const { clock, config, parts, acts } = options;
    const { log, logs, journal } = parts;
    const memory = journal?.alerts ?? new NoAlertMemory();
    const changes = [...config.strategies].map(([name, { alerts = {} }]) => [name, alerts] as const);
    const rulebook = new Rulebook(config.alerts, new Map(changes), options.faster);
    const onFault = ({ error, during }: { readonly error: object; readonly during?: string }): void =>
      log.error('fault in an alert', { ...error, during });
    this.notifier = openNotifier({
      clock,
      memory,
      settings: config.alerts,
      log,
      learned: (secret) => logs.addSecret(secret),
      onFault,
    });
    const survive = survivor(onFault);
    const collector = collectorOf(options, rulebook, memory);
    this.#engine = new AlertEngine({
      clock,
      judge: () => evaluate(collector.look(), rulebook, survive),
      memory,
      repeatMs: config.alerts.repeatMs,
      evidence: (name) => evidenceOf(options.daemon.strategy(name)),
      notify: (message) => this.notifier.add(message),
      record: (name, body) => {
        if (name === null) options.events.append(body, clock.now());
        else if (options.daemon.strategy(name) !== undefined) parts.fleet.runtime(name).book.record(body);
      },
      onFault,
    });
    this.desk = new AlertDesk({
      clock,
      engine: this.#engine,
      notifier: this.notifier,
      rulebook: () => rulebook,
      told: (act, run, target) => acts.told(act, run, target),
    });
    this.#feed = new AlertmanagerFeed({
      clock,
      channels: this.notifier.ofType('alertmanager'),
      alerts: () => this.desk.list(),
      onFault,
    });
  }

  /** Once every strategy of before is there. */
  start(): void {
    this.#engine.start();
  }

  metrics(): AlertMetrics {
    const channels = this.notifier.channels();
    const { lastLogged } = this.notifier;
    const log = { name: LOG_CHANNEL, delivered: this.notifier.logged, failed: 0, dropped: 0 };
    const firing = this.desk.list().filter(({ state }) => state === 'firing');
    return {
      active: firing.map(({ id, severity, strategy }) => ({ alertname: id, severity, strategy: strategy ?? '' })),
      notifications: [log, ...channels].flatMap(({ name, delivered, failed, dropped }) =>
        Object.entries({ delivered, failed, dropped }).map(([outcome, count]) => ({ channel: name, outcome, count })),
      ),
      lastDelivery: {
        ...(lastLogged !== undefined && { [LOG_CHANNEL]: lastLogged }),
        ...Object.fromEntries(
          channels.flatMap(({ name, lastProven }) => (lastProven === null ? [] : [[name, Date.parse(lastProven)]])),
        ),
      },
    };
  }

  /** In order, and before anything stops: what stops then is no outage. */
  close(): void {
    this.#feed.close();
    this.#engine.close();
    this.notifier.close();
  }
}

function collectorOf(
  { clock, strategies, daemon, parts }: AlertsOptions,
  rulebook: Rulebook,
  memory: ConstructorParameters<typeof FactsCollector>[0]['memory'],
): FactsCollector {
  const limitOf = (id: string, strategy?: string) =>
    (rulebook.find(id, strategy) ?? { limit: ruleOf(id)!.limit!.value }).limit;
  return new FactsCollector({
    clock,
    memory,
    spans: rulebook.spans,
    members: () => parts.fleet.members(),
    accounts: () => parts.fleet.meter.accounts(),
    gateways: () => daemon.gateways(),
    journal: () => {
      const { journal } = parts;
      return journal === undefined ? undefined : { lease: journal.lease(), syncs: journal.syncs() };
    },
    freeBytes: () => daemon.health().leases.find(({ name }) => name === 'disk')?.freeBytes,
    diskBytes: () => diskBytes(parts.state.path),
    highSlippage: (strategy) => strategies().get(strategy)?.highSlippage,
    losingShare: (strategy) => limitOf('unprotected_position', strategy),
    slowSync: () => limitOf('journal_slow').toNumber(),
  });
}

const EVENTS_AROUND = 10;
const TRADES_AROUND = 3;
/** Numbers of the last events; some of them are ticks. */
const LOOK_BACK = 200;
const AROUND: ReadonlySet<EventType> = new Set([...TRADING_EVENT_TYPES, 'lifecycle', 'lease', 'gateway'] as const);

/** The last trades and events of a strategy. */
function evidenceOf(strategy: StrategyPort | undefined): Evidence {
  if (strategy === undefined) return { trades: [], events: [] };
  const { trades, seq } = strategy.status();
  const since = Math.max(0, seq - LOOK_BACK);
  const { items } = strategy.events.source.read(since, { types: AROUND, limit: LOOK_BACK });
  const events = items.filter(({ type }) => type !== 'gap');
  return { trades: trades.slice(-TRADES_AROUND), events: events.slice(-EVENTS_AROUND) };
}
