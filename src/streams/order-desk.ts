/**
 * The order desk of one strategy: from intent to gate to venue, and from the venue's reports to
 * ledger and record. Plain synchronous code: everything that a tick or an intent causes happens in
 * one turn. See `docs/life-of-an-order.md`.
 */
import { Decimal, dec } from '../domain/decimal.ts';
import type { OrderEvent } from '../domain/events.ts';
import { layerId } from '../domain/ids.ts';
import type { Tick } from '../domain/market.ts';
import type {
  CloseIntent,
  Fill,
  Intent,
  Order,
  OrderRole,
  OrderStatus,
  PlaceIntent,
  Refusal,
  Side,
} from '../domain/orders.ts';
import type { VenueReport } from '../domain/venue.ts';
import { averagePrice, type Position } from '../ledger/position.ts';
import { checkGate, type GateDenial } from '../risk/gate.ts';
import { opposite } from './brackets.ts';
import type { DeskDependencies } from './desk-types.ts';
import { OrderStore } from './order-store.ts';
import { Protection } from './protection.ts';
import { Stacks, type Stack, type WaitingLayer } from './stacks.ts';

/** How an intent ended: an order went out, nothing was asked for, or the gate's first refusal. */
export type IntentOutcome = 'order' | 'nothing' | GateDenial;

export class OrderDesk {
  readonly #deps: DeskDependencies;
  readonly #orders = new OrderStore();
  readonly #stacks: Stacks;
  readonly #protection: Protection;
  #closed: string | undefined;
  #flattens = 0;

