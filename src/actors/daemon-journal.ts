/** The journal as the daemon holds it: what it remembers, its operators' acts, its own event numbers and its lease. */
import type { Cancel, Clock } from '../clock.ts';
import type { LeaseView } from '../domain/views.ts';
import type { Disk } from '../store/disk.ts';
import { DAEMON, openJournal, type Journal } from '../store/journal.ts';
import type { EventOrder } from '../streams/event-order.ts';
import type { Act } from './act.ts';
import { JournalQueries } from './journal-queries.ts';
import { JOURNAL_LIMIT_MS } from './leases.ts';
import { JournalMemory, type Memory } from './memory.ts';

/** Numbers of the merged event stream promised at once, and how many are left when the next are. */
const ORDER_BLOCK = 8_000_000;
const ORDER_MARGIN = 4_000_000;
const RESERVE_EVERY_MS = 250;

export class DaemonJournal {
  readonly memory: Memory;
  readonly queries: JournalQueries;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #order: EventOrder;
  readonly #stopReserving: Cancel;

  private constructor(journal: Journal, clock: Clock, order: EventOrder) {
    this.#journal = journal;
    this.#clock = clock;
    this.#order = order;
    this.memory = new JournalMemory(journal);
    this.queries = new JournalQueries(journal);
    this.#stopReserving = clock.every(RESERVE_EVERY_MS, () => this.#reserve());
  }

  /**
   * Opens it, and lets the daemon's event numbers go on above those of every run before.
   * `disk` stands in for the machine's.
   * @throws QktError QKT_E_JOURNAL_DAMAGED, QKT_E_JOURNAL_NEWER, QKT_E_STATE_DIR
   */
  static async open(stateDir: string, clock: Clock, order: EventOrder, disk?: Disk): Promise<DaemonJournal> {
    const journal = await openJournal(stateDir, { clock, ...(disk !== undefined && { disk }) });
    order.last = journal.reservedSeq(DAEMON);
    const opened = new DaemonJournal(journal, clock, order);
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

  /** Keeps an act of a person. @throws QktError QKT_E_JOURNAL_FAILED when too much waits to be written already */
  note({ command, target, by, reason, args }: Act, outcome: string): void {
    this.#journal.appendOperator({
      ts: this.#clock.now(),
      by,
      command,
      target: target ?? DAEMON,
      ...(reason !== undefined && { reason }),
      ...(args !== undefined && { args }),
      outcome,
    });
  }

  /** Broken as long as it cannot be written. */
  lease(): LeaseView {
    const { status, since } = this.#journal.state;
    const ok = status === 'ok';
    return { name: 'journal', ageMs: ok ? 0 : this.#clock.now() - since, limitMs: JOURNAL_LIMIT_MS, ok };
  }

  async close(): Promise<void> {
    this.#stopReserving();
    await this.#journal.close();
  }

  #reserve(): void {
    if (this.#order.last + ORDER_MARGIN > this.#journal.reservedSeq(DAEMON))
      this.#journal.reserveSeq(DAEMON, this.#order.last + ORDER_BLOCK);
  }
}
