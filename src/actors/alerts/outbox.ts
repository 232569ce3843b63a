/** Messages that have not arrived yet, in the order in which they go: the worst first, then the oldest. Bounded. */
import type { Notification } from '../../alerts/notification.ts';

/** More waiting messages than anybody reads. */
export const OUTBOX_LIMIT = 200;

export interface OutboxEntry {
  readonly notification: Notification;
  /** Names of channels: the first that takes it carries it. */
  readonly route: readonly string[];
}

export class Outbox {
  #entries: OutboxEntry[];

  constructor(entries: readonly OutboxEntry[] = []) {
    this.#entries = [...entries];
  }

  get size(): number {
    return this.#entries.length;
  }

  all(): readonly OutboxEntry[] {
    return this.#entries;
  }

  /** @returns what had to go for it: the oldest of the least severe */
  add(entry: OutboxEntry): OutboxEntry | undefined {
    this.#entries.push(entry);
    this.#entries.sort(compare);
    if (this.#entries.length <= OUTBOX_LIMIT) return undefined;
    const least = this.#entries.at(-1)!.notification.severity;
    const index = this.#entries.findIndex(({ notification }) => notification.severity === least);
    return this.#entries.splice(index, 1)[0];
  }

  remove(id: string): void {
    this.#entries = this.#entries.filter(({ notification }) => notification.id !== id);
  }

  /** That an alert is over is not told before that it began. */
  isBehindAnother({ notification }: OutboxEntry): boolean {
    return this.#entries.some(
      ({ notification: other }) =>
        other !== notification && other.alert === notification.alert && other.at < notification.at,
    );
  }
}

function compare({ notification: a }: OutboxEntry, { notification: b }: OutboxEntry): number {
  return a.severity.localeCompare(b.severity) || a.at.localeCompare(b.at);
}
