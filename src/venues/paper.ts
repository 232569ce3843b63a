/**
 * Paper venue: one simulated account. Fills are what a real account would have got: a BUY at the
 * ask, a SELL at the bid; a limit at its price or better; a stop at the first executable quote at
 * or beyond its trigger. All randomness is seeded, so the same quotes give the same fills.
 */
import type { Cancel, Clock } from '../clock.ts';
import { Decimal, dec } from '../domain/decimal.ts';
import type { Instrument, Tick } from '../domain/market.ts';
import type { Prng } from '../domain/prng.ts';
import type { MarginLevel, ReportListener, VenueAccount, VenueOrder } from '../domain/venue.ts';
import { executable, PaperBook, triggers, type WorkingOrder } from './paper-book.ts';

export interface PaperOptions {
  readonly latencyMs: number;
  /** Adverse, in tick sizes; on market and stop fills. */
  readonly slippagePoints: number;
  /** Shares of orders or fills, 0 to 1; looked up at each, so that whoever holds the options may change them. */
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

/** The account's book, which is part of the journal. */
export interface PaperState {
  readonly fills: number;
  readonly working: readonly WorkingOrder[];
  readonly inFlight: readonly VenueOrder[];
  readonly held: readonly (readonly [string, Decimal])[];
}

/** On paper no margin is in use. */
const NO_MARGIN: MarginLevel = { level: Decimal.ZERO, unreadable: 0 };

export class PaperAccount implements VenueAccount {
  /** Its book is the journal's own. */
  readonly reconciled = true;
  readonly chargesSwap = false;
  readonly attachesLegs = false;
  readonly #book = new PaperBook();
  /** Sent and not arrived yet. */
  readonly #inFlight = new Map<string, VenueOrder>();
  readonly #expiries = new Map<string, Cancel>();
  /** Of what is on its way, orders and cancels. */
  readonly #arrivals = new Set<Cancel>();
  /** Signed quantity that the account holds of each symbol. */
  readonly #held = new Map<string, Decimal>();
  readonly #options: PaperOptions;
  readonly #deps: PaperDependencies;
  #fills = 0;

  constructor(options: PaperOptions, dependencies: PaperDependencies) {
    this.#options = options;
    this.#deps = dependencies;
  }

