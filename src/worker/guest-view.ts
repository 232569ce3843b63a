/** What the author's `ctx` reads: positions, account, quotes and orders as last told by the main thread. */
import { Decimal } from '../domain/decimal.ts';
import type { Account, OrderInfo, Position, Quote } from './api-types.ts';
import type { WireOrder, WirePosition, WireQuote, WireState, WireStream } from './protocol.ts';

const FLAT: Position = Object.freeze({ qty: 0, avgPrice: 0, unrealized: 0, openedAt: undefined });

/**
 * Figures are worked out when they are asked for: most callbacks read none of them. Streams of one
 * symbol at one venue share its quote, its position and its orders: the ledger nets them.
 */
export class GuestView {
  #state: WireState;
  /** By market. */
  readonly #quotes = new Map<string, WireQuote>();
  readonly #markets: ReadonlyMap<string, string>;

  constructor(state: WireState, streams: readonly WireStream[]) {
    this.#state = state;
    this.#markets = new Map(streams.map(({ key, symbol, venue }) => [key, `${venue ?? ''}/${symbol}`]));
  }

  setState(state: WireState): void {
    this.#state = state;
  }

  /** Keeps the very object: nothing is made of it before it is asked for. */
  setQuote(quote: WireQuote): void {
    this.#quotes.set(this.#marketOf(quote.stream), quote);
  }

  quote(stream: string): Quote | undefined {
    const quote = this.#quotes.get(this.#marketOf(stream));
    return quote === undefined ? undefined : Object.freeze({ ts: quote.ts, bid: quote.bid, ask: quote.ask });
  }

  position(stream: string): Position {
    const market = this.#marketOf(stream);
    const held = this.#state.positions.find((position) => this.#marketOf(position.stream) === market);
    if (held === undefined) return FLAT;
    return Object.freeze({
      qty: Number(held.qty),
      avgPrice: held.avgPrice,
      unrealized: this.#unrealized(held)?.toNumber() ?? NaN,
      openedAt: held.openedAt,
    });
  }

  account(): Account {
    const balance = Decimal.of(this.#state.balance);
    let unrealized: Decimal | undefined = Decimal.ZERO;
    for (const held of this.#state.positions) {
      const part = this.#unrealized(held);
      unrealized = part === undefined ? undefined : unrealized?.plus(part);
    }
    return Object.freeze({
      balance: balance.toNumber(),
      realized: Number(this.#state.realized),
      unrealized: unrealized?.toNumber() ?? NaN,
      equity: unrealized === undefined ? NaN : balance.plus(unrealized).toNumber(),
    });
  }

  orders(stream: string | undefined): readonly OrderInfo[] {
    const { orders } = this.#state;
    const market = stream === undefined ? undefined : this.#marketOf(stream);
    const wanted = market === undefined ? orders : orders.filter((order) => this.#marketOf(order.stream) === market);
    return Object.freeze(wanted.map(orderInfo));
  }

  #marketOf(stream: string): string {
    return this.#markets.get(stream) ?? stream;
  }

  /** Exact, in account currency; undefined while there is no quote or no conversion rate. */
  #unrealized(held: WirePosition): Decimal | undefined {
    const quote = this.quote(held.stream);
    if (quote === undefined || held.rate === null) return undefined;
    const qty = Decimal.of(held.qty);
    const mark = Decimal.of(qty.sign() > 0 ? quote.bid : quote.ask);
    const gain = mark.times(qty).times(Decimal.of(held.contractSize)).minus(Decimal.of(held.cost));
    return held.rate === 'inverseOfMark' ? gain.dividedBy(mark) : gain.times(Decimal.of(held.rate));
  }
}

function orderInfo(order: WireOrder): OrderInfo {
  const info = { ...order, qty: Number(order.qty), filledQty: Number(order.filledQty) };
  return Object.freeze(info as OrderInfo);
}
