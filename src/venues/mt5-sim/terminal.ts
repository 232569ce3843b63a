/**
 * A terminal with its trade server and one account: quotes in, requests in, positions, pending
 * orders, deals and money out. It tells the truth always; what a gateway makes of it, and what
 * goes wrong on the way, is not decided here.
 */
import type { Clock } from '../../clock.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { Account } from './account.ts';
import { History } from './history.ts';
import { NOTHING_KEPT, type Keeper } from './kept-state.ts';
import type { Money } from './money.ts';
import { distanceToTrigger, entryPrice, exitPrice, reachedStop } from './order-checks.ts';
import { PendingBook } from './pending-book.ts';
import type { Effect, Execution, PositionBook } from './position-book.ts';
import { QuoteBoard } from './quote-board.ts';
import type { QuoteHistory } from './quote-history.ts';
import { refusalOf } from './refusals.ts';
import { toStopOut } from './stop-out.ts';
import { codeNamed } from '../mt5-retcodes.ts';
import type { Circumstances, TerminalOptions } from './terminal-options.ts';
import {
  ORDER_STATE,
  REASON,
  sideOf,
  type DealRequest,
  type ModifyRequest,
  type Order,
  type OrderState,
  type PendingRequest,
  type Position,
  type Reason,
  type StopsRequest,
  type SymbolTerms,
  type TradeRequest,
  type TradeResult,
} from './types.ts';
import { Tickets } from './tickets.ts';

export class Terminal {
  readonly symbols: ReadonlyMap<string, SymbolTerms>;
  readonly account: Account;
  readonly history: History;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #keepsQuotes: boolean;
  readonly #quotes: QuoteBoard;
  readonly #pendings: PendingBook;
  readonly #tickets: Tickets;
  /** When a quote of the past takes effect that nobody was there for. */
  #effectAt: EpochMs | undefined;

