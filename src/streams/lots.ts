/**
 * Lots: what is still open of each entry that has a bracket or belongs to a stack. They say how
 * much each protective order must cover and when a stack has nothing left to build on. Lots of one
 * side never add up to more than the position.
 */
import { Decimal } from '../domain/decimal.ts';
import type { Bracket, Order, Side } from '../domain/orders.ts';

export type LegRole = 'stopLoss' | 'takeProfit';

export interface Lot {
  readonly entryId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly bracket: Bracket | undefined;
  readonly stackId: string | undefined;
  readonly signalId: string | undefined;
  /** Filled since it was last flat, and Σ price × quantity of it: their quotient is what distances are anchored to. */
  filled: Decimal;
  value: Decimal;
  /** Still open: what the protective orders cover. */
  open: Decimal;
  /** No further fill of the entry can come. */
  ended: boolean;
  /** Protective orders placed so far: each gets an id of its own. */
  readonly placed: Record<LegRole, number>;
}

export class Lots {
  readonly #lots = new Map<string, Lot>();

  get(entryId: string): Lot | undefined {
    return this.#lots.get(entryId);
  }

  all(): readonly Lot[] {
    return [...this.#lots.values()];
  }

  /** Goes on with the lots of an earlier run. */
  restore(lots: readonly Lot[]): void {
    for (const lot of lots) this.#lots.set(lot.entryId, { ...lot, placed: { ...lot.placed } });
  }

  /** Books what a fill of an entry has opened. */
  open(order: Order, qty: Decimal, price: Decimal): Lot {
    let lot = this.#lots.get(order.id);
    if (lot === undefined) {
      lot = emptyLot(order);
      this.#lots.set(order.id, lot);
    }
    lot.filled = lot.filled.plus(qty);
    lot.value = lot.value.plus(price.times(qty));
    lot.open = lot.open.plus(qty);
    return lot;
  }

  /** Takes a closed quantity off one lot. A lot that is flat stays only as long as its entry may still fill. */
  reduce(lot: Lot, qty: Decimal): void {
    lot.open = lot.open.minus(Decimal.min(qty, lot.open));
    if (!lot.open.isZero()) return;
    lot.filled = lot.value = Decimal.ZERO;
    if (lot.ended) this.#lots.delete(lot.entryId);
  }

  /** No further fill of the entry can come. */
  end(entryId: string): void {
    const lot = this.#lots.get(entryId);
    if (lot === undefined) return;
    lot.ended = true;
    if (lot.open.isZero()) this.#lots.delete(entryId);
  }

  /** Open lots of a symbol on one side, oldest first. */
  of(symbol: string, side: Side): Lot[] {
    return [...this.#lots.values()].filter((lot) => lot.symbol === symbol && lot.side === side && !lot.open.isZero());
  }

  /** Is any layer of this stack still open? */
  holdsStack(stackId: string): boolean {
    for (const lot of this.#lots.values()) if (lot.stackId === stackId && !lot.open.isZero()) return true;
    return false;
  }
}

function emptyLot({ id: entryId, symbol, side, bracket, stackId, signalId }: Order): Lot {
  const quantities = { filled: Decimal.ZERO, value: Decimal.ZERO, open: Decimal.ZERO };
  const placed = { stopLoss: 0, takeProfit: 0 };
  return { entryId, symbol, side, bracket, stackId, signalId, ...quantities, ended: false, placed };
}
