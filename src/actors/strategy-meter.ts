/** What the metrics tell of one strategy, read from its parts at the moment that it is asked for. */
import type { Clock } from '../clock.ts';
import type { StrategyMetrics, StrategyRowMetrics } from '../domain/metrics.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { OpenTime } from '../risk/open-time.ts';
import type { StrategyHealth } from './strategy-health.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';

export interface StrategyMeterOptions {
  readonly runtime: StrategyRuntime;
  readonly health: StrategyHealth;
  /** The wall clock. */
  readonly clock: Clock;
  readonly venueType: StrategyRowMetrics['venueType'];
  /** What the configuration says of this strategy, which wins over its file. */
  readonly expectTradesEveryMs: () => number | undefined;
}

export class StrategyMeter {
  readonly #options: StrategyMeterOptions;
  #open: { readonly sessions: string; readonly time: OpenTime } | undefined;

  constructor(options: StrategyMeterOptions) {
    this.#options = options;
  }

  /** On its own port. @param status of now */
  view(status: StatusView): StrategyMetrics {
    const { runtime, clock, expectTradesEveryMs } = this.#options;
    const { book, market, tickLoop } = runtime;
    const { counts, exposure } = runtime.view();
    const expected = expectTradesEveryMs() ?? runtime.deployment.definition.expectTradesEveryMs;
    const feeds = [...market.feeds.values()];
    return {
      strategy: runtime.name,
      account: book.options.venue,
      status,
      counts,
      exposure,
      quietEvaluations: status.evaluations.noSignal - book.activity.quietBefore,
      symbols: book.activity.symbols(market.feeds.keys()),
      heartbeatTs: Math.round(clock.now() - tickLoop.ageMs),
      inSession: feeds.some((feed) => feed.view().inSession === true),
      quietMs: this.#quietMs(status),
      ...(expected !== undefined && { expectedTradeIntervalMs: expected }),
      tickProcessing: book.activity.processing,
    };
  }

  /** On the control port, whatever its state. */
  row(desiredRunning: boolean): StrategyRowMetrics {
    const { runtime, health, venueType } = this.#options;
    const { definition } = runtime.deployment;
    return {
      strategy: runtime.name,
      definition: definition.name,
      version: definition.version,
      account: runtime.book.options.venue,
      venueType,
      state: runtime.actor.state(),
      desiredRunning,
      haltRules: runtime.actor.snapshot().context.haltCauses.map(({ rule }) => rule),
      leases: health.view().leases,
      counts: runtime.view().counts,
    };
  }

  /** Open market since the last trade. */
  #quietMs({ trades }: StatusView): number {
    const { book, market } = this.#options.runtime;
    const lastTrade = trades.at(-1);
    const from = lastTrade === undefined ? book.counters.since : Date.parse(lastTrade.ts);
    const names = [...new Set([...market.feeds.values()].flatMap((feed) => feed.sessions))];
    const sessions = names.join(' ');
    if (this.#open?.sessions !== sessions) this.#open = { sessions, time: book.options.market.openTime(names) };
    return this.#open.time.within(from, book.options.market.clock.now());
  }
}
