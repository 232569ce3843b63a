/** What the daemon's metrics tell of all strategies together, and where each one is scraped. */
import type { AccountMetrics, ScrapeTarget, StrategyRowMetrics } from '../domain/metrics.ts';
import type { QueueView } from '../domain/health-views.ts';
import { AccountIndex } from './account-index.ts';
import type { Member } from './fleet-member.ts';
import type { Memory } from './memory.ts';

export interface FleetMeterOptions {
  readonly members: () => Iterable<Member>;
  readonly memory: Pick<Memory, 'recallAccounts' | 'keepAccounts' | 'rows'>;
  readonly currency: string;
}

export class FleetMeter {
  readonly #options: FleetMeterOptions;
  readonly #index: AccountIndex;
  /** While a start brings strategies back: those that are not here yet are meant to come. */
  #isRecovering = false;

  constructor(options: FleetMeterOptions) {
    this.#options = options;
    const { memory, currency } = options;
    const recalled = memory.recallAccounts();
    this.#index = new AccountIndex({ currency, recalled, save: (state) => memory.keepAccounts(state) });
  }

  /** What it brings in is no profit. */
  join({ runtime, venue }: Member): void {
    const { name } = runtime;
    this.#index.join(name, {
      account: venue,
      equity: () => runtime.view().equity,
      balance: () => runtime.view().balance,
    });
  }

  /** What it takes out is no loss. */
  leave(name: string): void {
    this.#index.leave(name);
  }

  recovering(): void {
    this.#isRecovering = true;
  }

  /** Everybody who comes back after a start has joined. */
  recovered(): void {
    this.#index.recovered();
  }

  /** And all that should run have their ports, as far as there are any. */
  relaunched(): void {
    this.#isRecovering = false;
  }

  /** By name. */
  rows(): readonly StrategyRowMetrics[] {
    const rows = [...this.#options.members()].map(({ queries, desired }) => queries.rowMetrics(desired === 'running'));
    return rows.toSorted((a, b) => (a.strategy < b.strategy ? -1 : 1));
  }

  accounts(): readonly AccountMetrics[] {
    return this.#index.accounts();
  }

  /** Of the servers of all strategies. */
  readers(): readonly QueueView[] {
    return [...this.#options.members()].flatMap(({ port }) => port.readers());
  }

  /**
   * The ports of all that run or should. A stopped one is no target from its end on, while its port goes on
   * answering; one that is on its way back after a start is a target already.
   */
  targets(): readonly ScrapeTarget[] {
    const ports = new Map<string, number>();
    if (this.#isRecovering)
      for (const { name, port, desired } of this.#options.memory.rows())
        if (port !== null && desired === 'running') ports.set(name, port);
    for (const { runtime, port } of this.#options.members())
      if (port.target !== null) ports.set(runtime.name, port.target);
    return [...ports].map(([strategy, port]) => ({ strategy, port })).toSorted((a, b) => a.port - b.port);
  }
}
