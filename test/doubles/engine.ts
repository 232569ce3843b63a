/**
 * The trading engine without a daemon around it: the real ledger, order desk and paper account on
 * a virtual clock, driven by quotes that a test writes down.
 */
import { VirtualClock } from '../../src/clock.ts';
import { dec, Decimal, type DecimalLike } from '../../src/domain/decimal.ts';
import type { EventBody } from '../../src/domain/events.ts';
import type { Instrument, Tick } from '../../src/domain/market.ts';
import type { Intent, Order, PlaceIntent, ProtectiveLevel, Refusal, Side, StackSpec } from '../../src/domain/orders.ts';
import { createPrng } from '../../src/domain/prng.ts';
import type { ReportListener, VenueAccount, VenueReport } from '../../src/domain/venue.ts';
import { EquityTracker } from '../../src/ledger/equity.ts';
import { Ledger, type MarkTerms } from '../../src/ledger/ledger.ts';
import type { Rate } from '../../src/ledger/money.ts';
import type { Position } from '../../src/ledger/position.ts';
import { rateOf } from '../../src/ledger/rates.ts';
import { nextRollover } from '../../src/risk/trading-day.ts';
import type { Trade } from '../../src/streams/desk-types.ts';
import { OrderDesk, type IntentOutcome } from '../../src/streams/order-desk.ts';
import { PaperAccount, type PaperOptions } from '../../src/venues/paper.ts';

export const START = Date.UTC(2024, 0, 10, 9);

/** An instrument with terms that make figures easy to follow; a test overrides what it is about. */
export function instrument(symbol: string, terms: Partial<Record<keyof Instrument, DecimalLike>> = {}): Instrument {
  const number = (key: keyof Instrument, usual: DecimalLike): Decimal => dec(terms[key] ?? usual);
  const text = (key: keyof Instrument, usual: string): string => String(terms[key] ?? usual);
  return {
    symbol,
    contractSize: number('contractSize', 1),
    tickSize: number('tickSize', '0.01'),
    volumeMin: number('volumeMin', '0.1'),
    volumeStep: number('volumeStep', '0.1'),
    ...(terms.volumeMax !== undefined && { volumeMax: number('volumeMax', 0) }),
    base: text('base', 'X'),
    quote: text('quote', 'USD'),
    session: text('session', '24x7'),
    spread: number('spread', 0),
  };
}

export interface EngineOptions {
  readonly instruments?: readonly Instrument[];
  readonly paper?: Partial<PaperOptions>;
  readonly seed?: number | string;
  readonly startingBalance?: DecimalLike;
  readonly currency?: string;
  readonly rates?: Readonly<Record<string, DecimalLike>>;
  readonly start?: number;
  /** A clock that others go by as well. */
  readonly clock?: VirtualClock;
  readonly rollover?: string;
  /** Name of the venue; `paper` unless said. */
  readonly venue?: string;
  /** Another account than a paper one. */
  readonly openAccount?: (setting: AccountSetting) => VenueAccount;
}

/** What an account has of the engine that it belongs to. */
export interface AccountSetting {
  readonly clock: VirtualClock;
  readonly quote: (symbol: string) => Tick | undefined;
  readonly rate: (symbol: string) => Rate | undefined;
  readonly report: ReportListener;
}

export interface PlaceOptions {
  readonly symbol?: string;
  readonly type?: PlaceIntent['type'];
  readonly price?: DecimalLike;
  readonly trail?: DecimalLike;
  readonly tif?: PlaceIntent['tif'];
  readonly expiresAt?: number;
  readonly stopLoss?: Level;
  readonly takeProfit?: Level;
  readonly stack?: { readonly layers: readonly (readonly [DecimalLike, DecimalLike])[]; readonly withinMs?: number };
  readonly tag?: string;
}
export type Level = { readonly by: DecimalLike } | { readonly at: DecimalLike };

/** An event with the engine time at which it was recorded. */
export type Recorded = EventBody & { readonly ts: number };

