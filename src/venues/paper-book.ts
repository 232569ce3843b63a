/** The working orders of a paper account, by symbol, and which of them a quote triggers. */
import { Decimal, dec } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { VenueOrder } from '../domain/venue.ts';

/** A working order. `trigger` is its price as a double: quotes are compared with it on every tick. */
export interface WorkingOrder {
  readonly order: VenueOrder;
  readonly age: number;
  remaining: Decimal;
  price: Decimal | undefined;
  trigger: number | undefined;
}

const isStop = (working: WorkingOrder): boolean =>
  working.order.type === 'stop' || working.order.type === 'trailingStop';

/** The side of the quote that an order executes at: a buyer pays the ask. */
export function executable(side: VenueOrder['side'], tick: Tick): number {
  return side === 'BUY' ? tick.ask : tick.bid;
}

/** Would this quote execute the order? A stop at or beyond its trigger, a limit at its price or better. */
export function triggers(working: WorkingOrder, tick: Tick): boolean {
  const { side, type } = working.order;
  if (type === 'market') return true;
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
    };
    const list = this.#bySymbol.get(order.symbol);
    if (list === undefined) this.#bySymbol.set(order.symbol, [working]);
    else list.push(working);
    this.#byId.set(order.id, working);
    return working;
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
  triggered(tick: Tick): WorkingOrder[] {
    const hits = (this.#bySymbol.get(tick.symbol) ?? []).filter((working) => triggers(working, tick));
    return hits.length < 2 ? hits : hits.sort((a, b) => Number(isStop(b)) - Number(isStop(a)) || a.age - b.age);
  }

  /**
   * Moves the trigger of trailing stops after the best quote seen: down from the highest bid for a
   * SELL, up from the lowest ask for a BUY. Returns those that moved.
   */
  trail(tick: Tick): WorkingOrder[] {
    const moved: WorkingOrder[] = [];
    for (const working of this.#bySymbol.get(tick.symbol) ?? []) if (trailOne(working, tick)) moved.push(working);
    return moved;
  }
}

function trailOne(working: WorkingOrder, tick: Tick): boolean {
  const { type, side, trail } = working.order;
  if (type !== 'trailingStop' || trail === undefined) return false;
  const quote = dec(executable(side, tick));
  const candidate = side === 'SELL' ? quote.minus(trail) : quote.plus(trail);
  const better =
    working.price === undefined ||
    (side === 'SELL' ? candidate.greaterThan(working.price) : candidate.lessThan(working.price));
  if (!better) return false;
  working.price = candidate;
  working.trigger = candidate.toNumber();
  return true;
}
