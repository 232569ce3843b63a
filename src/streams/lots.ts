/**
 * Lots: what is still open of each entry that has a bracket or belongs to a stack. They say how
 * much each protective order must cover and when a stack has nothing left to build on.
 */
import { Decimal } from '../domain/decimal.ts';
import type { Bracket, Order, Side } from '../domain/orders.ts';

export interface Lot {
  readonly entryId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly bracket: Bracket | undefined;
  readonly stackId: string | undefined;
  /** Filled so far, and Σ price × quantity of it: their quotient is what distances are anchored to. */
  filled: Decimal;
  value: Decimal;
  /** Still open: what the protective orders cover. */
  open: Decimal;
}

export class Lots {
  readonly #lots = new Map<string, Lot>();

  get(entryId: string): Lot | undefined {
    return this.#lots.get(entryId);
  }

  /** Books what a fill of an entry has opened. */
  open(order: Order, qty: Decimal, price: Decimal): Lot {
    let lot = this.#lots.get(order.id);
    if (lot === undefined) {
      const { id: entryId, symbol, side, bracket, stackId } = order;
      lot = { entryId, symbol, side, bracket, stackId, filled: Decimal.ZERO, value: Decimal.ZERO, open: Decimal.ZERO };
      this.#lots.set(entryId, lot);
    }
    lot.filled = lot.filled.plus(qty);
    lot.value = lot.value.plus(price.times(qty));
    lot.open = lot.open.plus(qty);
    return lot;
  }

  /** Takes a closed quantity off one lot; it leaves when nothing is open. */
  reduce(lot: Lot, qty: Decimal): void {
    lot.open = lot.open.minus(Decimal.min(qty, lot.open));
    if (lot.open.isZero()) this.#lots.delete(lot.entryId);
  }

  /** Lots of a symbol on one side, oldest first: the order in which a plain exit closes them. */
  of(symbol: string, side: Side): Lot[] {
    return [...this.#lots.values()].filter((lot) => lot.symbol === symbol && lot.side === side);
  }

  /** Is any layer of this stack still open? */
  holdsStack(stackId: string): boolean {
    for (const lot of this.#lots.values()) if (lot.stackId === stackId) return true;
    return false;
  }
}
