/**
 * Paper venue: one simulated account. Fills are what a real account would have got: a BUY at the
 * ask, a SELL at the bid; a limit at its price or better; a stop at the first executable quote at
 * or beyond its trigger. All randomness is seeded, so the same quotes give the same fills.
 */
import type { Cancel, Clock } from '../clock.ts';
import { Decimal, dec } from '../domain/decimal.ts';
import type { Instrument, Tick } from '../domain/market.ts';
import type { Prng } from '../domain/prng.ts';
import type { ReportListener, VenueAccount, VenueOrder } from '../domain/venue.ts';
import { executable, PaperBook, triggers, type WorkingOrder } from './paper-book.ts';

export interface PaperOptions {
  readonly latencyMs: number;
  /** Adverse, in tick sizes; on market and stop fills. */
  readonly slippagePoints: number;
  /** Shares of orders or fills, 0 to 1. */
  readonly rejectionRate: number;
  readonly partialFillRate: number;
  /** Account currency per unit of quantity. */
  readonly commissionPerLot: Decimal;
}

export interface PaperDependencies {
  /** Engine time: latency and deadlines run on it. */
  readonly clock: Clock;
  readonly prng: Prng;
  readonly instrument: (symbol: string) => Instrument | undefined;
  /** The quote in force. */
  readonly quote: (symbol: string) => Tick | undefined;
  /** Prefix of fill ids, unique to the account. */
  readonly account: string;
  readonly report: ReportListener;
}

export class PaperAccount implements VenueAccount {
  readonly #book = new PaperBook();
  readonly #expiries = new Map<string, Cancel>();
  readonly #options: PaperOptions;
  readonly #deps: PaperDependencies;
  #fills = 0;

  constructor(options: PaperOptions, dependencies: PaperDependencies) {
    this.#options = options;
    this.#deps = dependencies;
  }

  submit(order: VenueOrder): void {
    this.#afterLatency(() => this.#arrive(order));
  }

