/** Deals and orders that are done, in the order in which they came about, within bounds. */
import type { Deal, Order } from './types.ts';
import { keepLast } from './quote-history.ts';

const KEPT = 100_000;

export class History {
  readonly #deals: Deal[] = [];
  readonly #orders: Order[] = [];

  get deals(): readonly Deal[] {
    return this.#deals;
  }

  get orders(): readonly Order[] {
    return this.#orders;
  }

  addDeal(deal: Deal): void {
    keepLast(this.#deals, KEPT);
    this.#deals.push(deal);
  }

  addOrder(order: Order): void {
    keepLast(this.#orders, KEPT);
    this.#orders.push(order);
  }
}
