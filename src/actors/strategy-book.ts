/**
 * The trusted side of one strategy: its ledger, orders, equity and record, on the main thread. It
 * outlives every guest: a crash of the author's code changes nothing here.
 */
import type { Cancel } from '../clock.ts';
import { dec, Decimal } from '../domain/decimal.ts';
import type { Difference } from '../domain/differences.ts';
import { TRADING_EVENT_TYPES, type EventBody } from '../domain/events.ts';
import type { Bar, Tick } from '../domain/market.ts';
import { OTHER } from '../domain/metrics.ts';
import type { PositionView } from '../domain/trading-views.ts';
import { isProtective, type Order, type Refusal } from '../domain/orders.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { ReportListener, VenueAccount } from '../domain/venue.ts';
import { EquityTracker } from '../ledger/equity.ts';
import { Ledger, type MarkTerms } from '../ledger/ledger.ts';
import type { Rate } from '../ledger/money.ts';
import type { Position } from '../ledger/position.ts';
import { rateOf } from '../ledger/rates.ts';
import type { GateLimits } from '../risk/limits.ts';
import { RiskHistory } from '../risk/history.ts';
import { dayStart, nextRollover } from '../risk/trading-day.ts';
import type { Trade } from '../streams/desk-types.ts';
import { OrderDesk } from '../streams/order-desk.ts';
import { CommitQueue } from './commit-queue.ts';
import { Evaluations } from './evaluations.ts';
import type { StrategyRisk } from './strategy-risk.ts';
import { SwapCharges } from './swap-charges.ts';
import { TickActivity } from './tick-activity.ts';
import { TradingCounters } from './trading-counters.ts';
import { TradeLog } from './trade-log.ts';
import type { BookListener, BookOptions, BookState, Recoverable } from './book-types.ts';

export class StrategyBook {
  readonly options: BookOptions;
  readonly ledger: Ledger;
  readonly desk: OrderDesk;
  readonly equity: EquityTracker;
  readonly evaluations = new Evaluations();
  readonly counters: TradingCounters;
  readonly activity: TickActivity;
  readonly trades: TradeLog;
  readonly commits: CommitQueue;
  readonly denied: Record<string, number> = {};
  readonly rejected: Record<string, number> = {};
  ticks = 0;
  bars = 0;
  droppedTicks = 0;
  lastTickTs: number | undefined;
  readonly history: RiskHistory;
  /** Caps of the gate; a redeploy may change them. */
  limits: GateLimits = {};
  /** Judges on every tick, fill and refusal. */
  risk: StrategyRisk | undefined;
  /** Told the equity as a double, on every tick and fill; the book's rules look at the sum. */
  tellEquity: (equity: number) => void = () => {};
  /** Told once the references of a new trading day are taken. */
  newDay: () => void = () => {};
  /** Told where book and venue differ, or agree again. */
  onDifference: (difference: Difference, settled: boolean) => void = () => {};
  /** Set by the runtime: does the definition that runs trade this symbol? */
  follows: (symbol: string) => boolean = () => false;
  /** Set by the runtime: the gate's warm-up stage asks. */
  warm = false;
  #symbolOf: (stream: string) => string = (stream) => stream;
  #listener: BookListener | undefined;
  #rollover: Cancel | undefined;
  /** Would the position be without a stop, in whole or in part, if the daemon ended now? */
  isUnprotected({ symbol, stopLoss }: Pick<PositionView, 'symbol' | 'stopLoss'>): boolean {
    const isHeldThere = this.#account.holdsStops(symbol);
    return isHeldThere === undefined ? stopLoss === undefined : !isHeldThere;
  }

  /** When the trading day began. */
  #dayStart: EpochMs;
  readonly #account: VenueAccount;
  readonly #swaps: SwapCharges;
  readonly #parts = new Map<string, Recoverable>();