  submit(order: VenueOrder): void {
    if (this.#options.latencyMs === 0) this.#arrive(order);
    else this.#travel(order, this.#options.latencyMs);
  }

  /**
   * A cancel travels as long as an order does. An exit belongs to its position, as at a real venue:
   * it is taken away with what it closes, without a message of its own that could come too late.
   */
  cancel(orderId: string, reason: string): void {
    const order = this.#inFlight.get(orderId) ?? this.#book.get(orderId)?.order;
    if (this.#options.latencyMs === 0 || order?.reduceOnly === true) this.#drop(orderId, reason);
    else this.#after(this.#options.latencyMs, () => this.#drop(orderId, reason));
  }

  /** At once, also what is still on its way: a simulated venue need not let a halted strategy's entries fill. */
  withdraw(orderId: string, reason: string): void {
    this.#drop(orderId, reason);
  }

  holdToClosing(orderId: string): boolean {
    const travelling = this.#inFlight.get(orderId);
    if (travelling !== undefined) this.#inFlight.set(orderId, { ...travelling, reduceOnly: true });
    const working = this.#book.get(orderId);
    if (working !== undefined) working.order = { ...working.order, reduceOnly: true };
    return travelling !== undefined || working !== undefined;
  }

  /** At once, as the change of a position's stop is (see {@link cancel}); a new price may fill at the quote in force. */
  modify(orderId: string, change: { readonly qty?: Decimal; readonly price?: Decimal }): void {
    const travelling = this.#inFlight.get(orderId);
    if (travelling !== undefined) this.#inFlight.set(orderId, { ...travelling, ...change });
    const working = this.#book.get(orderId);
    if (working === undefined) return;
    if (change.qty !== undefined) working.remaining = change.qty;
    if (change.price === undefined || working.price?.equals(change.price) === true) return;
    working.price = change.price;
    working.trigger = change.price.toNumber();
    this.#tryAtOnce(working);
  }

  onQuote(tick: Tick): void {
    if (this.#book.of(tick.symbol) === undefined) return;
    this.#expireDue(tick);
    this.#trail(tick);
    for (const working of this.#book.triggered(tick))
      // A fill before it may have cancelled this one (one cancels the other) or moved its level.
      if (this.#book.get(working.order.id) === working && triggers(working, tick)) this.#execute(working, tick);
  }

  holdsStops(): undefined {
    return undefined;
  }

  margin(): MarginLevel {
    return NO_MARGIN;
  }

  close(): void {
    for (const cancel of [...this.#expiries.values(), ...this.#arrivals]) cancel();
    this.#expiries.clear();
    this.#arrivals.clear();
  }

  save(): PaperState {
    return {
      fills: this.#fills,
      working: this.#book.all().map((working) => ({ ...working })),
      inFlight: [...this.#inFlight.values()],
      held: [...this.#held.entries()],
    };
  }

  /** Orders that were on their way arrive at once: what held them up is gone. */
  restore(state: unknown): void {
    const { fills, working, inFlight, held } = state as PaperState;
    this.#fills = fills;
    for (const [symbol, qty] of held) this.#held.set(symbol, qty);
    this.#book.restore(working);
    for (const { order } of working) if (order.expiresAt !== undefined) this.#expireAt(order.id, order.expiresAt);
    for (const order of inFlight) this.#travel(order, 0);
  }

  #travel(order: VenueOrder, latencyMs: number): void {
    this.#inFlight.set(order.id, order);
    this.#after(latencyMs, () => {
      const arrived = this.#inFlight.get(order.id);
      this.#inFlight.delete(order.id);
      if (arrived !== undefined) this.#arrive(arrived);
    });
  }

  #after(ms: number, run: () => void): void {
    const { clock } = this.#deps;
    const cancel = clock.at(clock.now() + ms, () => {
      this.#arrivals.delete(cancel);
      run();
    });
    this.#arrivals.add(cancel);
  }

  #arrive(order: VenueOrder): void {
    const qty = this.#acceptable(order);
    if (qty === undefined) return;
    this.#deps.report({ kind: 'accepted', orderId: order.id, qty });
    const working = this.#book.add(order, qty);
    if (order.expiresAt !== undefined) this.#expireAt(order.id, order.expiresAt);
    const quote = this.#deps.quote(order.symbol);
    if (quote !== undefined && order.type === 'trailingStop') this.#trail(quote);
    this.#tryAtOnce(working);
  }

  /** Executes a new or changed order if the quote in force allows it. */
  #tryAtOnce(working: WorkingOrder): void {
    const quote = this.#deps.quote(working.order.symbol);
    // The market has been at this quote for a while: nothing is passed on the way to it.
    if (quote !== undefined && triggers(working, quote)) this.#execute(working, { ...quote, path: false });
  }

  #trail(quote: Tick): void {
    for (const { order, price } of this.#book.trail(quote))
      this.#deps.report({ kind: 'trail', orderId: order.id, trigger: price! });
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
    // What is left of a position may be closed however small it is.
    if (order.reduceOnly === true ? qty.isZero() : qty.lessThan(volumeMin))
      return reject(
        'VOLUME',
        `quantity ${order.qty.toString()} is ${qty.toString()} in steps of ${volumeStep.toString()}, under the minimum of ${volumeMin.toString()}`,
      );
    if (volumeMax !== undefined && qty.greaterThan(volumeMax))
      return reject('VOLUME', `quantity ${qty.toString()} is over the maximum of ${volumeMax.toString()}`);
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
    working.fired = order.type === 'stop' || order.type === 'trailingStop';
    const closable = order.reduceOnly === true ? this.#closable(order) : working.remaining;
    const qty = Decimal.min(this.#fillQuantity(working.remaining, instrument), closable);
    if (qty.isZero()) {
      this.#drop(order.id, 'nothing is left to close');
      return;
    }
    working.remaining = working.remaining.minus(qty);
    if (working.remaining.isZero()) this.#remove(order.id);
    this.#hold(order, qty);
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

  /** What an exit can still close: never more than the account holds against it. */
  #closable({ symbol, side }: VenueOrder): Decimal {
    const held = this.#held.get(symbol) ?? Decimal.ZERO;
    const against = side === 'SELL' ? held : held.negated();
    return Decimal.max(against, Decimal.ZERO);
  }

  #hold({ symbol, side }: VenueOrder, qty: Decimal): void {
    const held = this.#held.get(symbol) ?? Decimal.ZERO;
    this.#held.set(symbol, side === 'BUY' ? held.plus(qty) : held.minus(qty));
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

  #drop(orderId: string, reason: string): void {
    if (this.#inFlight.delete(orderId) || this.#remove(orderId))
      this.#deps.report({ kind: 'cancelled', orderId, reason });
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
    const orders = this.#book.of(tick.symbol) ?? [];
    const due = orders.filter(({ order }) => order.expiresAt !== undefined && order.expiresAt <= tick.ts);
    for (const { order } of due) this.#expire(order.id);
  }
}