  cancel(orderId: string): void {
    this.#afterLatency(() => {
      if (this.#remove(orderId)) this.#deps.report({ kind: 'cancelled', orderId, reason: 'asked for' });
    });
  }

  modify(orderId: string, change: { readonly qty?: Decimal; readonly price?: Decimal }): void {
    const working = this.#book.get(orderId);
    if (working === undefined) return;
    if (change.qty !== undefined) working.remaining = change.qty;
    if (change.price !== undefined) {
      working.price = change.price;
      working.trigger = change.price.toNumber();
    }
  }

  onQuote(tick: Tick): void {
    if (this.#book.of(tick.symbol) === undefined) return;
    this.#expireDue(tick);
    for (const { order, price } of this.#book.trail(tick))
      this.#deps.report({ kind: 'trail', orderId: order.id, trigger: price! });
    for (const working of this.#book.triggered(tick))
      // A fill before it may have cancelled this one (one cancels the other).
      if (this.#book.get(working.order.id) === working) this.#execute(working, tick);
  }

  #afterLatency(run: () => void): void {
    const { latencyMs } = this.#options;
    if (latencyMs > 0) this.#deps.clock.at(this.#deps.clock.now() + latencyMs, run);
    else run();
  }

  #arrive(order: VenueOrder): void {
    const qty = this.#acceptable(order);
    if (qty === undefined) return;
    const quote = this.#deps.quote(order.symbol);
    this.#deps.report({ kind: 'accepted', orderId: order.id, qty });
    const working = this.#book.add(order, qty);
    if (order.expiresAt !== undefined) this.#expireAt(order.id, order.expiresAt);
    if (quote === undefined) return;
    for (const { order: trailing, price } of order.type === 'trailingStop' ? this.#book.trail(quote) : [])
      this.#deps.report({ kind: 'trail', orderId: trailing.id, trigger: price! });
    if (this.#book.get(order.id) === working && triggers(working, quote))
      this.#execute(working, { ...quote, path: false });
  }

  /** The quantity that the venue takes, or undefined after a rejection. */
  #acceptable(order: VenueOrder): Decimal | undefined {
    const reject = (code: string, reason: string): undefined => {
      this.#deps.report({ kind: 'rejected', orderId: order.id, code, reason });
      return undefined;
    };
    const instrument = this.#deps.instrument(order.symbol);
    if (instrument === undefined) return reject('UNKNOWN_SYMBOL', `${order.symbol} is not traded here`);
    const { volumeMin, volumeStep, volumeMax } = instrument;
    const qty = order.qty.flooredTo(volumeStep);
    if (qty.lessThan(volumeMin))
      return reject(
        'VOLUME',
        `quantity ${order.qty} is ${qty} in steps of ${volumeStep}, under the minimum of ${volumeMin}`,
      );
    if (volumeMax !== undefined && qty.greaterThan(volumeMax))
      return reject('VOLUME', `quantity ${qty} is over the maximum of ${volumeMax}`);
    if (order.type === 'market' && this.#deps.quote(order.symbol) === undefined)
      return reject('NO_PRICE', `no price for ${order.symbol} yet`);
    if (order.expiresAt !== undefined && order.expiresAt <= this.#deps.clock.now())
      return reject('EXPIRATION', 'the expiry has passed already');
    if (this.#draw(this.#options.rejectionRate)) return reject('VENUE_REJECTED', 'refused by the simulated venue');
    return qty;
  }

  #draw(rate: number): boolean {
    return rate > 0 && this.#deps.prng.next() < rate;
  }

  #execute(working: WorkingOrder, tick: Tick): void {
    const { order } = working;
    const instrument = this.#deps.instrument(order.symbol)!;
    const qty = this.#fillQuantity(working.remaining, instrument);
    working.remaining = working.remaining.minus(qty);
    if (working.remaining.isZero()) this.#remove(order.id);
    this.#deps.report({
      kind: 'fill',
      remaining: working.remaining,
      fill: {
        fillId: `${this.#deps.account}-f${++this.#fills}`,
        orderId: order.id,
        ts: this.#deps.clock.now(),
        symbol: order.symbol,
        side: order.side,
        qty,
        price: this.#fillPrice(working, tick, instrument),
        commission: this.#options.commissionPerLot.times(qty),
      },
    });
  }

  #fillQuantity(remaining: Decimal, { volumeStep }: Instrument): Decimal {
    if (!this.#draw(this.#options.partialFillRate)) return remaining;
    const part = remaining.times(dec(this.#deps.prng.next().toFixed(4))).flooredTo(volumeStep);
    return part.isZero() ? remaining : part;
  }

  #fillPrice(working: WorkingOrder, tick: Tick, { tickSize }: Instrument): Decimal {
    const { order, price } = working;
    const quote = dec(executable(order.side, tick));
    // Inside a bar the market passes through the limit on its way to the next quote: a real order was filled there.
    if (order.type === 'limit') return tick.path === true && price !== undefined ? price : quote;
    const slip = tickSize.times(dec(this.#options.slippagePoints));
    return order.side === 'BUY' ? quote.plus(slip) : quote.minus(slip);
  }

  #remove(orderId: string): boolean {
    this.#expiries.get(orderId)?.();
    this.#expiries.delete(orderId);
    if (this.#book.get(orderId) === undefined) return false;
    this.#book.remove(orderId);
    return true;
  }

  #expireAt(orderId: string, time: number): void {
    this.#expiries.set(
      orderId,
      this.#deps.clock.at(time, () => this.#expire(orderId)),
    );
  }

  #expire(orderId: string): void {
    if (this.#remove(orderId)) this.#deps.report({ kind: 'expired', orderId });
  }

  /** A timer of a real clock may be late: a deadline reached by this very tick wins over its touch. */
  #expireDue(tick: Tick): void {
    if (this.#expiries.size === 0) return;
    for (const { order } of [...(this.#book.of(tick.symbol) ?? [])])
      if (order.expiresAt !== undefined && order.expiresAt <= tick.ts) this.#expire(order.id);
  }
}
