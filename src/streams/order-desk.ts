/**
 * The order desk of one strategy: from intent to gate to venue, and from the venue's reports to
 * ledger and record. Plain synchronous code: everything that a tick or an intent causes happens in
 * one turn. See `docs/life-of-an-order.md`.
 */
import { Decimal } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { CloseIntent, Intent, Order, OrderStatus, PlaceIntent, Refusal, Side } from '../domain/orders.ts';
import type { ExternalReport, FillReport, VenueReport } from '../domain/venue.ts';
import type { Position } from '../ledger/position.ts';
import { checkGate, isReducing, passesAsExit, type GateDenial } from '../risk/gate.ts';
import { opposite } from './brackets.ts';
import { bookFill, isLeg, type BookedFill } from './fill-booking.ts';
import { Closings } from './closings.ts';
import { DeskStacks } from './desk-stacks.ts';
import type { GateInput } from '../risk/gate-input.ts';
import { gateInput, type OrderFacts } from './desk-gate.ts';
import type { DeskDependencies } from './desk-types.ts';
import { NewOrders, venueOrder, type Closing } from './new-orders.ts';
import {
  cancelEvent,
  differenceEvent,
  fillEvent,
  orderEvent,
  placeSignal,
  positionEvent,
  rejectionEvent,
} from './order-events.ts';
import { KeptExits } from './kept-exits.ts';
import type { Lot } from './lots.ts';
import { OrderStore } from './order-store.ts';
import { Protection } from './protection.ts';
import type { SavedStack, Stacks, WaitingLayer } from './stacks.ts';

/** How an intent ended: an order went out, nothing was asked for, or the gate's first refusal. */
export type IntentOutcome = 'order' | 'nothing' | GateDenial;

/** What of it must survive a restart. */
export interface DeskState {
  readonly orders: readonly Order[];
  readonly lots: readonly Lot[];
  readonly stacks: readonly SavedStack[];
  readonly flattens: number;
}

export class OrderDesk {
  readonly #deps: DeskDependencies;
  readonly #orders = new OrderStore();
  readonly #create: NewOrders;
  readonly #closings: Closings;
  readonly #exits: KeptExits;
  readonly #waiting: DeskStacks;
  readonly #stacks: Stacks;
  readonly #protection: Protection;
  #closed: string | undefined;
  #blocked: string | undefined;
  #flattens = 0;
  #layersDropped = 0;
  /** Orders whose fill is being booked: what they protect is looked at once it is. */
  readonly #booking = new Set<string>();

