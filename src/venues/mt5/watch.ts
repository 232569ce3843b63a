/**
 * Levels that wait here because the venue does not hold them: trailing stops, orders that would reduce on a
 * hedging account, and protective levels that a look has not shown at the venue. Quotes trigger them.
 */
import type { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import { PaperBook, triggers, type WorkingOrder } from '../paper-book.ts';
import type { OrderRecord } from './records.ts';

export interface WatchListener {
  /** The level of an order has been touched: it goes to the market now. */
  touched(orderId: string): void;
  /** A trailing stop has moved. */
  moved(orderId: string, trigger: Decimal): void;
}

export class Watch {
  readonly #book = new PaperBook();
  readonly #listener: WatchListener;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  has(orderId: string): boolean {
    return this.#book.get(orderId) !== undefined;
  }

  /** Watches the order's level, as it is now. A trailing stop begins at the quote in force. */
  add({ order, qty }: OrderRecord, quote: Tick | undefined): void {
    const watched = this.#book.get(order.id);
    if (watched !== undefined && watched.order.price === order.price) return;
    this.#book.remove(order.id);
    this.#book.add(order, qty);
    if (order.type === 'trailingStop' && quote !== undefined) this.#trail(quote);
  }

  remove(orderId: string): void {
    this.#book.remove(orderId);
  }

  /** Trailing stops first, then stops before targets, then the oldest. */
  onQuote(tick: Tick): void {
    if (this.#book.of(tick.symbol) === undefined) return;
    this.#trail(tick);
    for (const working of this.#book.triggered(tick))
      // What was touched before it may have taken it away.
      if (this.#book.get(working.order.id) === working && triggers(working, tick))
        this.#listener.touched(working.order.id);
  }

  /** Of trailing stops: how far each has come. */
  save(): readonly WorkingOrder[] {
    return this.#book
      .all()
      .filter(({ order }) => order.type === 'trailingStop')
      .map((working) => ({ ...working }));
  }

  restore(working: readonly WorkingOrder[]): void {
    this.#book.restore(working);
  }

  #trail(quote: Tick): void {
    for (const { order, price } of this.#book.trail(quote)) this.#listener.moved(order.id, price!);
  }
}
