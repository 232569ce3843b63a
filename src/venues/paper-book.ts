/** The working orders of a paper account, by symbol, and which of them a quote triggers. */
import { dec, type Decimal } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { VenueOrder } from '../domain/venue.ts';

/** A working order. */
export interface WorkingOrder {
  order: VenueOrder;
  readonly age: number;
  remaining: Decimal;
  price: Decimal | undefined;
  /** The price as a double: quotes are compared with it on every tick. */
  trigger: number | undefined;
  /** A stop that was triggered is a market order from then on: what a partial fill has left is filled at any quote. */
  fired: boolean;
  /** Best quote that a trailing stop has followed. */
  best: number | undefined;
}

const NONE: readonly WorkingOrder[] = [];

const isStop = (working: WorkingOrder): boolean =>
  working.order.type === 'stop' || working.order.type === 'trailingStop';

/** The side of the quote that an order executes at: a buyer pays the ask. */
export function executable(side: VenueOrder['side'], tick: Tick): number {
  return side === 'BUY' ? tick.ask : tick.bid;
}

/** Would this quote execute the order? A stop at or beyond its trigger, a limit at its price or better. */
export function triggers(working: WorkingOrder, tick: Tick): boolean {
  const { side, type } = working.order;
  if (type === 'market' || working.fired) return true;
  if (working.trigger === undefined) return false;
  const price = executable(side, tick);
  const rising = (side === 'BUY') === (type !== 'limit');
  return rising ? price >= working.trigger : price <= working.trigger;
}

export class PaperBook {
  readonly #bySymbol = new Map<string, WorkingOrder[]>();
  readonly #byId = new Map<string, WorkingOrder>();
  #nextAge = 0;

  add(order: VenueOrder, qty: Decimal): WorkingOrder {
    const working: WorkingOrder = {
      order,
      age: this.#nextAge++,
      remaining: qty,
      price: order.price,
      trigger: order.price?.toNumber(),
      fired: false,
      best: undefined,
    };
    this.#keep(working);
    return working;
  }

  #keep(working: WorkingOrder): void {
    const { id, symbol } = working.order;
    const list = this.#bySymbol.get(symbol);
    if (list === undefined) this.#bySymbol.set(symbol, [working]);
    else list.push(working);
    this.#byId.set(id, working);
  }

  all(): readonly WorkingOrder[] {
    return [...this.#byId.values()];
  }

  /** Goes on with the working orders of an earlier run. */
  restore(orders: readonly WorkingOrder[]): void {
    for (const working of orders.toSorted((a, b) => a.age - b.age)) {
      this.#keep({ ...working });
      this.#nextAge = Math.max(this.#nextAge, working.age + 1);
    }
  }

  get(orderId: string): WorkingOrder | undefined {
    return this.#byId.get(orderId);
  }

  remove(orderId: string): void {
    const working = this.#byId.get(orderId);
    if (working === undefined) return;
    this.#byId.delete(orderId);
    const list = this.#bySymbol.get(working.order.symbol)!;
    list.splice(list.indexOf(working), 1);
    if (list.length === 0) this.#bySymbol.delete(working.order.symbol);
  }

  /** Working orders of a symbol, oldest first; undefined when there are none (the usual case on a tick). */
  of(symbol: string): readonly WorkingOrder[] | undefined {
    return this.#bySymbol.get(symbol);
  }

  /** Those that the quote triggers: stops before targets, then by age. */
  triggered(tick: Tick): readonly WorkingOrder[] {
    const orders = this.#bySymbol.get(tick.symbol);
    if (orders === undefined) return NONE;
    let hits: WorkingOrder[] | undefined;
    for (const working of orders) if (triggers(working, tick)) (hits ??= []).push(working);
    if (hits === undefined) return NONE;
    return hits.length < 2 ? hits : hits.toSorted((a, b) => Number(isStop(b)) - Number(isStop(a)) || a.age - b.age);
  }

  /**
   * Moves the trigger of trailing stops after the best quote seen: down from the highest bid for a
   * SELL, up from the lowest ask for a BUY. Returns those that moved.
   */
  trail(tick: Tick): readonly WorkingOrder[] {
    const orders = this.#bySymbol.get(tick.symbol);
    if (orders === undefined) return NONE;
    let moved: WorkingOrder[] | undefined;
    for (const working of orders) if (trailOne(working, tick)) (moved ??= []).push(working);
    return moved ?? NONE;
  }
}

function trailOne(working: WorkingOrder, tick: Tick): boolean {
  const { type, side, trail } = working.order;
  if (type !== 'trailingStop' || trail === undefined || working.fired) return false;
  const quote = executable(side, tick);
  const { best } = working;
  if (best !== undefined && (side === 'SELL' ? quote <= best : quote >= best)) return false;
  working.best = quote;
  working.price = side === 'SELL' ? dec(quote).minus(trail) : dec(quote).plus(trail);
  working.trigger = working.price.toNumber();
  return true;
}
