/** The events of a daemon: its own, those of its strategies, and the stream in which all come together. */
import type { Clock } from '../clock.ts';
import { DAEMON_EVENTS, type CursorForm, type Positions } from '../domain/cursors.ts';
import type { EventPort } from '../domain/ports.ts';
import type { EventHistory } from '../streams/event-history.ts';
import { EventLog } from '../streams/event-log.ts';
import { EventOrder } from '../streams/event-order.ts';
import { EventRings } from '../streams/event-rings.ts';
import { MergedEvents } from '../streams/merged-events.ts';
import { NamedConsumers } from './event-consumers.ts';
import { NO_MEMORY, type Memory } from './memory.ts';

/** The daemon itself trades nothing, so nothing of that is ever missing. */
const NO_TRADING: EventHistory = { after: () => [], missing: () => [] };

export class DaemonEvents {
  /** The count that the rings of all strategies share. */
  readonly order: EventOrder;
  /** The daemon's own. */
  readonly rings: EventRings;
  /** All together. */
  readonly port: EventPort<Positions>;
  readonly #clock: Clock;
  readonly #merged: MergedEvents;
  #memory: Memory = NO_MEMORY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.order = new EventOrder(clock);
    this.rings = new EventRings({ strategy: DAEMON_EVENTS, clock, order: this.order });
    this.#merged = new MergedEvents(this.order, (name) => this.#departed(name));
    this.#merged.add(DAEMON_EVENTS, new EventLog(this.rings, NO_TRADING));
    this.port = { source: this.#merged, consumers: this.#consumersOf(DAEMON_EVENTS, this.#merged.form) };
  }

  /** Before the first reader and the first strategy: what was kept of earlier runs. */
  remember(memory: Memory): void {
    this.#memory = memory;
  }

  /** Takes a strategy's events in; its readers find in the journal what the rings have lost. */
  join(strategy: string, rings: EventRings): EventPort<number> {
    const source = new EventLog(rings, this.#memory.history(strategy));
    this.#merged.add(strategy, source);
    return { source, consumers: this.#consumersOf(strategy, source.form) };
  }

  leave(strategy: string): void {
    this.#merged.remove(strategy);
  }

  /** A strategy that was removed, as its journal has it: all its numbers are given, and its rings are empty. */
  #departed(strategy: string): EventLog | undefined {
    const recalled = this.#memory.recall(strategy);
    if (recalled === undefined) return undefined;
    const { nextSeq: start, nextJournalSeq: journalStart } = recalled;
    const rings = new EventRings({ strategy, clock: this.#clock, start, journalStart, capacity: 1 });
    return new EventLog(rings, this.#memory.history(strategy));
  }

  #consumersOf<Cursor>(stream: string, form: CursorForm<Cursor>): NamedConsumers<Cursor> {
    const store = {
      recall: () => this.#memory.recallConsumers(stream),
      keep: (consumers: Parameters<Memory['keepConsumers']>[1]) => this.#memory.keepConsumers(stream, consumers),
    };
    return new NamedConsumers(form, store, this.#clock);
  }
}
