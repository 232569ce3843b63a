/** The fleet as the dashboard shows it: one row for each strategy, and the lines of its stream. */
import type { Decimal } from './decimal.ts';
import type { DaemonHealthView, HealthView } from './health-views.ts';
import type { MachineView } from './machine-views.ts';
import type { HeadroomView } from './risk-views.ts';
import type { StatusView } from './status-views.ts';
import type { StrategyState } from './strategy-states.ts';

export interface OverviewRow {
  readonly name: string;
  readonly state: StrategyState;
  readonly health: 'ok' | 'unhealthy';
  readonly halted: boolean;
  readonly haltRule: string | null;
  readonly haltReason: string | null;
  readonly haltScope: string | null;
  /** A halt of the book is in force, whatever cause is the first: what a resume of the book lifts. */
  readonly bookHalted: boolean;
  readonly currency: string;
  readonly equity: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly headroom: readonly Pick<HeadroomView, 'rule' | 'basis' | 'limit' | 'used'>[];
  readonly positions: number;
  readonly orders: number;
  readonly trades: number;
  readonly gateway: StatusView['gateway'];
  /** Symbols whose quotes are late. */
  readonly stale: readonly string[];
}

/** The whole of the first line, then only what has changed; one a second even when nothing has. */
export interface OverviewLine {
  readonly type: 'overview';
  readonly asOf: string;
  readonly health: Pick<DaemonHealthView, 'ok' | 'status' | 'uptimeMs' | 'pid' | 'version' | 'strategies' | 'broken'>;
  readonly rows: readonly OverviewRow[];
  /** Names, in order, where they are not those of the line before. */
  readonly names?: readonly string[];
  /** Where a reader that comes back goes on. */
  readonly next: string;
}

/** One strategy in full, at most twice a second. */
export interface StrategyLine {
  readonly type: 'strategy';
  readonly status: StatusView;
  readonly health: HealthView;
  readonly machine: MachineView;
}

/** A line of the strategy's log. */
export interface LogLine {
  readonly type: 'log';
  readonly line: string;
}