export class Engine {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly desk: OrderDesk;
  readonly equity: EquityTracker;
  readonly events: Recorded[] = [];
  readonly reports: VenueReport[] = [];
  readonly trades: Trade[] = [];
  readonly refusals: Refusal[] = [];
  warm = true;
  gatewayReady = true;
  gatewayCause: string | undefined;
  /** Whatever {@link gatewayReady} says. */
  takesExits = false;
  /** Called inside the turn of each fill, as a strategy's runtime is. */
  onTrade: (trade: Trade) => void = () => {};
  readonly #quotes = new Map<string, Tick>();
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #rates: ReadonlyMap<string, Decimal>;
  readonly #options: EngineOptions;
  readonly account: VenueAccount;
  readonly #venue: string;
  #sequence = 0;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
    const { instruments = [instrument('X')], paper = {}, seed = 1, start = START, venue = 'paper' } = options;
    this.#venue = venue;
    this.clock = options.clock ?? new VirtualClock(start);
    this.#instruments = new Map(instruments.map((terms) => [terms.symbol, terms]));
    this.#rates = new Map(Object.entries(options.rates ?? {}).map(([pair, rate]) => [pair, dec(rate)]));
    this.ledger = new Ledger(options.currency ?? 'USD', dec(options.startingBalance ?? 10_000));
    this.equity = new EquityTracker(this.ledger, (position) => this.termsOf(position));
    const report: ReportListener = (message) => {
      this.reports.push(message);
      this.desk.onReport(message);
    };
    const setting = { clock: this.clock, quote: (symbol: string) => this.#quotes.get(symbol), report };
    this.account =
      options.openAccount?.({ ...setting, rate: (symbol) => this.rate(symbol) }) ??
      new PaperAccount(
        {
          latencyMs: 0,
          slippagePoints: 0,
          rejectionRate: 0,
          partialFillRate: 0,
          commissionPerLot: Decimal.ZERO,
          ...paper,
        },
        {
          ...setting,
          prng: createPrng(seed),
          instrument: (symbol) => this.#instruments.get(symbol),
          account: 's',
        },
      );
    const [hour, minute, zone] = (options.rollover ?? '00:00 UTC').split(/[: ]/);
    this.desk = new OrderDesk({
      strategy: 's',
      venue: this.#venue,
      clock: this.clock,
      ledger: this.ledger,
      account: this.account,
      instrument: (symbol) => this.#instruments.get(symbol)!,
      quote: (symbol) => this.#quotes.get(symbol),
      rate: (symbol, price) => this.rate(symbol, price),
      record: (body) => void this.events.push({ ...body, ts: this.clock.now() }),
      feed: () => undefined,
      limits: () => ({}),
      history: { entriesToday: 0, streak: 0, lastLossAt: undefined },
      onSent: () => undefined,
      onEntry: () => undefined,
      warm: () => this.warm,
      gatewayReady: () => this.gatewayReady && this.account.reconciled,
      gatewayCause: () => this.gatewayCause,
      takesExits: () => (this.gatewayReady || this.takesExits) && this.account.reconciled,
      symbolOf: (stream) => stream,
      dayEnd: (now) => nextRollover({ hour: Number(hour), minute: Number(minute), zone: zone! }, now),
      onTrade: (trade) => {
        this.trades.push(trade);
        this.equity.rebase();
        this.onTrade(trade);
      },
      onRefusal: (refusal) => void this.refusals.push(refusal),
      onDifference: () => {},
      onChange: () => {},
    });
  }