  constructor(options: BookOptions) {
    this.options = options;
    const { market, events } = options;
    this.trades = new TradeLog(options.tradesKept);
    this.counters = new TradingCounters(market.clock, options.highSlippage ?? (() => undefined));
    this.activity = new TickActivity({
      outliers: (symbol) => market.outliers(symbol),
      quiet: () => this.evaluations.quietCount,
    });
    this.keep('counters', this.counters);
    this.keep('activity', this.activity);
    this.#dayStart = dayStart(options.rollover, market.clock.now());
    this.history = new RiskHistory(this.#dayStart, options.remembered);
    this.commits = new CommitQueue(options.store, events, () => this.save());
    this.ledger = new Ledger(options.currency, options.startingBalance);
    this.equity = new EquityTracker(this.ledger, (position) => this.termsOf(position));
    this.#swaps = new SwapCharges({
      ledger: this.ledger,
      equity: this.equity,
      instruments: options.instruments,
      rollover: options.rollover,
      rate: (symbol) => this.#markRate(symbol),
      record: (body) => this.record(body),
    });
    let report: ReportListener = () => {};
    const account = options.openAccount({
      report: (message) => report(message),
      stored: () => this.#stored(),
      priced: (symbol) => this.#rate(symbol, Decimal.ONE) !== undefined,
      trades: (symbol) => this.follows(symbol),
    });
    this.#account = account;
    this.desk = new OrderDesk({
      strategy: options.name,
      venue: options.venue,
      clock: market.clock,
      ledger: this.ledger,
      account,
      instrument: (symbol) => options.instruments.get(symbol)!,
      quote: (symbol) => market.quote(symbol),
      rate: (symbol, price) => this.#rate(symbol, price),
      record: (body) => this.record(body),
      warm: () => this.warm,
      gatewayReady: () => options.gatewayReady() && account.reconciled,
      takesExits: () => options.takesExits() && account.reconciled,
      gatewayCause: () => options.gatewayCause?.(account.reconciled),
      feed: (symbol) => market.feedDenies(symbol),
      limits: () => this.limits,
      history: this.history,
      onSent: (order) => {
        if (!account.attachesLegs || !isProtective(order)) this.counters.sent(order);
      },
      onEntry: () => this.history.entry(),
      symbolOf: (stream) => this.#symbolOf(stream),
      dayEnd: (now) => nextRollover(options.rollover, now),
      onTrade: (trade) => this.#onTrade(trade),
      onRefusal: (refusal, order) => this.#onRefusal(refusal, order),
      onDifference: (difference, settled) => this.onDifference(difference, settled),
      onChange: () => this.#listener?.changed(),
    });
    report = (message) => {
      this.counters.report(message);
      this.desk.onReport(message);
    };
    this.#armRollover();
  }

  /** Whether it has been compared with the venue since that was last away. */
  get reconciled(): boolean {
    return this.#account.reconciled;
  }

  /** When the trading day began. */
  get dayStart(): EpochMs {
    return this.#dayStart;
  }

  /** Something else that is saved and restored with the book, under a name of its own. */
  keep(name: string, part: Recoverable): void {
    this.#parts.set(name, part);
  }

  save(): BookState {
    const { ledger, desk, equity, trades, evaluations, denied, rejected } = this;
    return {
      ledger: ledger.save(),
      desk: desk.save(),
      account: this.#account.save(),
      equity: equity.save(),
      trades: trades.save(),
      evaluations: evaluations.save(),
      refused: { denied, rejected },
      history: this.history.save(),
      dayStart: this.#dayStart,
      parts: Object.fromEntries([...this.#parts].map(([name, part]) => [name, part.save()])),
    };
  }

  /** Goes on where an earlier run has ended; before anything else happens. */
  restore(state: BookState): void {
    this.ledger.restore(state.ledger);
    this.#account.restore(state.account);
    this.desk.restore(state.desk);
    this.equity.restore(state.equity);
    this.trades.restore(state.trades);
    this.evaluations.restore(state.evaluations);
    this.activity.forget();
    Object.assign(this.denied, state.refused.denied);
    Object.assign(this.rejected, state.refused.rejected);
    this.history.restore(state.history);
    this.#dayStart = state.dayStart;
    for (const [name, part] of this.#parts) if (state.parts[name] !== undefined) part.restore(state.parts[name]);
    // The day may have rolled over while nobody watched. The rules are judged by whoever has brought it back.
    this.#startDay();
  }

  /** Binds the streams of the definition that now runs, and who is told of fills. */
  bind(symbolOf: (stream: string) => string, listener: BookListener): void {
    this.#symbolOf = symbolOf;
    this.#listener = listener;
  }

  /** Appends an event; one that money depends on is journaled with this turn, and shown once it is on disk. */
  record(body: EventBody): void {
    const journaled = TRADING_EVENT_TYPES.has(body.type);
    if (journaled) this.commits.begin();
    const event = this.options.events.append(body, this.options.market.clock.now());
    if (journaled) this.commits.add(event);
  }

  /** A quote was dropped as faulty; of which symbol, where that can be told. */
  dropped(symbol: string | undefined): void {
    this.droppedTicks += 1;
    this.activity.of(symbol ?? OTHER).dropped += 1;
  }

  /** Everything of a tick but the author's callback, in the order that `docs/life-of-a-tick.md` states. */
  onTick(tick: Tick): void {
    this.ticks += 1;
    this.lastTickTs = tick.ts;
    this.options.events.tick(tick.ts, tick.symbol, tick.bid, tick.ask);
    this.#swaps.settle();
    this.desk.onQuote(tick);
    const equity = this.equity.onTick(tick);
    this.risk?.onTick(equity);
    this.tellEquity(equity);
  }

  onBar(bar: Bar): void {
    this.bars += 1;
    const { symbol, lengthMs, start, end, open, high, low, close, ticks } = bar;
    this.record({ type: 'bar', symbol, lengthMs, start: iso(start), end: iso(end), open, high, low, close, ticks });
  }

  /** A long is marked at the bid, a short at the ask; the rate is that of the mark's moment. */
  termsOf(position: Position): MarkTerms {
    const quote = this.options.market.quote(position.symbol);
    const mark = quote === undefined ? undefined : dec(position.qty.sign() > 0 ? quote.bid : quote.ask);
    return { mark, rate: this.#rate(position.symbol, mark) };
  }

  /** The rate of a symbol's mark. */
  #markRate(symbol: string): Rate | undefined {
    const position = this.ledger.positions().find((held) => held.symbol === symbol);
    return position === undefined ? this.#rate(symbol, undefined) : this.termsOf(position).rate;
  }

  #rate(symbol: string, price: Decimal | undefined): Rate | undefined {
    const { instruments, currency, rates: configured, market } = this.options;
    const instrument = instruments.get(symbol)!;
    const quote = market.quote(symbol);
    const own = price ?? (quote === undefined ? undefined : dec(quote.bid));
    return rateOf(instrument, own, { currency, instruments, configured, quote: (other) => market.quote(other) });
  }

  #onTrade(trade: Trade): void {
    const { fill, reducing, realized } = trade.booking;
    this.counters.traded(this.trades.add(trade));
    this.#swaps.settle();
    this.equity.rebase();
    if (reducing) this.history.close(fill.ts, realized);
    this.#listener?.trade(trade);
    this.risk?.judge();
    this.tellEquity(this.equity.equity()?.toNumber() ?? Number.NaN);
  }

  #onRefusal(refusal: Refusal, order: Order): void {
    const counts = refusal.by === 'gate' ? this.denied : this.rejected;
    counts[refusal.code] = (counts[refusal.code] ?? 0) + 1;
    if (refusal.by === 'venue') this.history.rejection(this.options.market.clock.now());
    this.#listener?.refusal(refusal, order);
    if (refusal.by === 'venue') this.risk?.judge();
  }

  /** Everything has ended: what is not in the journal is left behind with the last turn, so that it is exact. */
  leaveBehind(): void {
    this.activity.end();
    this.commits.begin();
    this.commits.end();
  }

  /** Leaves the market's clock: the strategy is removed. */
  close(): void {
    this.#rollover?.();
    this.#account.close();
  }

  /** What the account is about to do is on disk before it does it. */
  #stored(): Promise<boolean> {
    this.commits.begin();
    return this.commits.settle();
  }

  /** Takes the day's references before anything of the new day is applied. */
  #startDay(): void {
    const start = dayStart(this.options.rollover, this.options.market.clock.now());
    if (start <= this.#dayStart) return;
    if (!this.#account.chargesSwap) this.#swaps.charge(this.#dayStart, start);
    this.#dayStart = start;
    this.equity.startDay();
    this.history.rollDay(start);
    this.newDay();
    this.commits.begin();
  }

  #armRollover(): void {
    const { clock } = this.options.market;
    this.#rollover = clock.at(nextRollover(this.options.rollover, clock.now()), () => {
      this.#startDay();
      this.risk?.judge();
      this.#armRollover();
    });
  }
}
