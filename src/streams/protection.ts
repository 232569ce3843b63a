/**
 * Protective orders: for each lot with a bracket one stop-loss and one take-profit at the venue.
 * They are placed by the first fill, follow every further one in quantity and price, shrink with
 * what is closed, and one cancels the other.
 */
import { Decimal } from '../domain/decimal.ts';
import { stopLossId, takeProfitId } from '../domain/ids.ts';
import type { Order, Side } from '../domain/orders.ts';
import { bracketPrices, opposite } from './brackets.ts';
import { Lots, type LegRole, type Lot } from './lots.ts';

/** A protective order to be placed. */
export interface Leg {
  readonly id: string;
  readonly role: LegRole;
  readonly type: 'limit' | 'stop';
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly parentId: string;
  /** The signal of the entry that it protects. */
  readonly signalId: string | undefined;
}

export interface ProtectionDependencies {
  readonly order: (id: string) => Order | undefined;
  readonly tickSize: (symbol: string) => Decimal;
  readonly place: (leg: Leg) => void;
  readonly modify: (order: Order, change: { readonly qty: Decimal; readonly price?: Decimal }) => void;
  readonly cancel: (order: Order, reason: string) => void;
}

const ROLES: readonly LegRole[] = ['stopLoss', 'takeProfit'];

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
    const prices = bracketPrices(lot.bracket, lot, this.#deps.tickSize(lot.symbol));
    for (const role of ROLES) {
      const level = prices[role];
      if (level !== undefined) this.#cover(lot, role, level);
    }
  }

  /** A protective order has filled: its lot shrinks, and with it the other leg. */
  legFilled(leg: Order, qty: Decimal): void {
    const lot = this.lots.get(leg.parentId!);
    if (lot === undefined) return;
    this.lots.reduce(lot, qty);
    this.#fit(lot, 'the other leg has filled', leg.id);
  }

  /**
   * Something else has closed a part of the position that `side` had opened, and `left` of it is
   * open: what no lot holds goes first, so that what was protected stays so, then the oldest lots.
   * A venue that keeps each entry's position apart says which one it has closed, and how much of it.
   */
  closed(symbol: string, side: Side, left: Decimal, entryId?: string, qty: Decimal = Decimal.ZERO): void {
    const named = entryId === undefined ? undefined : this.lots.get(entryId);
    if (named !== undefined) {
      this.lots.reduce(named, qty);
      this.#fit(named, 'what it protected is closed');
    }
    const lots = this.lots.of(symbol, side);
    let excess = lots.reduce((sum, { open }) => sum.plus(open), Decimal.ZERO).minus(left);
    for (const lot of lots) {
      if (excess.sign() <= 0) return;
      const part = Decimal.min(excess, lot.open);
      excess = excess.minus(part);
      this.lots.reduce(lot, part);
      this.#fit(lot, 'what it protected is closed');
    }
  }

  /** No further fill of an entry can come. */
  ended(entryId: string): void {
    this.lots.end(entryId);
  }

  #cover(lot: Lot, role: LegRole, price: Decimal): void {
    // The fill of the first leg at once may have closed the lot before the second is placed.
    if (lot.open.isZero()) return;
    const working = this.#leg(lot, role);
    if (working !== undefined) {
      this.#deps.modify(working, { qty: lot.open, price });
      return;
    }
    lot.placed[role] += 1;
    this.#deps.place({
      id: legId(lot, role),
      role,
      type: role === 'stopLoss' ? 'stop' : 'limit',
      symbol: lot.symbol,
      side: opposite(lot.side),
      qty: lot.open,
      price,
      parentId: lot.entryId,
      signalId: lot.signalId,
    });
  }

  /** Brings the legs of a lot to what is open of it. */
  #fit(lot: Lot, reason: string, filledLeg?: string): void {
    for (const role of ROLES) {
      const leg = this.#leg(lot, role);
      if (leg === undefined || leg.id === filledLeg) continue;
      if (lot.open.isZero()) this.#deps.cancel(leg, reason);
      else this.#deps.modify(leg, { qty: lot.open });
    }
  }

  #leg(lot: Lot, role: LegRole): Order | undefined {
    return this.#deps.order(legId(lot, role));
  }
}

/** The first leg has the plain id; one that replaces an ended one is numbered. */
function legId({ entryId, placed }: Lot, role: LegRole): string {
  const id = role === 'stopLoss' ? stopLossId(entryId) : takeProfitId(entryId);
  return placed[role] < 2 ? id : `${id}.${placed[role]}`;
}
