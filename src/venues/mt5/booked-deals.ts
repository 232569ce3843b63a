/** Tickets of the deals that are booked: none of them is booked again. */
import type { EpochMs } from '../../domain/time.ts';

/** A look shows the last 24 hours; one after a long outage goes further back, but only to the look before it. */
const KEPT_MS = 36 * 3_600_000;
const KEPT = 10_000;

export class BookedDeals {
  readonly #at = new Map<number, EpochMs>();

  has(ticket: number): boolean {
    return this.#at.has(ticket);
  }

  add(ticket: number, at: EpochMs): void {
    this.#at.set(ticket, at);
    for (const oldest of this.#at.keys()) {
      if (this.#at.size <= KEPT) return;
      this.#at.delete(oldest);
    }
  }

  /** Lets go of those that no look can show any more. @param lookedUntil what every look from now on goes back to, at most */
  forget(lookedUntil: EpochMs): void {
    for (const [ticket, at] of this.#at) if (at < lookedUntil - KEPT_MS) this.#at.delete(ticket);
  }

  /** Ticket and time by turns. */
  save(): readonly number[] {
    return [...this.#at].flat();
  }

  restore(saved: readonly number[]): void {
    for (let at = 0; at + 1 < saved.length; at += 2) this.#at.set(saved[at]!, saved[at + 1]!);
  }
}
