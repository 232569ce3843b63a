/** A deployed strategy as the surfaces see it: queries over its snapshot, and the stop command. */
import type {
  EventSource,
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
import { iso } from '../domain/time.ts';
import type {
  HealthView,
  LeaseView,
  MachineView,
  ReadyView,
  RiskView,
  StatusView,
  StrategyRow,
  StrategyState,
} from '../domain/views.ts';
import { riskState } from '../observe/status-view.ts';
import type { Told } from './act.ts';
import { GATEWAY_LIMIT_MS } from './leases.ts';
import type { PaperVenue } from './paper-venue.ts';
import type { StopRecord } from './strategy-events.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';

/** States in which the tick loop runs: hung, crashed, stopped and still starting are none of them. */
const LOOP_RUNS: ReadonlySet<StrategyState> = new Set(['warming', 'trading', 'halting', 'halted']);

export interface StrategyPortOptions {
  readonly runtime: StrategyRuntime;
  readonly venue: PaperVenue;
  readonly logs: LogSource;
  readonly port: () => number | null;
  readonly mermaid: (runtime: StrategyRuntime) => string;
  /** The policy in force. */
  readonly risk: () => RiskView;
  /** Remembers what a person wants of it. */
  readonly told: Told;
  readonly desired: (desired: 'running' | 'stopped', by: string) => Promise<void>;
}

export class StrategyQueries implements StrategyPort {
  readonly #options: StrategyPortOptions;

  constructor(options: StrategyPortOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.runtime.name;
  }

  get events(): EventSource {
    return this.#options.runtime.book.options.events;
  }

  get logs(): LogSource {
    return this.#options.logs;
  }

  port(): number | null {
    return this.#options.port();
  }

  status(): StatusView {
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
      uptimeMs: runtime.uptimeMs,
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
      data: this.#data(),
      gateway: { name: venue.name, state: venue.gatewayState() },
      evaluations: money.evaluations,
      restarts: context.restarts,
      losses: context.losses,
      ...(context.latched !== null && { latched: context.latched }),
      ...(context.lastError !== null && { lastError: context.lastError }),
      ...(unknown.length > 0 && { unknown }),
    };
  }

  health(): HealthView {
    const { runtime } = this.#options;
    const loop = this.#tickLoop();
    return {
      ok: loop.ok,
      status: runtime.actor.state(),
      uptimeMs: runtime.uptimeMs,
      leases: [loop, ...this.#otherLeases()],
      ...(!loop.ok && { broken: [loop.name] }),
    };
  }

  ready(): ReadyView {
    const { runtime } = this.#options;
    const state = runtime.actor.state();
    const leases = [this.#tickLoop(), ...this.#otherLeases()].filter(({ ok }) => !ok).map(({ name }) => name);
    const missing = [...(state === 'trading' ? [] : [`state is ${state}, not trading`]), ...leases];
    return { ready: missing.length === 0, status: state, missing };
  }

  machine(): MachineView {
    return this.#options.runtime.actor.view();
  }

  risk(): RiskView {
    return this.#options.risk();
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
    const { runtime } = this.#options;
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
      health: this.#tickLoop().ok ? 'ok' : 'unhealthy',
    };
  }

  #stopResult(): StopResult {
    const { runtime } = this.#options;
    const { context } = runtime.actor.snapshot();
    const { positions } = runtime.view();
    const { stop } = context;
    return {
      state: runtime.actor.state(),
      flattened: stop?.flattened ?? false,
      openPositions: positions.length,
      cancelled: stop?.cancelled ?? 0,
      tookMs: tookMs(stop),
      ...(positions.length > 0 && {
        positions: positions.map(({ symbol, qty, stopLoss }) => ({ symbol, qty, stopLoss: stopLoss ?? null })),
        unprotected: positions.flatMap(({ symbol, stopLoss }) => (stopLoss === undefined ? [symbol] : [])),
      }),
      verified: stop?.verified ?? true,
      ...(stop !== null && stop.left.length > 0 && { left: stop.left }),
    };
  }

  #tickLoop(): LeaseView {
    const { runtime } = this.#options;
    const view = runtime.tickLoop.view();
    return { ...view, ok: view.ok && LOOP_RUNS.has(runtime.actor.state()) };
  }

  #otherLeases(): readonly LeaseView[] {
    const { runtime, venue } = this.#options;
    const feeds = [...runtime.market.feeds.values()].map((lease) => ({ ...lease.view(), inSession: true }));
    const gateway = {
      name: `gateway:${venue.name}`,
      ageMs: venue.checkAgeMs,
      limitMs: GATEWAY_LIMIT_MS,
      ok: venue.gatewayReady,
    };
    const written = runtime.book.desk.blocked === undefined;
    const journal = runtime.journal.view();
    return [...feeds, { ...journal, ok: journal.ok && written }, gateway];
  }

  #outliers(): number {
    const { market } = this.#options.runtime.book.options;
    let sum = 0;
    for (const symbol of this.#options.runtime.market.feeds.keys()) sum += market.outliers(symbol);
    return sum;
  }

  #data(): StatusView['data'] {
    const { runtime } = this.#options;
    const { lastTickTs } = runtime.book;
    const leases = [...runtime.market.feeds.entries()];
    const ages = leases.map(([, lease]) => lease.ageMs);
    return {
      lastTickAt: lastTickTs === undefined ? null : iso(lastTickTs),
      ageMs: lastTickTs === undefined || ages.length === 0 ? null : Math.round(Math.min(...ages)),
      stale: leases.filter(([, lease]) => !lease.ok).map(([symbol]) => symbol),
      droppedTicks: runtime.book.droppedTicks + this.#outliers(),
    };
  }
}

function tookMs(stop: StopRecord | null): number {
  return stop === null || stop.endedAt === null ? 0 : stop.endedAt - stop.requestedAt;
}