  constructor(options: TerminalOptions) {
    const { symbols, clock, keeper = NOTHING_KEPT, kept, keepsQuotes = false } = options;
    this.symbols = symbols;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#keepsQuotes = keepsQuotes;
    this.#quotes = new QuoteBoard(symbols);
    const history = (this.history = new History(keeper, kept));
    this.#pendings = new PendingBook(keeper, history, kept);
    this.#tickets = new Tickets(kept?.lastOrder ?? 0);
    const quote = (symbol: string): Tick | undefined => this.quoteOf(symbol);
    this.account = new Account({ ...options, keeper, kept, quote, history, now: () => this.#now() });
    for (const tick of kept?.quotes.values() ?? []) this.remember(tick);
    keeper.commit();
  }

  get positions(): PositionBook {
    return this.account.positions;
  }
  get money(): Money {
    return this.account.money;
  }

  quoteOf(symbol: string): Tick | undefined {
    return this.#quotes.inForce.get(symbol);
  }

  /** The quotes in force. */
  quotes(): ReadonlyMap<string, Tick> {
    return this.#quotes.inForce;
  }

  /** Undefined for a symbol that has had no quote yet. */
  pastOf(symbol: string): QuoteHistory | undefined {
    return this.#quotes.pastOf(symbol);
  }

  /** Oldest first. */
  pendings(): readonly Order[] {
    return this.#pendings.all();
  }

  pending(ticket: number): Order | undefined {
    return this.#pendings.get(ticket);
  }

  /** What a position has gained at the quote in force, or has been closed for. */
  profitOf(position: Position): Decimal {
    return this.account.profitOf(position);
  }

  /** A quote of the past that has had its effect already. */
  remember(tick: Tick): void {
    this.#quotes.add(tick);
  }

  /**
   * A new quote: expiries first, then stops and targets, then pending orders, each by age, then the stop-out.
   * @param at when it takes effect; absent: now
   */
  quote(tick: Tick, at?: EpochMs): void {
    if (!this.symbols.has(tick.symbol)) return;
    this.#effectAt = at;
    this.account.passNights();
    this.#quotes.add(tick);
    if (this.#keepsQuotes) this.#keeper.note({ kind: 'quote', tick });
    if (this.#pendings.size > 0 || this.positions.size > 0) this.#watch(tick);
    this.#effectAt = undefined;
    this.#keeper.commit();
  }

  /** Ends pending orders whose time is over. */
  expire(): void {
    this.#expire();
    this.#keeper.commit();
  }

  /** The retcode that a request would be refused with; 0: none. */
  check(request: TradeRequest): number {
    const refusal = refusalOf(request, { terminal: this, now: this.#clock.now() });
    return refusal === undefined ? 0 : codeNamed(refusal);
  }

  /** Executes a request, or refuses it; either way it says so. */
  send(request: TradeRequest, circumstances: Circumstances = {}): TradeResult {
    this.#expire();
    const refusal = this.check(request);
    const result = refusal === 0 ? this.#act(request, circumstances) : this.refuse(refusal, request);
    this.#keeper.commit();
    return result;
  }

  /** An answer with that code, and nothing done. */
  refuse(retcode: number, request: TradeRequest): TradeResult {
    return this.#result(retcode, symbolOf(request, this), {});
  }

  /** Closes a position as its owner would by hand. @returns undefined when there is none of that ticket */
  closeByHand(ticket: number, volume?: Decimal, reason: Reason = REASON.desktop): TradeResult | undefined {
    const position = this.positions.get(ticket);
    const result = position && this.#close(position, volume ?? position.volume, reason, '');
    this.#keeper.commit();
    return result;
  }

  /** Cancels a pending order as its owner would by hand. @returns undefined when there is none of that ticket */
  cancelByHand(ticket: number): TradeResult | undefined {
    const result = this.#pendings.get(ticket) && this.#remove(ticket, REASON.desktop);
    this.#keeper.commit();
    return result;
  }

  /** Sets stop and target as its owner would by hand; zero removes. @returns undefined when there is none of that ticket */
  setStopsByHand(ticket: number, stops: { readonly sl?: Decimal; readonly tp?: Decimal }): Position | undefined {
    const position = this.positions.get(ticket);
    if (position === undefined) return undefined;
    const changed = { ...position, ...stops, updatedAt: this.#clock.now() };
    this.positions.update(changed);
    this.#keeper.commit();
    return changed;
  }

  #act(request: TradeRequest, circumstances: Circumstances): TradeResult {
    switch (request.action) {
      case 'deal':
        return this.#deal(request, circumstances);
      case 'pending':
        return this.#place(request);
      case 'stops':
        return this.#moveStops(request);
      case 'modify':
        return this.#modify(request);
      default:
        return this.#remove(request.order, REASON.expert);
    }
  }

  #expire(): void {
    const now = this.#now();
    for (const order of this.pendings())
      if (order.expiresAt !== undefined && order.expiresAt <= now) this.#end(order, ORDER_STATE.expired);
  }

  #watch(tick: Tick): void {
    this.#expire();
    for (const position of this.positions.all()) if (position.symbol === tick.symbol) this.#watchStops(position, tick);
    for (const order of this.pendings()) if (order.symbol === tick.symbol) this.#watchPending(order, tick);
    for (let out = toStopOut(this.account); out !== undefined; out = toStopOut(this.account))
      this.#close(out, out.volume, REASON.stopOut, `[so ${this.account.figures().marginLevel.toString()}%]`);
  }

  #deal(request: DealRequest, { share = Decimal.ONE, hiddenForMs = 0 }: Circumstances): TradeResult {
    const { symbol, type, volume } = request;
    const terms = this.symbols.get(symbol)!;
    const side = sideOf(type);
    const part = Decimal.max(volume.times(share).flooredTo(terms.volumeStep), terms.volumeMin);
    const filled = Decimal.min(part, volume);
    const order = this.#tickets.order(request, this.#now(), { volumeLeft: volume.minus(filled) });
    const at = this.#now();
    const deal = this.#execute({
      ...this.#terms(order),
      side,
      volume: filled,
      price: entryPrice(side, this.quoteOf(symbol)!),
      visibleAt: at + hiddenForMs,
      ...(request.position !== undefined && { position: request.position }),
    });
    const partial = filled.lessThan(volume);
    const state = partial ? ORDER_STATE.partial : ORDER_STATE.filled;
    this.history.addOrder({ ...order, state, positionId: deal.positionId, doneAt: at });
    return this.#result(codeNamed(partial ? 'DONE_PARTIAL' : 'DONE'), symbol, { ...deal, order: order.ticket });
  }

  #place(request: PendingRequest): TradeResult {
    const { price, stoplimit = Decimal.ZERO, expiresAt } = request;
    const order = this.#tickets.order(request, this.#now(), {
      price,
      stoplimit,
      ...(expiresAt !== undefined && { expiresAt }),
    });
    this.#pendings.keep(order);
    return this.#result(codeNamed('DONE'), order.symbol, { order: order.ticket, volume: order.volume, price });
  }

  #moveStops({ position: ticket, sl, tp }: StopsRequest): TradeResult {
    const position = this.setStopsByHand(ticket, { sl, tp })!;
    return this.#result(codeNamed('DONE'), position.symbol, { order: ticket });
  }

  #modify({ order: ticket, price, sl, tp, expiresAt }: ModifyRequest): TradeResult {
    const order = this.#pendings.get(ticket)!;
    const changed = {
      ...(price !== undefined && { price }),
      ...(sl !== undefined && { sl }),
      ...(tp !== undefined && { tp }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    this.#pendings.keep({ ...order, ...changed });
    return this.#result(codeNamed('DONE'), order.symbol, { order: ticket });
  }

  #remove(ticket: number, reason: Reason): TradeResult {
    const order = this.#pendings.get(ticket)!;
    this.#end({ ...order, reason }, ORDER_STATE.cancelled);
    return this.#result(codeNamed('DONE'), order.symbol, { order: ticket });
  }

  #end(order: Order, state: OrderState): void {
    this.#pendings.end(order, state, this.#now());
  }

  #watchStops(position: Position, tick: Tick): void {
    const reached = reachedStop(position, tick);
    if (reached === undefined) return;
    const { digits } = this.symbols.get(tick.symbol)!;
    const comment = `[${reached} ${position[reached].toNumber().toFixed(digits)}]`;
    this.#close(position, position.volume, reached === 'sl' ? REASON.stopLoss : REASON.takeProfit, comment);
  }

  #watchPending(order: Order, tick: Tick): void {
    if (distanceToTrigger(order.type, order.price, tick).sign() > 0) return;
    if (order.type.endsWith('STOP_LIMIT')) {
      const type = order.type === 'BUY_STOP_LIMIT' ? 'BUY_LIMIT' : 'SELL_LIMIT';
      const limit = { ...order, type, price: order.stoplimit, stoplimit: Decimal.ZERO } as const;
      this.#pendings.keep(limit);
      this.#watchPending(limit, tick);
      return;
    }
    this.#fillPending(order, tick);
  }

  #fillPending(order: Order, tick: Tick): void {
    const side = sideOf(order.type);
    const price = entryPrice(side, tick);
    // There may be less money than when the order was placed.
    if (!this.account.affords(order, price)) {
      this.#end(order, ORDER_STATE.rejected);
      return;
    }
    const at = this.#now();
    const deal = this.#execute({ ...this.#terms(order), side, volume: order.volumeLeft, price, visibleAt: at });
    this.#end({ ...order, volumeLeft: Decimal.ZERO, positionId: deal.positionId }, ORDER_STATE.filled);
  }

  #close(position: Position, volume: Decimal, reason: Reason, comment: string): TradeResult {
    const { symbol, side, ticket, magic } = position;
    const price = exitPrice(side, this.quoteOf(symbol)!);
    const type = side === 'buy' ? 'SELL' : 'BUY';
    const request = { symbol, type, volume, magic, comment, filling: 'IOC', reason } as const;
    const order = this.#tickets.order(request, this.#now(), {
      state: ORDER_STATE.filled,
      volumeLeft: Decimal.ZERO,
    });
    const at = this.#now();
    const execution = { ...this.#terms(order), side: sideOf(type), volume, price, visibleAt: at, position: ticket };
    const deal = this.#execute(execution);
    this.history.addOrder({ ...order, positionId: deal.positionId, doneAt: at });
    return this.#result(codeNamed('DONE'), symbol, { ...deal, order: order.ticket });
  }

  #execute(execution: Execution): { deal: number; positionId: number; volume: Decimal; price: Decimal } {
    this.account.passNights();
    const effect: Effect = this.positions.execute(execution);
    const deal = this.account.book(execution, effect);
    return { deal: deal.ticket, positionId: deal.positionId, volume: deal.volume, price: deal.price };
  }

  #terms({ ticket, symbol, sl, tp, magic, comment, reason }: Order) {
    return { order: ticket, symbol, sl, tp, magic, comment, reason, at: this.#now() };
  }

  #result(retcode: number, symbol: string | undefined, known: Partial<TradeResult>): TradeResult {
    return this.#tickets.result(retcode, symbol === undefined ? undefined : this.quoteOf(symbol), known);
  }

  #now(): EpochMs {
    return this.#effectAt ?? this.#clock.now();
  }
}

function symbolOf(request: TradeRequest, terminal: Terminal): string | undefined {
  if (request.action === 'deal' || request.action === 'pending') return request.symbol;
  if (request.action === 'stops') return terminal.positions.get(request.position)?.symbol;
  return terminal.pending(request.order)?.symbol;
}
