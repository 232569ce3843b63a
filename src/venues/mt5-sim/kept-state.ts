/** What of an account must outlive its simulator: the changes that are written down, and what they come to. */
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { keepLast } from './quote-history.ts';
import type { Deal, Order, Position } from './types.ts';

/** Deals that are remembered, and orders that are done. */
export const MOST_DONE = 100_000;

export type Change =
  /** It was opened, or is different now. */
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'closed'; readonly ticket: number }
  /** It was placed, or is different now. */
  | { readonly kind: 'pending'; readonly order: Order }
  /** An order that is done: pending no more, if it was. */
  | { readonly kind: 'order'; readonly order: Order }
  /** Its money is in the balance. */
  | { readonly kind: 'deal'; readonly deal: Deal }
  /** Swap is booked up to that day on the server's clock. */
  | { readonly kind: 'day'; readonly day: number }
  | { readonly kind: 'quote'; readonly tick: Tick }
  /** Of deals that are no longer there, once and before all others. */
  | { readonly kind: 'balance'; readonly balance: Decimal };

/** Takes down what changes. */
export interface Keeper {
  note(change: Change): void;
  /** What was noted since the last time belongs together: all of it is kept, or nothing. */
  commit(): void;
}

export const NOTHING_KEPT: Keeper = { note: () => undefined, commit: () => undefined };

/** An account and its market as they were left. */
export class KeptState {
  readonly positions = new Map<number, Position>();
  readonly pendings = new Map<number, Order>();
  readonly orders: Order[] = [];
  readonly deals: Deal[] = [];
  readonly quotes = new Map<string, Tick>();
  balance: Decimal | undefined;
  day: number | undefined;
  /** When it last changed: the quotes until then have had their effect. */
  until: EpochMs = -Infinity;

  apply(change: Change): void {
    switch (change.kind) {
      case 'position':
        this.positions.set(change.position.ticket, change.position);
        break;
      case 'closed':
        this.positions.delete(change.ticket);
        break;
      case 'pending':
        this.pendings.set(change.order.ticket, change.order);
        break;
      case 'order':
        this.pendings.delete(change.order.ticket);
        keepLast(this.orders, MOST_DONE);
        this.orders.push(change.order);
        break;
      case 'deal':
        this.#book(change.deal);
        break;
      case 'day':
        this.day = change.day;
        break;
      case 'quote':
        this.quotes.set(change.tick.symbol, change.tick);
        break;
      default:
        this.balance = change.balance;
    }
  }

  /** The highest ticket that an order has had; 0: none. */
  get lastOrder(): number {
    return [...this.orders, ...this.pendings.values()].reduce((last, { ticket }) => Math.max(last, ticket), 0);
  }

  /** Changes that lead to it. */
  changes(): readonly Change[] {
    if (this.balance === undefined) return [];
    const balance = this.deals.reduce((left, deal) => left.minus(moneyOf(deal)), this.balance);
    const day = this.day;
    return [
      { kind: 'balance', balance },
      ...this.deals.map((deal) => ({ kind: 'deal', deal }) as const),
      ...this.orders.map((order) => ({ kind: 'order', order }) as const),
      ...[...this.pendings.values()].map((order) => ({ kind: 'pending', order }) as const),
      ...[...this.positions.values()].map((position) => ({ kind: 'position', position }) as const),
      ...[...this.quotes.values()].map((tick) => ({ kind: 'quote', tick }) as const),
      ...(day === undefined ? [] : [{ kind: 'day', day } as const]),
    ];
  }

  #book(deal: Deal): void {
    this.balance = (this.balance ?? Decimal.ZERO).plus(moneyOf(deal));
    keepLast(this.deals, MOST_DONE);
    this.deals.push(deal);
  }
}

/** What a deal adds to the balance. */
export const moneyOf = ({ profit, commission, fee, swap }: Deal): Decimal =>
  profit.plus(commission).plus(fee).plus(swap);
