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

export class NamedConsumers<Cursor> implements EventConsumers<Cursor> {
  readonly #form: CursorForm<Cursor>;
  readonly #store: ConsumerStore;
  readonly #clock: Clock;
  #known: Map<string, { readonly seq: Cursor; readonly at: EpochMs }> | undefined;

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
    consumers.set(consumer, { seq, at });
    await this.#keep();
    return { consumer, seq, at: iso(at) };
  }

  async remove(consumer: string): Promise<boolean> {
    if (!this.#consumers.delete(consumer)) return false;
    await this.#keep();
    return true;
  }

  #keep(): Promise<void> {
    const rows = [...this.#consumers].map(([name, { seq, at }]) => [name, { seq: this.#form.format(seq), at }]);
    return this.#store.keep(Object.fromEntries(rows) as KeptConsumers);
  }

  /** Read when it is first asked for: the journal is opened after the ports are made. */
  get #consumers() {
    this.#known ??= new Map(
      Object.entries(this.#store.recall() ?? {}).map(([name, { seq, at }]) => [
        name,
        { seq: this.#form.parse(seq) ?? this.#form.start, at },
      ]),
    );
    return this.#known;
  }
}
