/** The trades of a strategy: how many there were ever, and the last of them with their figures. */
import { iso } from '../domain/time.ts';
import type { TradeView } from '../domain/trading-views.ts';
import type { Trade } from '../streams/desk-types.ts';

/** Trades that `/status` shows. */
const TRADES_SHOWN = 50;

export interface TradeLogState {
  readonly total: number;
  readonly shown: readonly TradeView[];
}

export class TradeLog {
  readonly #capacity: number;
  readonly #trades: TradeView[] = [];
  #total = 0;
  #shown: readonly TradeView[] | undefined;

  constructor(capacity: number = TRADES_SHOWN) {
    this.#capacity = capacity;
  }

  get total(): number {
    return this.#total;
  }

  add(trade: Trade): TradeView {
    const view = tradeView(trade);
    this.#trades.push(view);
    if (this.#trades.length > this.#capacity) this.#trades.shift();
    this.#total += 1;
    this.#shown = undefined;
    return view;
  }

  /** The trades of `/status`: the same frozen array until there is another one. */
  shown(): readonly TradeView[] {
    return (this.#shown ??= Object.freeze(this.#trades.slice(-TRADES_SHOWN)));
  }

  save(): TradeLogState {
    return { total: this.#total, shown: this.shown() };
  }

  restore({ total, shown }: TradeLogState): void {
    this.#total = total;
    this.#trades.splice(0, Infinity, ...shown.map((trade) => Object.freeze(trade)));
    this.#shown = undefined;
  }

  /** All that are kept, newest last. */
  kept(): readonly TradeView[] {
    return [...this.#trades];
  }
}

function tradeView({ booking, order }: Trade): TradeView {
  const { fill, realized, reducing } = booking;
  const signalPrice = order.signalPrice ?? null;
  const adverse = signalPrice === null ? null : fill.price.minus(signalPrice);
  return Object.freeze({
    id: fill.fillId,
    ts: iso(fill.ts),
    symbol: fill.symbol,
    side: fill.side,
    qty: fill.qty,
    price: fill.price,
    signalPrice,
    slippage: adverse === null || fill.side === 'BUY' ? adverse : adverse.negated(),
    commission: fill.commission,
    realized,
    reducing,
    orderId: fill.orderId,
  });
}
