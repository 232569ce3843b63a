/** A deployed strategy as the surfaces see it: queries over its snapshot, and the stop command. */
import { composeView, sameRows } from '../domain/composed-view.ts';
import type { EquitySpan, EquityView, StoredTransition } from '../domain/history.ts';
import type {
  EventPort,
  HaltRequest,
  HaltResult,
  LogSource,
  Rebase,
  ResumePreview,
  ResumeRequest,
  ResumeResult,
  StopRequest,
  StopResult,
  StrategyPort,
} from '../domain/ports.ts';
import type { OverviewRow } from '../domain/overview.ts';
import { iso } from '../domain/time.ts';
import type { StrategyMetrics, StrategyRowMetrics } from '../domain/metrics.ts';
import type { HealthView, ReadyView } from '../domain/health-views.ts';
import type { MachineView } from '../domain/machine-views.ts';
import type { RiskView } from '../domain/risk-views.ts';
import type { StatusView, StrategyRow } from '../domain/status-views.ts';
import type { EntryOutlook, WhyView } from '../domain/why.ts';
import { overviewRow } from '../observe/overview-row.ts';
import { riskState } from '../observe/status-view.ts';
import type { Told } from './act.ts';
import type { EquityCurve } from './equity-curve.ts';
import type { StopRecord } from './strategy-events.ts';
import type { StrategyHealth } from './strategy-health.ts';
import type { StrategyMeter } from './strategy-meter.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';
import type { Venue } from './venue.ts';
import type { TransitionLog } from './transition-log.ts';

export interface StrategyPortOptions {
  readonly runtime: StrategyRuntime;
  readonly venue: Venue;
  readonly isolation: () => StatusView['isolation'];
  readonly health: StrategyHealth;
  readonly meter: StrategyMeter;
  readonly events: EventPort<number>;
  readonly logs: LogSource;
  readonly port: () => number | null;
  readonly mermaid: (runtime: StrategyRuntime) => string;
  /** The policy in force. */
  readonly risk: () => RiskView;
  /** Remembers what a person wants of it. */
  readonly told: Told;
  readonly curve: EquityCurve;
  readonly transitions: TransitionLog;
  readonly desired: (desired: 'running' | 'stopped', by: string) => Promise<void>;
}

/** Stands in a base for what every answer has anew. */
const NO_DATA: StatusView['data'] = { lastTickAt: null, ageMs: null, stale: [], droppedTicks: 0 };

export class StrategyQueries implements StrategyPort {
  readonly #options: StrategyPortOptions;
  #queues: StatusView['queues'] | undefined;
  /** The latest base, and what it was made of. */
  #status: { readonly of: readonly unknown[]; readonly base: StatusView } | undefined;

  constructor(options: StrategyPortOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.runtime.name;
  }

  get events(): EventPort<number> {
    return this.#options.events;
  }

  get logs(): LogSource {
    return this.#options.logs;
  }

  port(): number | null {
    return this.#options.port();
  }

