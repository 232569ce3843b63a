/** Rows of the fleet for the dashboard. However many pages are open, they are made at most once a second. */
import type { Clock } from '../clock.ts';
import { toJson } from '../domain/json.ts';
import type { OverviewRow } from '../domain/overview.ts';
import type { DaemonPort, StrategyPort } from '../domain/ports.ts';

export const OVERVIEW_EVERY_MS = 1000;

/** A row with its text, by which a reader knows whether it has changed. */
export interface WrittenRow {
  readonly name: string;
  readonly text: string;
}

export class Overview {
  readonly #daemon: DaemonPort;
  readonly #clock: Clock;
  #rows: readonly WrittenRow[] = [];
  #madeAt = -Infinity;

  constructor(daemon: DaemonPort, clock: Clock) {
    this.#daemon = daemon;
    this.#clock = clock;
  }

  rows(): readonly WrittenRow[] {
    const now = this.#clock.monotonic();
    // Timers of several readers fire a little apart from one another.
    if (now - this.#madeAt < OVERVIEW_EVERY_MS / 2) return this.#rows;
    this.#madeAt = now;
    this.#rows = this.#daemon.names().flatMap((name) => {
      const strategy = this.#daemon.strategy(name);
      return strategy === undefined ? [] : [{ name, text: toJson(rowOf(strategy)) }];
    });
    return this.#rows;
  }
}

function rowOf(strategy: StrategyPort): OverviewRow {
  const status = strategy.status();
  const { riskState: risk } = status;
  return {
    name: strategy.name,
    state: status.state,
    health: strategy.health().ok ? 'ok' : 'unhealthy',
    halted: risk.halted,
    haltRule: risk.rule,
    haltReason: risk.reason,
    haltScope: risk.scope,
    currency: status.currency,
    equity: status.equity,
    unrealized: status.unrealized,
    realized: status.realized,
    drawdown: risk.drawdown,
    headroom: risk.headroom.map(({ rule, basis, limit, used }) => ({
      rule,
      ...(basis !== undefined && { basis }),
      limit,
      used,
    })),
    positions: status.positions.length,
    orders: status.orders.length,
    trades: status.tradesTotal,
    restarts: status.restarts,
    gateway: status.gateway,
    stale: status.data.stale,
    lastTickAt: status.data.lastTickAt,
  };
}
