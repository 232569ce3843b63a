/**
 * A strategy's health: its leases, what they decide, and how full its queues are. All of it is kept on
 * the main thread, where the author's code cannot hold it up, and told at the moment it is asked for.
 */
import type { Cancel, Clock } from '../clock.ts';
import { iso } from '../domain/time.ts';
import type { HealthView, LeaseView, QueueView, ReadyView } from '../domain/health-views.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import { BacklogLease } from './backlog-lease.ts';
import { watchLeases } from './lease-watch.ts';
import { GATEWAY_LIMIT_MS, INBOX_LIMIT_MS, JOURNAL_LIMIT_MS } from './leases.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';
import type { Venue } from './venue.ts';

/** States in which the tick loop runs: hung, crashed, stopped and still starting are none of them. */
const LOOP_RUNS: ReadonlySet<StrategyState> = new Set(['warming', 'trading', 'halting', 'halted']);
const LOOK_EVERY_MS = 100;

export interface StrategyHealthOptions {
  readonly runtime: StrategyRuntime;
  readonly venue: Venue;
  /** The wall clock. */
  readonly clock: Clock;
  /** The daemon's lease of the journal; none where nothing is kept. */
  readonly journal: () => LeaseView | undefined;
  /** Queues of the strategy that others hold: the journal's, its log's, its port's. */
  readonly queues: () => readonly QueueView[];
}

export class StrategyHealth {
  readonly #options: StrategyHealthOptions;
  readonly #commits: BacklogLease;
  readonly #inbox: BacklogLease;

  constructor(options: StrategyHealthOptions) {
    const { runtime, clock } = options;
    this.#options = options;
    this.#commits = new BacklogLease('journal', JOURNAL_LIMIT_MS, clock, () => runtime.book.commits.backlog);
    this.#inbox = new BacklogLease('inbox', INBOX_LIMIT_MS, clock, () => runtime.guest.inbox);
  }

  /** Keeps the leases, and records each one that breaks or holds again. */
  start(): Cancel {
    const { clock, runtime } = this.#options;
    const tell = watchLeases(({ name, ok }) => runtime.book.record({ type: 'lease', lease: name, ok }));
    return clock.every(LOOK_EVERY_MS, () => {
      this.#commits.look();
      this.#inbox.look();
      for (const feed of runtime.market.feeds.values()) feed.look();
      if (LOOP_RUNS.has(runtime.actor.state())) tell(this.#leases());
    });
  }

  /** Only the tick loop decides. */
  view(): HealthView {
    const { runtime } = this.#options;
    const leases = this.#leases();
    const ok = this.loopRuns;
    return {
      ok,
      status: runtime.actor.state(),
      uptimeMs: runtime.uptimeMs,
      leases,
      ...(!ok && { broken: [runtime.tickLoop.name] }),
    };
  }

  /** Would a signal now become an order? */
  ready(): ReadyView {
    const status = this.#options.runtime.actor.state();
    const broken = this.#leases()
      .filter(({ ok }) => !ok)
      .map(({ name }) => name);
    const missing = [...(status === 'trading' ? [] : [`state is ${status}, not trading`]), ...broken];
    return { ready: missing.length === 0, status, missing };
  }

  get loopRuns(): boolean {
    const { runtime } = this.#options;
    // A halt takes its time to cancel, whether or not anybody is there to go on afterwards.
    const isThere = runtime.actor.snapshot().context.guest === 'running';
    return isThere && runtime.tickLoop.ok && LOOP_RUNS.has(runtime.actor.state());
  }

  /** How old the quotes are, and which cannot be relied on. */
  data(): StatusView['data'] {
    const { runtime } = this.#options;
    const { lastTickTs, droppedTicks, options } = runtime.book;
    const feeds = [...runtime.market.feeds.values()];
    const outliers = feeds.reduce((sum, { symbol }) => sum + options.market.outliers(symbol), 0);
    const silentMs = Math.min(...feeds.map((feed) => feed.silentMs));
    return {
      lastTickAt: lastTickTs === undefined ? null : iso(lastTickTs),
      ageMs: lastTickTs === undefined || feeds.length === 0 ? null : Math.round(silentMs),
      stale: this.stale(),
      droppedTicks: droppedTicks + outliers,
    };
  }

  /** Symbols whose quotes are late. */
  stale(): readonly string[] {
    const { feeds } = this.#options.runtime.market;
    return [...feeds.values()].filter(({ stale }) => stale).map(({ symbol }) => symbol);
  }

  queues(): readonly QueueView[] {
    const { waiting, limit, inFlight, conflated } = this.#options.runtime.guest.inbox;
    return [{ name: 'inbox', depth: waiting, limit, inFlight, conflated }, ...this.#options.queues()];
  }

  #leases(): readonly LeaseView[] {
    const { runtime } = this.#options;
    const feeds = [...runtime.market.feeds.values()].map((feed) => feed.view());
    const loop = { ...runtime.tickLoop.view(), ok: this.loopRuns };
    return [loop, ...feeds, this.#journal(), this.#gateway(), this.#inbox.view()];
  }

  /** Its own turns must get to the disk, and the daemon's journal must be in order. */
  #journal(): LeaseView {
    const { runtime, journal } = this.#options;
    const own = this.#commits.view();
    const shared = journal();
    const blocked = runtime.book.desk.blocked;
    const reason = blocked ?? shared?.reason;
    return {
      ...own,
      ageMs: Math.max(own.ageMs, shared?.ageMs ?? 0),
      ok: own.ok && shared?.ok !== false && blocked === undefined,
      ...(reason !== undefined && { reason }),
    };
  }

  #gateway(): LeaseView {
    const { venue, runtime } = this.#options;
    const { checkAgeMs: ageMs } = venue.gateway;
    const reason = gatewayReason(venue, runtime.book.reconciled);
    return {
      name: `gateway:${venue.name}`,
      ageMs: Math.round(ageMs),
      limitMs: GATEWAY_LIMIT_MS,
      ok: reason === undefined && ageMs <= GATEWAY_LIMIT_MS,
      ...(reason !== undefined && { reason }),
    };
  }
}

/** Why nothing of a strategy would pass to its venue now; undefined where it would. */
export function gatewayReason({ gateway }: Venue, reconciled: boolean): string | undefined {
  const { state, trouble } = gateway;
  if (gateway.takes('entries')) return reconciled ? undefined : 'book and venue have not been compared yet';
  return trouble === undefined ? `it is ${state}` : `it is ${state}: ${trouble.cause}`;
}