  constructor(dependencies: DeskDependencies) {
    this.#deps = dependencies;
    this.#stacks = new Stacks(dependencies.clock, (stack) => this.#stackLost(stack, 'the time for its layers is over'));
    this.#protection = new Protection({
      order: (id) => this.#orders.get(id),
      tickSize: (symbol) => dependencies.instrument(symbol).tickSize,
      place: ({ price, ...leg }) =>
        this.#send({ ...this.#blank(leg), price, signalPrice: price, parentId: leg.parentId }),
      modify: (order, change) => this.#modify(order, change),
      cancel: (order) => this.#deps.account.cancel(order.id),
    });
  }

  /** Closes the gate for entries, in this turn. */
  closeGate(reason: string): void {
    this.#closed = reason;
  }

  openGate(): void {
    this.#closed = undefined;
  }

  handle(intent: Intent): IntentOutcome {
    switch (intent.kind) {
      case 'place':
        return this.#place(intent);
      case 'close':
        return this.#close(intent);
      case 'cancel':
        this.#cancelOne(intent.orderId);
        return 'nothing';
      case 'cancelAll':
        this.#cancelAll(intent.stream === undefined ? undefined : this.#deps.symbolOf(intent.stream));
        return 'nothing';
    }
  }

  /** Applies a quote: the venue's working orders first, then the layers that wait for it. */
  onQuote(tick: Tick): void {
    this.#deps.account.onQuote(tick);
    for (const { stack, layer } of this.#stacks.take(tick)) this.#placeLayer(stack, layer);
  }

  /** Asks the venue to cancel every entry and drops every waiting layer; returns how many were cancelled. */
  cancelEntries(reason: string): number {
    let count = 0;
    for (const stack of this.#stacks.all()) count += this.#dropStack(stack.id, reason);
    for (const order of this.#orders.entries()) {
      this.#deps.account.cancel(order.id);
      count += 1;
    }
    return count;
  }

  /** Sends market orders that close every position; what is on its way already is not sent twice. */
  flatten(): void {
    for (const position of this.#deps.ledger.positions())
      this.#closePosition(position, 'flatten', `flatten-${++this.#flattens}`);
  }

  onReport(report: VenueReport): void {
    switch (report.kind) {
      case 'accepted':
        return this.#update(report.orderId, 'working', { qty: report.qty });
      case 'fill':
        return this.#onFill(report.fill, report.remaining);
      case 'rejected':
        return this.#onRejected(report.orderId, report.code, report.reason);
      case 'cancelled':
        return this.#onGone(report.orderId, 'cancelled', report.reason);
      case 'expired':
        return this.#onGone(report.orderId, 'expired', 'its time is over');
      case 'trail':
        return this.#update(report.orderId, undefined, { price: report.trigger });
      case 'unknown':
        return this.#update(report.orderId, 'unknown', {});
    }
  }

  orders(): readonly Order[] {
    return this.#orders.all();
  }

  waitingLayers(): readonly WaitingLayer[] {
    return this.#stacks.waiting();
  }

  #place(intent: PlaceIntent): IntentOutcome {
    const symbol = this.#deps.symbolOf(intent.stream);
    const { side, type, qty, signalId, tag, bracket, stack } = intent;
    this.#deps.record({
      type: 'signal',
      signalId,
      symbol,
      action: side === 'BUY' ? 'buy' : 'sell',
      qty,
      ...(tag !== undefined && { tag }),
    });
    const expiresAt = intent.tif === 'DAY' ? this.#deps.dayEnd(this.#deps.clock.now()) : intent.expiresAt;
    const order: Order = {
      ...this.#blank({ id: intent.orderId, role: 'entry', type, symbol, side, qty }),
      tif: intent.tif,
      signalId,
      ...this.#signalPrice(symbol, side),
      ...(intent.price !== undefined && { price: intent.price }),
      ...(intent.trail !== undefined && { trail: intent.trail }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(bracket !== undefined && { bracket }),
      ...(stack !== undefined && { stackId: intent.orderId, layer: 1 }),
      ...(tag !== undefined && { tag }),
    };
    const denial = this.#gate(order);
    if (denial !== undefined) return this.#deny(order, denial);
    if (stack !== undefined) this.#stacks.add(order, stack);
    this.#send(order);
    return 'order';
  }

  #placeLayer(stack: Stack, { layer, symbol, side, qty }: WaitingLayer): void {
    const order: Order = {
      ...this.#blank({ id: layerId(stack.id, layer), role: 'stackLayer', type: 'market', symbol, side, qty }),
      parentId: stack.id,
      stackId: stack.id,
      layer,
      ...(stack.signalId !== undefined && { signalId: stack.signalId }),
      ...(stack.bracket !== undefined && { bracket: stack.bracket }),
      ...(stack.tag !== undefined && { tag: stack.tag }),
      ...this.#signalPrice(symbol, side),
    };
    const denial = this.#gate(order);
    if (denial === undefined) this.#send(order);
    else this.#deny(order, denial);
  }

  #close(intent: CloseIntent): IntentOutcome {
    const symbol = this.#deps.symbolOf(intent.stream);
    const position = this.#deps.ledger.position(this.#deps.venue, symbol);
    if (position === undefined || this.#closable(position).sign() <= 0) return 'nothing';
    this.#deps.record({ type: 'signal', signalId: intent.signalId, symbol, action: 'close', qty: position.qty.abs() });
    return this.#closePosition(position, 'close', intent.orderId, intent.signalId);
  }

  /** What of a position no closing order is on its way for. */
  #closable(position: Position): Decimal {
    return position.qty.abs().minus(this.#orders.closingQty(position.symbol));
  }

  /** Closes what is open, in as many orders as the venue's largest quantity asks for. */
  #closePosition(position: Position, role: 'close' | 'flatten', id: string, signalId?: string): IntentOutcome {
    const { symbol } = position;
    const side: Side = position.qty.sign() > 0 ? 'SELL' : 'BUY';
    const largest = this.#deps.instrument(symbol).volumeMax;
    let outcome: IntentOutcome = 'nothing';
    let left = this.#closable(position);
    for (let part = 1; left.sign() > 0; part++) {
      const qty = largest === undefined ? left : Decimal.min(left, largest);
      left = left.minus(qty);
      const base = role === 'close' ? id : `${this.#deps.strategy}-${id}`;
      const order: Order = {
        ...this.#blank({ id: part === 1 ? base : `${base}.${part}`, role, type: 'market', symbol, side, qty }),
        ...(signalId !== undefined && { signalId }),
        ...this.#signalPrice(symbol, side),
      };
      const denial = this.#gate(order);
      if (denial !== undefined) return this.#deny(order, denial);
      this.#send(order);
      outcome = 'order';
    }
    return outcome;
  }

  #blank(from: {
    readonly id: string;
    readonly role: OrderRole;
    readonly type: Order['type'];
    readonly symbol: string;
    readonly side: Side;
    readonly qty: Decimal;
  }): Order {
    return {
      id: from.id,
      strategy: this.#deps.strategy,
      venue: this.#deps.venue,
      symbol: from.symbol,
      side: from.side,
      type: from.type,
      role: from.role,
      qty: from.qty,
      filledQty: Decimal.ZERO,
      tif: 'GTC',
      status: 'created',
      createdAt: this.#deps.clock.now(),
    };
  }

  #signalPrice(symbol: string, side: Side): { signalPrice?: Decimal } {
    const quote = this.#deps.quote(symbol);
    return quote === undefined ? {} : { signalPrice: dec(side === 'BUY' ? quote.ask : quote.bid) };
  }

  #gate(order: Order): GateDenial | undefined {
    const { symbol, side, qty, type } = order;
    return checkGate({
      symbol,
      side,
      qty,
      type,
      position: this.#deps.ledger.position(this.#deps.venue, symbol)?.qty ?? Decimal.ZERO,
      reducingQty: this.#orders.closingQty(symbol),
      closed: this.#closed,
      gatewayReady: this.#deps.gatewayReady(),
      unknownOrder: this.#orders.unknown(symbol),
      warm: this.#deps.warm(),
      priced: this.#deps.quote(symbol) !== undefined,
      convertible: this.#deps.rate(symbol) !== undefined,
    });
  }

  #send(order: Order): void {
    const submitted = { ...order, status: 'submitted' as const };
    this.#orders.put(submitted);
    this.#recordOrder(submitted);
    this.#deps.onChange();
    const { id, symbol, side, type, qty, price, trail, tif, expiresAt } = submitted;
    this.#deps.account.submit({
      id,
      symbol,
      side,
      type,
      qty,
      tif,
      ...(price !== undefined && { price }),
      ...(trail !== undefined && { trail }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
  }

  #deny(order: Order, denial: GateDenial): GateDenial {
    this.#refuse({ ...order, status: 'denied' }, 'gate', denial);
    return denial;
  }

  #onRejected(orderId: string, code: string, reason: string): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const rejected: Order = { ...order, status: 'rejected', code, reason };
    this.#orders.put(rejected);
    this.#recordOrder(rejected);
    this.#refuse(rejected, 'venue', { code, reason });
    this.#entryEnded(rejected);
  }

  #refuse(order: Order, by: Refusal['by'], { code, reason }: GateDenial): void {
    const { id: orderId, symbol, side, qty, signalId } = order;
    this.#deps.record({
      type: 'rejection',
      orderId,
      ...(signalId !== undefined && { signalId }),
      symbol,
      side,
      qty,
      status: by === 'gate' ? 'denied' : 'rejected',
      code,
      reason,
    });
    this.#deps.onChange();
    this.#deps.onRefusal({ by, orderId, symbol, side, qty, code, reason }, order);
  }

  #onGone(orderId: string, status: 'cancelled' | 'expired', reason: string): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const gone: Order = { ...order, status };
    this.#orders.put(gone);
    this.#recordOrder(gone);
    this.#deps.record({ type: 'cancel', orderId, symbol: order.symbol, status, reason });
    this.#deps.onChange();
    this.#entryEnded(gone);
  }

  /** A first layer that ended unfilled takes its stack with it. */
  #entryEnded(order: Order): void {
    if (order.layer === 1 && order.filledQty.isZero()) this.#dropStack(order.id, `layer 1 was ${order.status}`);
    else this.#endStackWhenClosed(order);
  }

  #onFill(fill: Fill, remaining: Decimal): void {
    const before = this.#orders.get(fill.orderId);
    if (before === undefined) return;
    const { ledger, venue, instrument, rate } = this.#deps;
    const held = ledger.position(venue, fill.symbol)?.qty ?? Decimal.ZERO;
    const { contractSize } = instrument(fill.symbol);
    const booking = ledger.book(fill, { venue, contractSize, rate: rate(fill.symbol, fill.price)! });
    if (booking === undefined) return;

    const status: OrderStatus = remaining.isZero() ? 'filled' : 'partiallyFilled';
    const order: Order = { ...before, status, filledQty: before.filledQty.plus(fill.qty) };
    this.#orders.put(order);
    this.#recordFill(order, fill, booking.realized, booking.reducing);
    const position = booking.position;
    this.#deps.record({
      type: 'position',
      symbol: fill.symbol,
      qty: position?.qty ?? Decimal.ZERO,
      avgPrice: position === undefined ? null : averagePrice(position),
      fillId: fill.fillId,
    });
    this.#deps.onChange();
    this.#deps.onTrade({ booking, order });
    this.#follow(order, fill, held);
  }

  /** Protective orders and stacks follow the fill; `held` is the signed position before it. */
  #follow(order: Order, fill: Fill, held: Decimal): void {
    const against = fill.side === 'BUY' ? held.sign() < 0 : held.sign() > 0;
    const closed = against ? Decimal.min(fill.qty, held.abs()) : Decimal.ZERO;
    const opened = fill.qty.minus(closed);
    if (order.role === 'stopLoss' || order.role === 'takeProfit') this.#protection.legFilled(order, fill.qty);
    else if (!closed.isZero()) this.#protection.closed(fill.symbol, opposite(fill.side), closed);

    if (order.layer === 1) this.#stacks.anchor(order.id, fill.price, fill.ts);
    if (!opened.isZero() && (order.bracket !== undefined || order.stackId !== undefined))
      this.#protection.opened(order, opened, fill.price);
    if (!closed.isZero()) for (const stack of this.#stacks.all()) this.#endStackWhenClosed({ stackId: stack.id });
  }

  /** When every filled layer is closed and none is on its way, what still waits is cancelled. */
  #endStackWhenClosed({ stackId }: { readonly stackId?: string }): void {
    if (stackId === undefined || this.#stacks.get(stackId)?.expiry === undefined) return;
    const underWay = this.#orders.all().some((order) => order.stackId === stackId);
    if (!underWay && !this.#protection.lots.holdsStack(stackId))
      this.#dropStack(stackId, 'its filled layers are closed');
  }

  #cancelOne(orderId: string): void {
    this.#dropStack(orderId, 'asked for');
    if (this.#orders.get(orderId) !== undefined) this.#deps.account.cancel(orderId);
  }

  /** Cancels entries and waiting layers, of one symbol or of all; protective orders stay with their position. */
  #cancelAll(symbol: string | undefined): void {
    for (const stack of this.#stacks.all())
      if (symbol === undefined || stack.waiting[0]?.symbol === symbol) this.#dropStack(stack.id, 'asked for');
    for (const order of this.#orders.entries())
      if (symbol === undefined || order.symbol === symbol) this.#deps.account.cancel(order.id);
  }

  #dropStack(stackId: string, reason: string): number {
    const stack = this.#stacks.drop(stackId);
    return stack === undefined ? 0 : this.#stackLost(stack, reason);
  }

  #stackLost(stack: Stack, reason: string): number {
    for (const { layer, symbol } of stack.waiting)
      this.#deps.record({ type: 'cancel', orderId: layerId(stack.id, layer), symbol, status: 'cancelled', reason });
    this.#deps.onChange();
    return stack.waiting.length;
  }

  #modify(order: Order, change: { readonly qty: Decimal; readonly price?: Decimal }): void {
    this.#deps.account.modify(order.id, change);
    this.#update(order.id, undefined, { ...change, qty: order.filledQty.plus(change.qty) });
  }

  #update(
    orderId: string,
    status: OrderStatus | undefined,
    change: { readonly qty?: Decimal; readonly price?: Decimal },
  ): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const next: Order = { ...order, ...change, ...(status !== undefined && { status }) };
    this.#orders.put(next);
    if (status !== undefined) this.#recordOrder(next);
    this.#deps.onChange();
  }

  #recordOrder(order: Order): void {
    const { id, signalId, parentId, stackId, layer, price, tag } = order;
    const body: OrderEvent = {
      type: 'order',
      orderId: id,
      ...(signalId !== undefined && { signalId }),
      ...(parentId !== undefined && { parentId }),
      ...(stackId !== undefined && { stackId }),
      ...(layer !== undefined && { layer }),
      role: order.role,
      status: order.status,
      symbol: order.symbol,
      side: order.side,
      orderType: order.type,
      qty: order.qty,
      filledQty: order.filledQty,
      ...(price !== undefined && { price }),
      ...(tag !== undefined && { tag }),
    };
    this.#deps.record(body);
  }

  #recordFill(order: Order, fill: Fill, realized: Decimal, reducing: boolean): void {
    this.#recordOrder(order);
    const { fillId, orderId, symbol, side, qty, price, commission } = fill;
    const { signalId } = order;
    this.#deps.record({
      type: 'fill',
      fillId,
      orderId,
      ...(signalId !== undefined && { signalId }),
      symbol,
      side,
      qty,
      price,
      commission,
      realized,
      reducing,
    });
  }
}