  /** Another engine that goes on with what this one has saved, as after a restart of the daemon. */
  restarted(): Engine {
    const next = new Engine({ ...this.#options, start: this.clock.now() });
    for (const [symbol, tick] of this.#quotes) next.#quotes.set(symbol, tick);
    next.events.push(...this.events);
    next.trades.push(...this.trades);
    next.onTrade = this.onTrade;
    next.#sequence = this.#sequence;
    next.ledger.restore(this.ledger.save());
    next.account.restore(this.account.save());
    next.desk.restore(this.desk.save());
    next.equity.restore(this.equity.save());
    return next;
  }

  /** A quote a millisecond later (or at `ts`): timers first, then everything that a tick does. */
  quote(bid: number, ask: number = bid, { symbol = 'X', ts = this.clock.now() + 1, path = false } = {}): void {
    this.clock.advanceTo(ts);
    const tick: Tick = { symbol, ts, bid, ask, path };
    this.#quotes.set(symbol, tick);
    this.desk.onQuote(tick);
    this.equity.onTick(tick);
  }

  /** Several quotes without a spread. */
  quotes(...prices: readonly number[]): void {
    for (const price of prices) this.quote(price);
  }

  /** Asks for an order as a strategy does; returns its id. */
  place(side: Side, qty: DecimalLike, options: PlaceOptions = {}): string {
    const orderId = `s-1-${++this.#sequence}`;
    this.handle(placeIntent(orderId, side, qty, options));
    return orderId;
  }

  /** As {@link place}, for what came of it. */
  offer(side: Side, qty: DecimalLike, options: PlaceOptions = {}): IntentOutcome {
    return this.handle(placeIntent(`s-1-${++this.#sequence}`, side, qty, options));
  }

  close(symbol = 'X'): IntentOutcome {
    const sequence = ++this.#sequence;
    return this.handle({ kind: 'close', orderId: `s-1-${sequence}`, signalId: `s-1-s${sequence}`, stream: symbol });
  }

  handle(intent: Intent): IntentOutcome {
    return this.desk.handle(intent);
  }

  cancel(orderId: string): void {
    this.handle({ kind: 'cancel', orderId });
  }

  rate(symbol: string, price?: Decimal): Rate | undefined {
    const quote = this.#quotes.get(symbol);
    const own = price ?? (quote === undefined ? undefined : dec(quote.bid));
    return rateOf(this.#instruments.get(symbol)!, own, {
      currency: this.ledger.currency,
      instruments: this.#instruments,
      quote: (other) => this.#quotes.get(other),
      configured: this.#rates,
    });
  }

  termsOf(position: Position): MarkTerms {
    const quote = this.#quotes.get(position.symbol);
    const mark = quote === undefined ? undefined : dec(position.qty.sign() > 0 ? quote.bid : quote.ask);
    return { mark, rate: this.rate(position.symbol, mark) };
  }

  inForce(symbol = 'X'): Tick | undefined {
    return this.#quotes.get(symbol);
  }

  /** Signed quantity that is open. */
  qty(symbol = 'X'): number {
    return this.ledger.position(this.#venue, symbol)?.qty.toNumber() ?? 0;
  }

  order(id: string): Order | undefined {
    return this.desk.orders().find((order) => order.id === id);
  }

  /** Working orders as `id side type qty@price`. */
  working(): string[] {
    return this.desk.orders().map(({ id, side, type, qty, filledQty, price }) => {
      const at = price === undefined ? '' : `@${price.toString()}`;
      return `${id} ${side} ${type} ${qty.minus(filledQty).toString()}${at}`;
    });
  }

  /** Fills as `id side qty@price`, in their order. */
  fills(): string[] {
    return this.trades.map(
      ({ booking: { fill } }) => `${fill.orderId} ${fill.side} ${fill.qty.toString()}@${fill.price.toString()}`,
    );
  }

  /** The statuses that an order has had, in their order. */
  statuses(orderId: string): string[] {
    return this.events.flatMap((event) => (event.type === 'order' && event.orderId === orderId ? [event.status] : []));
  }

  of<T extends EventBody['type']>(type: T): (Extract<EventBody, { type: T }> & { readonly ts: number })[] {
    return this.events.filter((event) => event.type === type) as (Extract<EventBody, { type: T }> & { ts: number })[];
  }
}

function placeIntent(orderId: string, side: Side, qty: DecimalLike, options: PlaceOptions): PlaceIntent {
  const { symbol = 'X', type = 'market', price, trail, tif = 'GTC', expiresAt, stopLoss, takeProfit, tag } = options;
  return {
    kind: 'place',
    orderId,
    signalId: orderId.replace(/(\d+)$/, 's$1'),
    stream: symbol,
    side,
    type,
    qty: dec(qty),
    tif,
    ...(price !== undefined && { price: dec(price) }),
    ...(trail !== undefined && { trail: dec(trail) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...((stopLoss !== undefined || takeProfit !== undefined) && {
      bracket: {
        ...(stopLoss !== undefined && { stopLoss: level(stopLoss) }),
        ...(takeProfit !== undefined && { takeProfit: level(takeProfit) }),
      },
    }),
    ...(options.stack !== undefined && { stack: stackSpec(options.stack) }),
    ...(tag !== undefined && { tag }),
  };
}

const level = (given: Level): ProtectiveLevel => ('by' in given ? { by: dec(given.by) } : { at: dec(given.at) });

function stackSpec({ layers, withinMs = 86_400_000 }: NonNullable<PlaceOptions['stack']>): StackSpec {
  return { withinMs, layers: layers.map(([offset, qty]) => ({ offset: dec(offset), qty: dec(qty) })) };
}
