/** Orders that wait for their price, and what is done with them. */
import type { EpochMs } from '../../domain/time.ts';
import type { History } from './history.ts';
import type { Keeper, KeptState } from './kept-state.ts';
import type { Order, OrderState } from './types.ts';

export class PendingBook {
  readonly #keeper: Keeper;
  readonly #history: History;
  readonly #byTicket: Map<number, Order>;

  constructor(keeper: Keeper, history: History, kept?: KeptState) {
    this.#keeper = keeper;
    this.#history = history;
    this.#byTicket = new Map(kept?.pendings);
  }

  /** Oldest first. */
  all(): readonly Order[] {
    return [...this.#byTicket.values()];
  }

  get size(): number {
    return this.#byTicket.size;
  }

  get(ticket: number): Order | undefined {
    return this.#byTicket.get(ticket);
  }

  /** Takes a new one, or one that has changed. */
  keep(order: Order): void {
    this.#byTicket.set(order.ticket, order);
    this.#keeper.note({ kind: 'pending', order });
  }

  /** It waits no more. */
  end(order: Order, state: OrderState, at: EpochMs): void {
    this.#byTicket.delete(order.ticket);
    this.#history.addOrder({ ...order, state, doneAt: at });
  }
}
