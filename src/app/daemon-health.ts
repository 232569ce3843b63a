/** The daemon's own health: the leases of its event loop, its journal, its disk and its clock, and how full its queues are. */
import { ClockLease } from '../actors/clock-lease.ts';
import { DiskLease } from '../actors/disk-lease.ts';
import { EventLoopLease } from '../actors/event-loop-lease.ts';
import { watchLeases } from '../actors/lease-watch.ts';
import type { Clock } from '../clock.ts';
import type { HistogramView } from '../domain/histogram.ts';
import type { DaemonHealthView, LeaseView, QueueView } from '../domain/health-views.ts';
import { MACHINE_DISK, type Disk } from '../store/disk.ts';
import type { EventRings } from '../streams/event-rings.ts';
import type { Cleanups } from './cleanups.ts';
import { VERSION, type Parts } from './parts.ts';

const LOOK_EVERY_MS = 250;

export interface DaemonHealthOptions {
  /** The wall clock. */
  readonly clock: Clock;
  /** Stands in for the machine's. */
  readonly disk?: Disk;
  readonly state: () => 'starting' | 'running' | 'stopping' | 'stopped';
  /** What is open by now. */
  readonly parts: Parts;
  /** The daemon's own events. */
  readonly events: EventRings;
}

export class DaemonHealth {
  readonly #options: DaemonHealthOptions;
  readonly #startedAt: number;
  readonly #loop: EventLoopLease;
  readonly #time: ClockLease;
  /** Only where something is kept. */
  #disk: DiskLease | undefined;

  constructor(options: DaemonHealthOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    this.#loop = new EventLoopLease(options.clock);
    this.#time = new ClockLease(options.clock);
  }

  /** Keeps the leases once the daemon is open, and tells of each one that breaks or holds again. */
  start(cleanups: Cleanups): void {
    const { clock, parts, events, disk } = this.#options;
    cleanups.add('event loop lease', this.#loop.start());
    cleanups.add('clock lease', this.#time.start());
    if (parts.journal !== undefined && parts.state !== undefined) {
      this.#disk = new DiskLease(parts.state.path, clock, disk ?? MACHINE_DISK);
      cleanups.add('disk lease', this.#disk.start());
    }
    const tell = watchLeases(({ name, ok, ageMs, limitMs, reason }) => {
      events.append({ type: 'lease', lease: name, ok }, clock.now());
      const figures = { ageMs, limitMs, ...(reason !== undefined && { reason }) };
      if (ok) parts.log?.info(`lease ${name} holds again`);
      else parts.log?.warn(`lease ${name} is broken`, figures);
    });
    cleanups.add(
      'lease watch',
      clock.every(LOOK_EVERY_MS, () => tell(this.#leases())),
    );
  }

  view(): DaemonHealthView {
    const { clock, parts } = this.#options;
    const state = this.#options.state();
    const leases = this.#leases();
    const channels = parts.alerts?.notifier.channels() ?? [];
    const broken = leases.filter(({ ok }) => !ok).map(({ name }) => name);
    return {
      ok: state === 'running' && broken.length === 0,
      status: state === 'starting' || state === 'running' ? state : 'stopping',
      uptimeMs: Math.round(clock.monotonic() - this.#startedAt),
      pid: process.pid,
      version: VERSION,
      strategies: this.#counts(),
      leases,
      queues: this.#queues(),
      ...(channels.length > 0 && { channels }),
      ...(broken.length > 0 && { broken }),
      ...(parts.run?.before !== undefined && { lastRun: parts.run.before }),
    };
  }

  /** Seconds that turns of the event loop were late. */
  loopDelays(): HistogramView {
    return this.#loop.delays();
  }

  #leases(): readonly LeaseView[] {
    const { journal } = this.#options.parts;
    return [
      this.#loop.view(),
      this.#time.view(),
      ...(journal === undefined ? [] : [journal.lease()]),
      ...(this.#disk === undefined ? [] : [this.#disk.view()]),
    ];
  }

  #queues(): readonly QueueView[] {
    const { journal, logs, alerts, control } = this.#options.parts;
    return [
      ...(journal === undefined ? [] : [journal.queue()]),
      ...(logs === undefined ? [] : [logs.queue()]),
      ...(alerts === undefined ? [] : [alerts.notifier.queue()]),
      ...(control?.readers() ?? []),
    ];
  }

  /** By state, those that trade even where there are none; but for `halted`: a halt is in force in other states as well, in a stopped strategy too. */
  #counts(): Readonly<Record<string, number>> {
    const rows = this.#options.parts.fleet?.rows() ?? [];
    const halted = rows.filter((row) => row.halted).length;
    const counts: Record<string, number> = { total: rows.length, trading: 0, halted };
    for (const { state } of rows) if (state !== 'halted') counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }
}
