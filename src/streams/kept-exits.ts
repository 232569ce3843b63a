/**
 * The author's own stops and targets under a halt or stop: what only reduces stays with its position, as the
 * legs of a bracket do. From then on the venue holds it to closing, and it goes when its position has gone.
 */
import type { Order, OrderStatus } from '../domain/orders.ts';
import type { VenueAccount } from '../domain/venue.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { mayOpen, type OrderStore } from './order-store.ts';

export interface KeptExitsDependencies {
  readonly venue: string;
  readonly ledger: Ledger;
  readonly account: Pick<VenueAccount, 'holdToClosing' | 'cancel'>;
}

/** Where its fate is not known nothing is decided about it. */
const AT_THE_VENUE: ReadonlySet<OrderStatus> = new Set(['submitted', 'working', 'partiallyFilled']);

export class KeptExits {
  readonly #deps: KeptExitsDependencies;
  readonly #orders: OrderStore;

  constructor(dependencies: KeptExitsDependencies, orders: OrderStore) {
    this.#deps = dependencies;
    this.#orders = orders;
  }

  /** Before entries are taken back: those that only reduce, and that the venue can hold to it, are none from now on. */
  keep(): void {
    for (const order of this.#orders.entries())
      if (this.#onlyReduces(order) && this.#deps.account.holdToClosing(order.id))
        this.#orders.put({ ...order, reduceOnly: true, kept: true });
  }

  /** A fill has closed something of this symbol: exits that have nothing left to close are taken away. */
  follow(symbol: string): void {
    for (const order of this.#orders.all())
      if (order.symbol === symbol && isResting(order) && order.reduceOnly === true && !this.#isAgainst(order))
        this.#deps.account.cancel(order.id, 'what it was to close is closed');
  }

  /** Several of the full size may stay: none can fill more than is open when its turn comes. */
  #onlyReduces(order: Order): boolean {
    if (!isResting(order) || !AT_THE_VENUE.has(order.status)) return false;
    // With levels or layers of its own it is meant to open.
    if (order.bracket !== undefined || order.stackId !== undefined || !this.#isAgainst(order)) return false;
    const held = this.#deps.ledger.position(this.#deps.venue, order.symbol)!.qty.abs();
    return order.qty.minus(order.filledQty).compare(held) <= 0;
  }

  #isAgainst({ symbol, side }: Order): boolean {
    const sign = this.#deps.ledger.position(this.#deps.venue, symbol)?.qty.sign() ?? 0;
    return sign === (side === 'SELL' ? 1 : -1);
  }
}

/** Of the author, and waiting for its level. */
const isResting = ({ role, type }: Order): boolean => mayOpen(role) && type !== 'market';
