/** How a position is closed: what of it nothing is on its way for, in orders that are not too large. */
import { Decimal } from '../domain/decimal.ts';
import type { Instrument } from '../domain/market.ts';
import type { Position } from '../ledger/position.ts';
import type { GateLimits } from '../risk/limits.ts';
import type { Closing } from './new-orders.ts';
import type { OrderStore } from './order-store.ts';

export interface ClosingsDependencies {
  readonly orders: OrderStore;
  readonly instrument: (symbol: string) => Instrument;
  readonly limits: () => GateLimits;
}

export class Closings {
  readonly #deps: ClosingsDependencies;

  constructor(dependencies: ClosingsDependencies) {
    this.#deps = dependencies;
  }

  /** What of a position no closing order is on its way for. */
  closable(position: Position): Decimal {
    return position.qty.abs().minus(this.#deps.orders.closingQty(position.symbol));
  }

  /** The orders that close it, in as many parts as the largest quantity asks for; none when it is closed already. */
  of(position: Position, role: Closing['role'], id: string, signalId?: string): readonly Closing[] {
    const { symbol } = position;
    const largest = this.#largest(symbol, role);
    const side = position.qty.sign() > 0 ? 'SELL' : 'BUY';
    const parts: Closing[] = [];
    for (let left = this.closable(position); left.sign() > 0;) {
      const qty = largest === undefined ? left : Decimal.min(left, largest);
      left = left.minus(qty);
      const partId = parts.length === 0 ? id : `${id}.${parts.length + 1}`;
      parts.push({ id: partId, role, symbol, side, qty, ...(signalId !== undefined && { signalId }) });
    }
    return parts;
  }

  /** The largest order that may close: the venue's largest, and for a flatten our own cap as well. */
  #largest(symbol: string, role: Closing['role']): Decimal | undefined {
    const { volumeMax, volumeStep } = this.#deps.instrument(symbol);
    const cap = role === 'flatten' ? this.#deps.limits().maxOrderQty : undefined;
    const largest = volumeMax !== undefined && cap !== undefined ? Decimal.min(volumeMax, cap) : (volumeMax ?? cap);
    const inSteps = largest?.flooredTo(volumeStep);
    return inSteps?.isZero() === true ? volumeMax : inSteps;
  }
}
