/**
 * Protective orders: for each lot with a bracket one stop-loss and one take-profit at the venue.
 * They are placed by the first fill, follow every further one in quantity and price, shrink with
 * what is closed, and one cancels the other.
 */
import type { Decimal } from '../domain/decimal.ts';
import { stopLossId, takeProfitId } from '../domain/ids.ts';
import type { Order, OrderRole, Side } from '../domain/orders.ts';
import { bracketPrices, opposite } from './brackets.ts';
import { Lots, type Lot } from './lots.ts';

export interface ProtectionDependencies {
  readonly order: (id: string) => Order | undefined;
  readonly tickSize: (symbol: string) => Decimal;
  readonly place: (leg: {
    readonly id: string;
    readonly role: OrderRole;
    readonly type: 'limit' | 'stop';
    readonly symbol: string;
    readonly side: Side;
    readonly qty: Decimal;
    readonly price: Decimal;
    readonly parentId: string;
  }) => void;
  readonly modify: (order: Order, change: { readonly qty: Decimal; readonly price?: Decimal }) => void;
  readonly cancel: (order: Order, reason: string) => void;
}

export class Protection {
  readonly lots = new Lots();
  readonly #deps: ProtectionDependencies;

  constructor(dependencies: ProtectionDependencies) {
    this.#deps = dependencies;
  }

  /** An entry with a bracket, or of a stack, has opened `qty` at `price`. */
  opened(entry: Order, qty: Decimal, price: Decimal): void {
    const lot = this.lots.open(entry, qty, price);
    if (lot.bracket === undefined) return;
    const { stopLoss, takeProfit } = bracketPrices(lot.bracket, lot, this.#deps.tickSize(lot.symbol));
    if (stopLoss !== undefined) this.#cover(lot, 'stopLoss', stopLoss);
    if (takeProfit !== undefined) this.#cover(lot, 'takeProfit', takeProfit);
  }

  /** A protective order has filled: its lot shrinks, and with it the other leg. */
  legFilled(leg: Order, qty: Decimal): void {
    const lot = this.lots.get(leg.parentId!);
    if (lot === undefined) return;
    this.lots.reduce(lot, qty);
    this.#fit(lot, leg.id, 'the other leg has filled');
  }

  /** Something else has closed `qty` of the position that `side` had opened: oldest lots first. */
  closed(symbol: string, side: Side, qty: Decimal): void {
    let left = qty;
    for (const lot of this.lots.of(symbol, side)) {
      if (left.isZero()) return;
      const part = left.lessThan(lot.open) ? left : lot.open;
      left = left.minus(part);
      this.lots.reduce(lot, part);
      this.#fit(lot, undefined, 'the position is closed');
    }
  }

  #cover(lot: Lot, role: 'stopLoss' | 'takeProfit', price: Decimal): void {
    // The fill of the first leg at once may have closed the lot before the second is placed.
    if (lot.open.isZero()) return;
    const id = role === 'stopLoss' ? stopLossId(lot.entryId) : takeProfitId(lot.entryId);
    const working = this.#deps.order(id);
    if (working !== undefined) {
      this.#deps.modify(working, { qty: lot.open, price });
      return;
    }
    this.#deps.place({
      id,
      role,
      type: role === 'stopLoss' ? 'stop' : 'limit',
      symbol: lot.symbol,
      side: opposite(lot.side),
      qty: lot.open,
      price,
      parentId: lot.entryId,
    });
  }

  /** Brings the legs of a lot to what is open of it. */
  #fit(lot: Lot, filledLeg: string | undefined, reason: string): void {
    for (const id of [stopLossId(lot.entryId), takeProfitId(lot.entryId)]) {
      const leg = id === filledLeg ? undefined : this.#deps.order(id);
      if (leg === undefined) continue;
      if (lot.open.isZero()) this.#deps.cancel(leg, reason);
      else this.#deps.modify(leg, { qty: lot.open });
    }
  }
}
