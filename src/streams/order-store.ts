/** The orders that are not at their end yet, by id. Finished ones are in the event stream. */
import { Decimal } from '../domain/decimal.ts';
import { FINAL_STATUSES, type Order } from '../domain/orders.ts';

export class OrderStore {
  readonly #orders = new Map<string, Order>();

  get(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  /** Keeps a new version; a final one leaves the store. */
  put(order: Order): void {
    if (FINAL_STATUSES.has(order.status)) this.#orders.delete(order.id);
    else this.#orders.set(order.id, order);
  }

  all(): readonly Order[] {
    return [...this.#orders.values()];
  }

  /** Orders that would open or add to a position. */
  entries(): readonly Order[] {
    return this.all().filter(({ role }) => role === 'entry' || role === 'stackLayer');
  }

  /** What closing orders of this symbol have still to fill; protective orders do not count: they follow the position. */
  closingQty(symbol: string): Decimal {
    let sum = Decimal.ZERO;
    for (const order of this.#orders.values())
      if (order.symbol === symbol && (order.role === 'close' || order.role === 'flatten'))
        sum = sum.plus(order.qty.minus(order.filledQty));
    return sum;
  }

  unknown(symbol: string): string | undefined {
    for (const order of this.#orders.values())
      if (order.symbol === symbol && order.status === 'unknown') return order.id;
    return undefined;
  }
}
