/** The fleet for the dashboard. However many pages are open, it is looked at and written at most once a second. */
import type { Clock } from '../clock.ts';
import { toJson } from '../domain/json.ts';
import type { OverviewLine } from '../domain/overview.ts';
import type { DaemonPort } from '../domain/ports.ts';

export const OVERVIEW_EVERY_MS = 1000;

/** The fleet at a moment. A reader knows by the texts what has changed since its last line. */
export interface WrittenOverview {
  readonly health: OverviewLine['health'];
  readonly names: readonly string[];
  /** Each strategy's row as JSON, in the order of the names. */
  readonly rows: readonly string[];
}

export class Overview {
  readonly #daemon: DaemonPort;
  readonly #clock: Clock;
  #written: WrittenOverview | undefined;
  #madeAt = -Infinity;

  constructor(daemon: DaemonPort, clock: Clock) {
    this.#daemon = daemon;
    this.#clock = clock;
  }

  now(): WrittenOverview {
    const now = this.#clock.monotonic();
    // Timers of several readers fire a little apart from one another.
    if (this.#written !== undefined && now - this.#madeAt < OVERVIEW_EVERY_MS / 2) return this.#written;
    this.#madeAt = now;
    const { ok, status, uptimeMs, pid, version, strategies, broken } = this.#daemon.health();
    const rows = this.#daemon.names().flatMap((name) => this.#daemon.strategy(name)?.overview() ?? []);
    this.#written = {
      health: { ok, status, uptimeMs, pid, version, strategies, ...(broken !== undefined && { broken }) },
      names: rows.map(({ name }) => name),
      rows: rows.map(toJson),
    };
    return this.#written;
  }
}
