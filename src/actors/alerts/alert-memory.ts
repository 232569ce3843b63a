/** Where alerts are kept: small records by name in the journal's store, whole each time. */
import type { Journal } from '../../store/journal.ts';
import { fromStored, toStored } from '../../store/stored.ts';

/** `alerts`: what fires, silences; `history`; `outbox`: messages to be carried; `facts`: what conditions look back on. */
export type AlertPart = 'alerts' | 'history' | 'outbox' | 'facts';

export interface AlertMemory {
  recall(part: AlertPart): unknown;
  /** What is kept in one turn is on disk together. Settles when it is, or when it is known that it is not. */
  keep(part: AlertPart, value: unknown): Promise<void>;
}

const nameOf = (part: AlertPart): string => `alerts:${part}`;

export class JournalAlertMemory implements AlertMemory {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  recall(part: AlertPart): unknown {
    return fromStored(this.#journal.daemonState(nameOf(part)));
  }

  async keep(part: AlertPart, value: unknown): Promise<void> {
    try {
      // Urgent: that the disk is full is itself an alert.
      await this.#journal.putDaemonState(nameOf(part), toStored(value), { urgent: true }).synced;
    } catch {
      // The journal says so itself, and an alert of it goes out all the same.
    }
  }
}

/** Forgets with its process. */
export class NoAlertMemory implements AlertMemory {
  readonly #parts = new Map<AlertPart, unknown>();

  recall(part: AlertPart): unknown {
    return this.#parts.get(part);
  }

  keep(part: AlertPart, value: unknown): Promise<void> {
    this.#parts.set(part, value);
    return Promise.resolve();
  }
}
