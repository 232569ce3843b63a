/** What the daemon's metrics are read from: all of its parts that are open by now, at one moment. */
import type { Clock } from '../clock.ts';
import type { DaemonMetrics } from '../domain/metrics.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { HttpCounters } from '../http/http-counters.ts';
import type { DaemonHealth } from './daemon-health.ts';
import { VERSION, type Parts } from './parts.ts';
import { processFigures } from './process-figures.ts';

export interface DaemonMeterOptions {
  /** The wall clock. */
  readonly clock: Clock;
  readonly parts: Parts;
  readonly health: DaemonHealth;
  readonly gateways: () => readonly GatewayView[];
  readonly counters: HttpCounters;
}

export class DaemonMeter {
  readonly #options: DaemonMeterOptions;
  readonly #startedAt: number;

  constructor(options: DaemonMeterOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now() - process.uptime() * 1000;
  }

  /** In one turn: nothing changes while it is read. */
  view(): DaemonMetrics {
    const { parts, health, gateways, counters } = this.#options;
    const { fleet, logs, journal } = parts;
    const { ok, leases } = health.view();
    const freeBytes = leases.find(({ name }) => name === 'disk')?.freeBytes;
    const sync = journal?.syncs();
    return {
      version: VERSION,
      node: process.versions.node,
      process: processFigures(this.#startedAt),
      healthy: ok,
      checks: Object.fromEntries(leases.map((lease) => [lease.name, lease.ok])),
      strategies: fleet?.meter.rows() ?? [],
      accounts: fleet?.meter.accounts() ?? [],
      gateways: parts.venues === undefined ? [] : gateways(),
      eventSubscribers: this.#subscribers(),
      logLines: logs?.lines() ?? {},
      logDropped: logs?.dropped() ?? { file: 0, flood: 0 },
      ...(sync !== undefined && { journalSync: sync }),
      eventLoopDelay: health.loopDelays(),
      ...(freeBytes !== undefined && { stateDirFreeBytes: freeBytes }),
      ...(parts.alerts !== undefined && { alerts: parts.alerts.metrics() }),
      http: counters.view(),
    };
  }

  #subscribers(): number {
    const { control, fleet } = this.#options.parts;
    return [...(control?.readers() ?? []), ...(fleet?.meter.readers() ?? [])].reduce(
      (sum, { depth }) => sum + depth,
      0,
    );
  }
}
