/** The orders that are not at their end yet, by id. Finished ones are in the event stream. */
import { Decimal } from '../domain/decimal.ts';
import { FINAL_STATUSES, type Order, type OrderRole } from '../domain/orders.ts';

/** May an order of this role open or add to a position? */
export const mayOpen = (role: OrderRole): boolean => role === 'entry' || role === 'stackLayer';

/** May it only close what is open, other than at its protective level? */
export const isClosing = (role: OrderRole): boolean => role === 'close' || role === 'flatten';

/** Would it open or add to a position? One that a halt has left as an exit would not. */
const isEntry = ({ role, kept }: Order): boolean => mayOpen(role) && kept !== true;

export class OrderStore {
  readonly #orders = new Map<string, Order>();
  #takenBack = 0;

  /** Entries and layers that have been cancelled since it began; what filled instead is not among them. */
  get takenBack(): number {
    return this.#takenBack;
  }

  get(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  /** Keeps a new version; a final one leaves the store. */
  put(order: Order): void {
    if (order.status === 'cancelled' && isEntry(order)) this.#takenBack += 1;
    if (FINAL_STATUSES.has(order.status)) this.#orders.delete(order.id);
    else this.#orders.set(order.id, order);
  }

  all(): readonly Order[] {
    return [...this.#orders.values()];
  }

  /** Orders that would open or add to a position. */
  entries(): readonly Order[] {
    return this.all().filter(isEntry);
  }

  /** What the author's code has asked for at a level or at the market, stacks included. */
  ofAuthor(): readonly Order[] {
    return this.all().filter(({ role }) => mayOpen(role));
  }

  /** Is an order of this stack still under way? */
  hasStack(stackId: string): boolean {
    for (const order of this.#orders.values()) if (order.stackId === stackId) return true;
    return false;
  }

  /** What closing orders of this symbol have still to fill; protective orders do not count: they follow the position. */
  closingQty(symbol: string): Decimal {
    return this.#unfilled((order) => order.symbol === symbol && isClosing(order.role));
  }

  /**
   * As {@link closingQty}, with the author's own orders that reduce this (signed) position. Those that a halt
   * has left working do not count: like protective orders they follow the position.
   */
  reducingQty(symbol: string, position: Decimal): Decimal {
    const side = position.sign() > 0 ? 'SELL' : 'BUY';
    return this.#unfilled(
      (order) =>
        order.symbol === symbol &&
        (isClosing(order.role) ||
          (isEntry(order) && order.side === side && order.qty.minus(order.filledQty).compare(position.abs()) <= 0)),
    );
  }

  unknown(symbol: string): string | undefined {
    for (const order of this.#orders.values())
      if (order.symbol === symbol && order.status === 'unknown') return order.id;
    return undefined;
  }

  #unfilled(wanted: (order: Order) => boolean): Decimal {
    let sum = Decimal.ZERO;
    for (const order of this.#orders.values()) if (wanted(order)) sum = sum.plus(order.qty.minus(order.filledQty));
    return sum;
  }
}
