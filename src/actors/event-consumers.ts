/** Cursors of named consumers, for pollers that keep none: on disk, so that nothing is acknowledged twice or lost. */
import type { Clock } from '../clock.ts';
import type { CursorForm } from '../domain/cursors.ts';
import type { Acknowledged, EventConsumers } from '../domain/ports.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';

/** Names that a stream of events keeps. */
export const MOST_CONSUMERS = 64;

/** By consumer; the cursor as text. */
export type KeptConsumers = Readonly<Record<string, { readonly seq: string; readonly at: EpochMs }>>;

export interface ConsumerStore {
  recall(): KeptConsumers | undefined;
  /** Settles when it is on disk. @throws QktError QKT_E_JOURNAL_FAILED */
  keep(consumers: KeptConsumers): Promise<void>;
}

interface Row<Cursor> {
  readonly seq: Cursor;
  readonly at: EpochMs;
}

export class NamedConsumers<Cursor> implements EventConsumers<Cursor> {
  readonly #form: CursorForm<Cursor>;
  readonly #store: ConsumerStore;
  readonly #clock: Clock;
  #known: Map<string, Row<Cursor>> | undefined;
  /** As it was last on disk. */
  #kept: ReadonlyMap<string, Row<Cursor>> = new Map();

  constructor(form: CursorForm<Cursor>, store: ConsumerStore, clock: Clock) {
    this.#form = form;
    this.#store = store;
    this.#clock = clock;
  }

  get(consumer: string): Cursor | undefined {
    return this.#consumers.get(consumer)?.seq;
  }

  list(): readonly Acknowledged<Cursor>[] {
    const rows = [...this.#consumers].map(([consumer, { seq, at }]) => ({ consumer, seq, at: iso(at) }));
    return rows.toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1));
  }

  async acknowledge(consumer: string, cursor: Cursor): Promise<Acknowledged<Cursor>> {
    const consumers = this.#consumers;
    const before = consumers.get(consumer);
    if (before === undefined && consumers.size >= MOST_CONSUMERS)
      throw new QktError('QKT_E_TOO_MANY_CONSUMERS', `${consumers.size} of ${MOST_CONSUMERS} names are taken`);
    const seq = before === undefined ? cursor : this.#form.farther(before.seq, cursor);
    const at = this.#clock.now();
    const row = { seq, at };
    consumers.set(consumer, row);
    await this.#keep(consumer, row);
    return { consumer, seq, at: iso(at) };
  }

  async remove(consumer: string): Promise<boolean> {
    if (!this.#consumers.delete(consumer)) return false;
    await this.#keep(consumer, undefined);
    return true;
  }

  /** What could not be kept has not come about, unless a later word about the consumer holds. */
  async #keep(consumer: string, changedTo: Row<Cursor> | undefined): Promise<void> {
    const consumers = this.#consumers;
    const all = new Map(consumers);
    const rows = [...all].map(([name, { seq, at }]) => [name, { seq: this.#form.format(seq), at }]);
    try {
      await this.#store.keep(Object.fromEntries(rows) as KeptConsumers);
      this.#kept = all;
    } catch (error) {
      if (consumers.get(consumer) === changedTo) this.#putBack(consumer);
      throw error;
    }
  }

  #putBack(consumer: string): void {
    const kept = this.#kept.get(consumer);
    if (kept === undefined) this.#consumers.delete(consumer);
    else this.#consumers.set(consumer, kept);
  }

  /** Read when it is first asked for: the journal is opened after the ports are made. */
  get #consumers() {
    if (this.#known !== undefined) return this.#known;
    const rows = Object.entries(this.#store.recall() ?? {});
    this.#known = new Map(
      rows.map(([name, { seq, at }]) => [name, { seq: this.#form.parse(seq) ?? this.#form.start, at }]),
    );
    this.#kept = new Map(this.#known);
    return this.#known;
  }
}
