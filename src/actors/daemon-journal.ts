/** The journal as the daemon holds it: what it remembers, its operators' acts, its own event numbers and its lease. */
import type { Cancel, Clock } from '../clock.ts';
import { Histogram, type HistogramView } from '../domain/histogram.ts';
import type { LeaseView, QueueView } from '../domain/health-views.ts';
import type { Disk } from '../store/disk.ts';
import { DAEMON, openJournal, type Journal } from '../store/journal.ts';
import type { EventRings } from '../streams/event-rings.ts';
import type { Act } from './act.ts';
import { JournalAlertMemory, type AlertMemory } from './alerts/alert-memory.ts';
import { JournalQueries } from './journal-queries.ts';
import { JOURNAL_LIMIT_MS, Lease } from './leases.ts';
import { JournalMemory, type Memory } from './memory.ts';

/** Numbers of the daemon's own events promised at once, and how many are left when the next are. */
const SEQ_BLOCK = 10_000;
const SEQ_MARGIN = 5000;
const LOOK_EVERY_MS = 250;
/** Seconds. */
const SYNC_BOUNDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Where nothing was to be written for this long, something is. */
const IDLE_MS = 2000;

export class DaemonJournal {
  readonly memory: Memory;
  readonly queries: JournalQueries;
  readonly alerts: AlertMemory;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #events: EventRings;
  /** Renewed by each write that has reached the disk. */
  readonly #lease: Lease;
  readonly #syncs = new Histogram(SYNC_BOUNDS);
  readonly #stopWatching: Cancel;

  private constructor(journal: Journal, clock: Clock, events: EventRings) {
    this.#journal = journal;
    this.#clock = clock;
    this.#events = events;
    this.memory = new JournalMemory(journal);
    this.queries = new JournalQueries(journal);
    this.alerts = new JournalAlertMemory(journal);
    this.#lease = new Lease('journal', JOURNAL_LIMIT_MS, clock);
    const syncs = journal.syncs$.subscribe(({ ms }) => {
      this.#lease.renew();
      this.#syncs.observe(Math.max(0, ms) / 1000);
    });
    const stopLooking = clock.every(LOOK_EVERY_MS, () => this.#look());
    this.#stopWatching = () => {
      stopLooking();
      syncs.unsubscribe();
    };
  }

  /**
   * Opens it, and lets the numbers of the daemon's own events go on above those of every run before.
   * `disk` stands in for the machine's.
   * @throws QktError QKT_E_JOURNAL_DAMAGED, QKT_E_JOURNAL_NEWER, QKT_E_STATE_DIR
   */
  static async open(stateDir: string, clock: Clock, events: EventRings, disk?: Disk): Promise<DaemonJournal> {
    const journal = await openJournal(stateDir, { clock, ...(disk !== undefined && { disk }) });
    events.goOnAfter(journal.reservedSeq(DAEMON));
    const opened = new DaemonJournal(journal, clock, events);
    opened.#reserve();
    // A number is given only once the promise is on disk; on a disk that takes nothing there is no such promise.
    await journal.flush().catch(() => undefined);
    return opened;
  }

  /** Says now, and at every change, why it cannot be written; undefined while it can. */
  watch(told: (failure: { readonly cause?: string; readonly detail?: string } | undefined) => void): Cancel {
    const watch = this.#journal.state$.subscribe(({ status, cause, detail }) =>
      told(
        status === 'ok'
          ? undefined
          : { ...(cause !== undefined && { cause }), ...(detail !== undefined && { detail }) },
      ),
    );
    return () => watch.unsubscribe();
  }

  /**
   * Keeps an act of a person; settles when it is on disk, or is known not to be: at once on a disk that is full,
   * after 5 s on one that does not answer. @throws QktError QKT_E_JOURNAL_FAILED when too much waits to be written already
   */
  note({ command, target, by, reason, args }: Act, outcome: string): Promise<void> {
    const { synced } = this.#journal.appendOperator({
      ts: this.#clock.now(),
      by,
      command,
      target: target ?? DAEMON,
      ...(reason !== undefined && { reason }),
      ...(args !== undefined && { args }),
      outcome,
    });
    return synced;
  }

  /** Broken while it cannot be written, and when nothing has reached the disk for too long. */
  lease(): LeaseView {
    const { status, detail } = this.#journal.state;
    const view = this.#lease.view();
    return { ...view, ok: view.ok && status === 'ok', ...(detail !== undefined && { reason: detail }) };
  }

  /** Seconds that writes took to reach the disk. */
  syncs(): HistogramView {
    return this.#syncs.view();
  }

  /** What waits to be written. */
  queue(): QueueView {
    const { bytes, limit } = this.#journal.gathered;
    return { name: 'journal', depth: bytes, limit, unit: 'bytes' };
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await this.#journal.close();
  }

  /** A promise that is made again is the least that can be written. */
  #look(): void {
    this.#reserve();
    if (this.#lease.ageMs > IDLE_MS && this.#journal.state.status === 'ok')
      this.#journal.reserveSeq(DAEMON, this.#journal.reservedSeq(DAEMON));
  }

  #reserve(): void {
    const given = this.#events.given();
    if (given + SEQ_MARGIN > this.#journal.reservedSeq(DAEMON)) this.#journal.reserveSeq(DAEMON, given + SEQ_BLOCK);
  }
}