  status(): StatusView {
    const { runtime, health } = this.#options;
    this.#queues = sameRows(this.#queues, health.queues());
    return composeView(this.#base(), {
      uptimeMs: runtime.uptimeMs,
      data: health.data(),
      queues: this.#queues,
    });
  }

  /** All of `/status` but what every answer has anew; the same object until something of it has changed. */
  #base(): StatusView {
    const { runtime, venue } = this.#options;
    const { actor, book, deployment } = runtime;
    // Figures, causes and losses are members of the context, and never changed in place.
    const { context } = actor.snapshot();
    const { state, trouble } = venue.gateway;
    const gateway = `${state} ${trouble?.link} ${trouble?.cause}`;
    const of = [context, actor.state(), deployment, book.desk.blocked, gateway, this.#options.isolation()];
    if (this.#status === undefined || of.some((part, index) => part !== this.#status!.of[index]))
      this.#status = { of, base: this.#newBase() };
    return this.#status.base;
  }

  #newBase(): StatusView {
    const { runtime, venue } = this.#options;
    const { deployment, actor } = runtime;
    const { context } = actor.snapshot();
    const figures = runtime.view();
    const { unknown, seq, asOf, currency, startingBalance, ...money } = figures;
    return {
      strategy: runtime.name,
      definition: deployment.definition.name,
      version: deployment.definition.version,
      state: actor.state(),
      seq,
      asOf,
      startedAt: iso(context.startedAt ?? runtime.startedAt),
      uptimeMs: 0,
      currency,
      startingBalance,
      balance: money.balance,
      equity: money.equity,
      realized: money.realized,
      unrealized: money.unrealized,
      positions: money.positions,
      trades: money.trades,
      tradesTotal: money.tradesTotal,
      orders: money.orders,
      pendingStackLayers: money.pendingStackLayers,
      riskState: riskState(figures, context.haltCauses, runtime.book.desk.blocked),
      data: NO_DATA,
      gateway: gatewayOf(venue),
      isolation: this.#options.isolation(),
      evaluations: money.evaluations,
      queues: [],
      restarts: context.restarts,
      losses: context.losses,
      ...(context.latched !== null && { latched: context.latched }),
      ...(context.lastError !== null && { lastError: context.lastError }),
      ...(unknown.length > 0 && { unknown }),
    };
  }

  overview(): OverviewRow {
    const { runtime, venue, health } = this.#options;
    const standing = {
      name: runtime.name,
      state: runtime.actor.state(),
      health: health.loopRuns ? ('ok' as const) : ('unhealthy' as const),
      gateway: gatewayOf(venue),
      stale: health.stale(),
      causes: runtime.actor.snapshot().context.haltCauses,
    };
    return overviewRow(standing, runtime.view());
  }

  health(): HealthView {
    return this.#options.health.view();
  }

  ready(): ReadyView {
    return this.#options.health.ready();
  }

  machine(): MachineView {
    return this.#options.runtime.actor.view();
  }

  risk(): RiskView {
    return this.#options.risk();
  }

  why(): WhyView {
    const { runtime } = this.#options;
    const { evaluations, options, rejected } = runtime.book;
    return {
      strategy: runtime.name,
      state: runtime.actor.state(),
      asOf: iso(options.market.clock.now()),
      now: [...runtime.market.feeds.keys()].map((symbol) => this.#outlook(symbol)),
      evaluations: evaluations.view(),
      outcomes: evaluations.outcomes(),
      rejected: { ...rejected },
    };
  }

  #outlook(symbol: string): EntryOutlook {
    const { side, denial } = this.#options.runtime.book.desk.wouldDeny(symbol);
    return { symbol, side, passes: denial === undefined, ...denial };
  }

  equity(span: Exclude<EquitySpan, 'all'>): EquityView {
    return this.#options.curve.view(span, this.#options.runtime.view());
  }

  recentEquity(points: number): readonly (number | null)[] {
    return this.#options.curve.recent(points);
  }

  transitions(): readonly StoredTransition[] {
    return this.#options.transitions.all();
  }

  metrics(): StrategyMetrics {
    return this.#options.meter.view(this.status());
  }

  /** What the daemon's own metrics tell of it. */
  rowMetrics(desiredRunning: boolean): StrategyRowMetrics {
    return this.#options.meter.row(desiredRunning);
  }

  machineMermaid(): string {
    return this.#options.mermaid(this.#options.runtime);
  }

  stop(request: StopRequest): Promise<StopResult> {
    const { by, flatten, timeoutMs } = request;
    const act = { command: 'stop', target: this.name, by, args: { flatten, timeoutMs } };
    return this.#options.told(act, async () => {
      // Nothing keeps a stop from happening, a disk that takes no writes neither.
      const remembered = this.#options.desired('stopped', by).catch(() => undefined);
      const result = await this.end(request);
      await remembered;
      return result;
    });
  }

  /** A stop that is not meant to last: the daemon ends, and will start it again. */
  async end({ flatten, timeoutMs, by }: StopRequest): Promise<StopResult> {
    const { actor } = this.#options.runtime;
    actor.send({ type: 'STOP', by, flatten, timeoutMs });
    await actor.reached('stopped', 'failed');
    // The figures of the answer are those on disk.
    await this.#options.runtime.book.commits.settle();
    return this.#stopResult();
  }

  halt({ by, reason }: HaltRequest): Promise<HaltResult> {
    return this.#options.told({ command: 'halt', target: this.name, by, reason }, () =>
      this.#options.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason, by }),
    );
  }

  previewResume(rebase: Rebase): ResumePreview {
    return this.#options.runtime.halts.preview(rebase);
  }

  resume(request: ResumeRequest): Promise<ResumeResult> {
    const { by, reason, rebase } = request;
    return this.#options.told({ command: 'resume', target: this.name, by, reason, args: { rebase } }, () =>
      this.#options.runtime.halts.resume(request),
    );
  }

  /** The row of `/daemon/list`. */
  row(): StrategyRow {
    const { runtime, health } = this.#options;
    const { context } = runtime.actor.snapshot();
    const { equity, unrealized, realized, tradesTotal } = runtime.view();
    return {
      name: runtime.name,
      version: runtime.deployment.definition.version,
      state: runtime.actor.state(),
      halted: context.haltCauses.length > 0,
      port: this.port(),
      uptimeMs: runtime.uptimeMs,
      equity,
      unrealized,
      realized,
      trades: tradesTotal,
      restarts: context.restarts,
      health: health.loopRuns ? 'ok' : 'unhealthy',
    };
  }

  #stopResult(): StopResult {
    const { runtime, venue } = this.#options;
    const { context } = runtime.actor.snapshot();
    const { positions } = runtime.view();
    const { stop } = context;
    const left = stop === null ? [] : [...stop.left, ...(stop.verified ? [] : gatewayTrouble(venue))];
    return {
      state: runtime.actor.state(),
      flattened: stop?.flattened ?? false,
      openPositions: positions.length,
      cancelled: stop?.cancelled ?? 0,
      tookMs: tookMs(stop),
      ...(positions.length > 0 && {
        positions: positions.map(({ symbol, qty, stopLoss }) => ({ symbol, qty, stopLoss: stopLoss ?? null })),
        unprotected: positions.flatMap((row) => (runtime.book.isUnprotected(row) ? [row.symbol] : [])),
      }),
      verified: stop?.verified ?? true,
      ...(left.length > 0 && { left }),
    };
  }
}

function gatewayOf({ name, gateway }: Venue): StatusView['gateway'] {
  const { state, trouble } = gateway;
  return { name, state, cause: trouble?.cause ?? null, failingLink: trouble?.link ?? null };
}

/** Why what is left could not be dealt with, where it is the gateway that does not take orders. */
function gatewayTrouble({ name, gateway: { state, trouble } }: Venue): readonly string[] {
  if (state === 'ready') return [];
  return [`the gateway ${name} is ${state}${trouble === undefined ? '' : `: ${trouble.cause}`}`];
}

function tookMs(stop: StopRecord | null): number {
  return stop === null || stop.endedAt === null ? 0 : stop.endedAt - stop.requestedAt;
}
