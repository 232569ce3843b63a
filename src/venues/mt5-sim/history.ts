/** Deals and orders that are done, in the order in which they came about, within bounds. */
import { MOST_DONE, type Keeper, type KeptState } from './kept-state.ts';
import { keepLast } from './quote-history.ts';
import type { Deal, Order } from './types.ts';

export class History {
  readonly #deals: Deal[];
  readonly #orders: Order[];
  readonly #keeper: Keeper;

  constructor(keeper: Keeper, kept?: KeptState) {
    this.#keeper = keeper;
    this.#deals = [...(kept?.deals ?? [])];
    this.#orders = [...(kept?.orders ?? [])];
  }

  get deals(): readonly Deal[] {
    return this.#deals;
  }

  get orders(): readonly Order[] {
    return this.#orders;
  }

  addDeal(deal: Deal): void {
    keepLast(this.#deals, MOST_DONE);
    this.#deals.push(deal);
    this.#keeper.note({ kind: 'deal', deal });
  }

  addOrder(order: Order): void {
    keepLast(this.#orders, MOST_DONE);
    this.#orders.push(order);
    this.#keeper.note({ kind: 'order', order });
  }
}