  constructor(dependencies: DeskDependencies) {
    this.#deps = dependencies;
    this.#create = new NewOrders(dependencies);
    this.#closings = new Closings({ ...dependencies, orders: this.#orders });
    this.#exits = new KeptExits(dependencies, this.#orders);
    this.#waiting = new DeskStacks(dependencies, this.#orders);
    this.#stacks = this.#waiting.stacks;
    this.#protection = new Protection({
      order: (id) => this.#orders.get(id),
      tickSize: (symbol) => dependencies.instrument(symbol).tickSize,
      place: (leg) => this.#send(this.#created(this.#create.leg(leg))),
      modify: (order, change) => this.#modify(order, change),
      cancel: (order, reason) => dependencies.account.cancel(order.id, reason),
    });
  }

  /** Closes the gate for entries, in this turn. Without a reason the one that stands is kept. */
  closeGate(reason?: string): void {
    this.#closed = reason ?? this.#closed ?? 'the strategy is not running';
  }

  /** Keeps entries out as long as there is a reason that nobody has to lift: the journal cannot be written. */
  block(reason: string | undefined): void {
    this.#blocked = reason;
  }

  get blocked(): string | undefined {
    return this.#blocked;
  }

  openGate(): void {
    this.#closed = undefined;
  }

  save(): DeskState {
    return {
      orders: this.#orders.all(),
      lots: this.#protection.lots.all().map((lot) => ({ ...lot, placed: { ...lot.placed } })),
      stacks: this.#stacks.save(),
      flattens: this.#flattens,
    };
  }

  /** Before anything else is asked of it; the venue's account has been restored already. */
  restore({ orders, lots, stacks, flattens }: DeskState): void {
    for (const order of orders) this.#orders.put(order);
    this.#protection.lots.restore(lots);
    this.#stacks.restore(stacks);
    this.#flattens = flattens;
  }

  handle(intent: Intent): IntentOutcome {
    if (intent.kind === 'place') return this.#place(intent);
    if (intent.kind === 'close') return this.#close(intent);
    if (intent.kind === 'cancel') this.#cancelOne(intent.orderId);
    else {
      const symbol = intent.stream === undefined ? undefined : this.#deps.symbolOf(intent.stream);
      this.#cancelAll(symbol, 'asked for', this.#orders.ofAuthor(), (id) => this.#deps.account.cancel(id, 'asked for'));
    }
    return 'nothing';
  }

  /** Applies a quote: the venue's working orders first, then the layers that wait for it. */
  onQuote(tick: Tick): void {
    this.#deps.account.onQuote(tick);
    for (const touched of this.#stacks.touched(tick))
      if (this.#stacks.take(touched)) this.#offer(this.#create.layer(touched.stack, touched.layer));
  }

  /**
   * Because entries are closed: asks the venue to take back every entry, and drops every waiting
   * layer; gives the ids of them all. What only reduces stays.
   */
  cancelEntries(reason: string): readonly string[] {
    const { account } = this.#deps;
    this.#exits.keep();
    return this.#cancelAll(undefined, reason, this.#orders.entries(), (id) => account.withdraw(id, reason));
  }

  /** Entries and waiting layers that have been taken back so far: those that filled first are not among them. */
  get takenBack(): number {
    return this.#orders.takenBack + this.#layersDropped;
  }

  /** Entries that the venue still holds. */
  workingEntries(): readonly string[] {
    return this.#orders.entries().map(({ id }) => id);
  }

  /**
   * Sends market orders that close every position; what is on its way already is not sent twice. Where the
   * fate of an order is unknown, so is what there is to close: that is settled first.
   */
  flatten(): void {
    for (const position of this.#deps.ledger.positions())
      if (this.#orders.unknown(position.symbol) === undefined)
        this.#closePosition(position, 'flatten', `${this.#deps.strategy}-flatten-${++this.#flattens}`);
  }

  onReport(report: VenueReport): void {
    switch (report.kind) {
      case 'accepted':
        return this.#update(report.orderId, 'working', { qty: report.qty, ...resolution(report) });
      case 'fill':
        return this.#onFill(this.#orders.get(report.fill.orderId), report);
      case 'rejected':
        return this.#onRejected(report.orderId, report.code, report.reason, resolution(report));
      case 'cancelled':
        return this.#onGone(report.orderId, 'cancelled', report.reason, resolution(report));
      case 'expired':
        return this.#onGone(report.orderId, 'expired', 'its time is over', resolution(report));
      case 'trail':
        return this.#update(report.orderId, undefined, { price: report.trigger });
      case 'unknown':
        return this.#update(report.orderId, 'unknown', { reason: report.reason });
      case 'external':
        return this.#onExternal(report);
      case 'difference': {
        const { difference, settled } = report;
        this.#deps.record(differenceEvent(this.#deps.venue, difference, settled));
        return this.#deps.onDifference(difference, settled);
      }
    }
  }

  orders(): readonly Order[] {
    return this.#orders.all();
  }

  /** Why an entry of the smallest quantity would be denied now; undefined when it would pass. Nothing is sent or recorded. */
  wouldDeny(symbol: string): { readonly side: Side; readonly denial: GateDenial | undefined } {
    const held = this.#deps.ledger.position(this.#deps.venue, symbol)?.qty ?? Decimal.ZERO;
    const side = held.sign() < 0 ? 'SELL' : 'BUY';
    const qty = this.#deps.instrument(symbol).volumeMin;
    return { side, denial: checkGate(this.#gateInput({ symbol, side, qty, type: 'market', role: 'entry' })) };
  }

  waitingLayers(): readonly WaitingLayer[] {
    return this.#stacks.waiting();
  }

  #place(intent: PlaceIntent): IntentOutcome {
    const symbol = this.#deps.symbolOf(intent.stream);
    this.#deps.record(placeSignal(intent, symbol));
    return this.#offer(this.#create.entry(intent, symbol), (order) => {
      if (intent.stack !== undefined) this.#stacks.add(order, intent.stack);
    });
  }

  #close({ stream, orderId: id, signalId }: CloseIntent): IntentOutcome {
    const symbol = this.#deps.symbolOf(stream);
    const position = this.#deps.ledger.position(this.#deps.venue, symbol);
    const qty = position === undefined ? Decimal.ZERO : this.#closings.closable(position);
    if (position === undefined || qty.sign() <= 0) return 'nothing';
    this.#deps.record({ type: 'signal', signalId, symbol, action: 'close', qty });
    return this.#closePosition(position, 'close', id, signalId);
  }

  /** Closes what is open, as far as the gate lets it. */
  #closePosition(position: Position, role: Closing['role'], id: string, signalId?: string): IntentOutcome {
    let outcome: IntentOutcome = 'nothing';
    for (const closing of this.#closings.of(position, role, id, signalId)) {
      outcome = this.#offer(this.#create.closing(closing));
      if (outcome !== 'order') break;
    }
    return outcome;
  }

  /** Takes a new order through the gate, and to the venue if it passes. */
  #offer(order: Order, passed?: (order: Order) => void): IntentOutcome {
    this.#created(order);
    const input = this.#gateInput(order);
    const denial = checkGate(input);
    if (denial !== undefined) {
      const { code, reason } = denial;
      this.#refused({ ...order, status: 'denied', code, reason }, 'gate', denial);
      return denial;
    }
    passed?.(order);
    if (!isReducing(input)) this.#deps.onEntry();
    this.#send(passesAsExit(input) ? { ...order, reduceOnly: true } : order);
    return 'order';
  }

  #created(order: Order): Order {
    this.#deps.record(orderEvent(order));
    return order;
  }

  #gateInput(order: OrderFacts): GateInput {
    return gateInput(order, this.#deps, this.#orders, this.#closed ?? this.#blocked);
  }

  #send(order: Order): void {
    this.#put({ ...order, status: 'submitted' });
    this.#deps.onChange();
    this.#deps.onSent(order);
    this.#deps.account.submit(venueOrder(order));
  }

  #onRejected(orderId: string, code: string, reason: string, resolved: Resolved): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const rejected: Order = { ...order, ...resolved, status: 'rejected', code, reason };
    this.#refused(rejected, 'venue', { code, reason });
    this.#ended(rejected);
  }

  #refused(order: Order, by: Refusal['by'], { code, reason }: GateDenial): void {
    const { id: orderId, symbol, side, qty } = order;
    const refusal: Refusal = { by, orderId, symbol, side, qty, code, reason };
    this.#put(order);
    this.#deps.record(rejectionEvent(refusal, order));
    this.#deps.onChange();
    this.#deps.onRefusal(refusal, order);
  }

  #onGone(orderId: string, status: 'cancelled' | 'expired', reason: string, resolved: Resolved): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const gone: Order = { ...order, ...resolved, status };
    this.#put(gone);
    this.#deps.record(cancelEvent(orderId, order.symbol, status, reason));
    this.#deps.onChange();
    this.#ended(gone);
  }

  /** An order has ended without being filled whole. A first layer that ended unfilled takes its stack with it. */
  #ended(order: Order): void {
    if (!this.#booking.has(order.id)) this.#protection.ended(order.id);
    if (order.layer === 1 && order.filledQty.isZero()) this.#waiting.drop(order.id, `layer 1 was ${order.status}`);
    else if (order.stackId !== undefined) this.#waiting.endWhenClosed(order.stackId, this.#protection.lots);
  }

  /** What the venue has done without us: it gets an order of its own, and is booked and told like any other. */
  #onExternal(report: ExternalReport): void {
    const { fill } = report;
    const there = this.#orders.get(fill.orderId);
    const order = there ?? this.#create.external(report);
    if (there === undefined) this.#put(order);
    const remaining = order.qty.minus(order.filledQty).minus(fill.qty);
    this.#onFill(order, { ...report, remaining: Decimal.max(remaining, Decimal.ZERO) });
  }

  #onFill(before: Order | undefined, report: Omit<FillReport, 'kind'>): void {
    const booked = before && bookFill(before, report, this.#deps);
    if (booked === undefined) return;
    const { order, booking } = booked;
    this.#put(order);
    this.#deps.record(fillEvent(booking, order));
    this.#deps.record(positionEvent(booking));
    this.#deps.onChange();
    this.#booking.add(order.id);
    this.#deps.onTrade({ booking, order });
    this.#follow(booked, report.closes);
    this.#booking.delete(order.id);
    // It may have been taken back meanwhile: the fill may have tripped a rule.
    if (this.#orders.get(order.id) === undefined) this.#protection.ended(order.id);
  }

  /** Protective orders and stacks follow the fill. */
  #follow({ order, booking: { fill }, held, closed, opened }: BookedFill, closes: string | undefined): void {
    if (isLeg(order)) this.#protection.legFilled(order, fill.qty);
    else if (!closed.isZero())
      this.#protection.closed(fill.symbol, opposite(fill.side), held.minus(closed), closes, closed);

    if (order.layer === 1) this.#stacks.anchor(order.id, fill.price, fill.ts);
    if (!opened.isZero() && (order.bracket !== undefined || order.stackId !== undefined))
      this.#protection.opened(order, opened, fill.price);
    if (closed.isZero()) return;
    for (const { id } of this.#stacks.all()) this.#waiting.endWhenClosed(id, this.#protection.lots);
    this.#exits.follow(fill.symbol);
  }

  #cancelOne(orderId: string): void {
    this.#waiting.drop(orderId, 'asked for');
    if (this.#orders.get(orderId) !== undefined) this.#deps.account.cancel(orderId, 'asked for');
  }

  /** Cancels orders and waiting layers, of one symbol or of all. */
  #cancelAll(
    symbol: string | undefined,
    reason: string,
    orders: readonly Order[],
    cancel: (id: string) => void,
  ): readonly string[] {
    const ids = [...this.#waiting.dropAll(symbol, reason)];
    this.#layersDropped += ids.length;
    for (const order of orders) {
      if (symbol !== undefined && order.symbol !== symbol) continue;
      ids.push(order.id);
      cancel(order.id);
    }
    return ids;
  }

  /** `qty` is what the order has still to fill. The venue may fill it at its new price at once. */
  #modify(order: Order, change: { readonly qty: Decimal; readonly price?: Decimal }): void {
    this.#update(order.id, undefined, { ...change, qty: order.filledQty.plus(change.qty) });
    this.#deps.account.modify(order.id, change);
  }

  #update(
    orderId: string,
    status: OrderStatus | undefined,
    change: Partial<Pick<Order, 'qty' | 'price' | 'reason' | 'resolvedBy'>>,
  ): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    if (status === undefined) this.#orders.put({ ...order, ...change });
    else this.#put({ ...order, ...change, status });
    this.#deps.onChange();
  }

  /** Keeps an order's new status and puts it on record. */
  #put(order: Order): void {
    this.#orders.put(order);
    this.#deps.record(orderEvent(order));
  }
}

type Resolved = Pick<Order, 'resolvedBy'>;

const resolution = ({ resolvedBy }: Resolved): Resolved => (resolvedBy === undefined ? {} : { resolvedBy });
