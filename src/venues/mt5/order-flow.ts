/**
 * The way of an order through the account: checked here, stored, sent in as many requests as it takes, and
 * brought to its end by what looks show. Protective orders and those that wait here take part in it from the
 * moment in which their level is touched.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import type { AccountContext, Look } from './account-context.ts';
import { faultWords } from './fault-words.ts';
import type { Guard } from './guard.ts';
import type { Holding } from './holdings.ts';
import { isWaitingHere, orderComplaint } from './order-checks.ts';
import { DEADLINE, LOOK_AGAIN_MS, Placements } from './placements.ts';
import { isLeg, isUnknown, isUnsettled, left, piecesOf, type OrderRecord } from './records.ts';
import { retryPause } from './retry-pause.ts';
import { tagOf } from './tag.ts';
import type { Teller } from './teller.ts';
import { TicketCloses } from './ticket-closes.ts';
import { Watch } from './watch.ts';

const NOTHING_LEFT = 'nothing is left to close';
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
/** Endings that are no refusals. */
const NOT_REFUSED: ReadonlySet<string> = new Set(['GONE', 'PARTIAL', 'CANCELLED', 'EXPIRED', 'FILLED']);

export class OrderFlow {
  readonly placements: Placements;
  readonly closes: TicketCloses;
  readonly watch: Watch;
  readonly #context: AccountContext;
  readonly #teller: Teller;
  readonly #guard: () => Guard;

  constructor(context: AccountContext, teller: Teller, guard: () => Guard) {
    this.#context = context;
    this.#teller = teller;
    this.#guard = guard;
    const over = (record: OrderRecord): void => this.#over(record);
    this.placements = new Placements(context, teller, over);
    this.closes = new TicketCloses(context, teller, over);
    this.watch = new Watch({
      touched: (id) => this.#touched(id),
      moved: (orderId, trigger) => context.report({ kind: 'trail', orderId, trigger }),
    });
  }

  submit(order: VenueOrder): void {
    const { venue, records, report, strategy, wake } = this.#context;
    const checked = orderComplaint(order, this.#context);
    if ('code' in checked) {
      report({ kind: 'rejected', orderId: order.id, ...checked });
      return;
    }
    const record: OrderRecord = {
      order,
      tag: tagOf(venue.name, strategy, order.id),
      at: venue.clock.now(),
      qty: checked.qty,
      filled: Decimal.ZERO,
      told: 'submitted',
      closes: [],
    };
    records.add(record);
    if (!isLeg(record) && !isWaitingHere(order, this.#context)) {
      this.#execute(record);
      return;
    }
    this.#teller.accepted(record);
    this.watch.add(record, venue.quote(order.symbol));
    if (isLeg(record)) wake(0);
  }

  cancel(orderId: string, reason: string): void {
    const { records, wake } = this.#context;
    const record = records.get(orderId);
    if (record === undefined || record.cancel !== undefined) return;
    const { placement } = record;
    // After a restart it may be taken back before its level is watched again.
    const waits = !isLeg(record) && record.external === undefined && piecesOf(record).length === 0;
    this.watch.remove(orderId);
    record.cancel = reason;
    if (isLeg(record)) {
      if (!this.#guard().mayHold(record)) this.#teller.cancelled(record, reason);
      else wake(0);
    } else if (waits || (placement?.phase === 'due' && record.closes.length === 0))
      this.#teller.cancelled(record, reason);
    else if (placement !== undefined) this.placements.cancel(placement);
  }

  /** Only of an order that waits here: a pending order at the broker is the broker's, and opens where nothing is left. */
  holdToClosing(orderId: string): boolean {
    const record = this.#context.records.get(orderId);
    if (record === undefined || record.cancel !== undefined || piecesOf(record).length > 0) return false;
    record.order = { ...record.order, reduceOnly: true };
    return true;
  }

  /** Of a protective order: its level, or how much of its entry is left. */
  modify(orderId: string, { qty, price }: { readonly qty?: Decimal; readonly price?: Decimal }): void {
    const { records, wake } = this.#context;
    const record = records.get(orderId);
    if (record === undefined) return;
    if (qty !== undefined) record.qty = record.filled.plus(qty);
    if (price === undefined || record.order.price?.equals(price) === true) return;
    record.order = { ...record.order, price };
    this.#guard().moved(record);
    wake(0);
  }

  onQuote(tick: Tick): void {
    const { records, venue } = this.#context;
    // Nothing could be sent: what is touched meanwhile is found at the first quote after that.
    if (records.size === 0 || !venue.isOpen()) return;
    for (const record of records.all()) if (record.order.symbol === tick.symbol) this.#expireHere(record, tick.ts);
    this.watch.onQuote(tick);
  }

  /** Once a second while the gateway is there: deadlines, and what has to be tried again. */
  tick(): void {
    const { records, venue } = this.#context;
    const now = venue.clock.now();
    for (const record of records.all()) {
      this.#expireHere(record, now);
      const { placement, fired, external, closes, order } = record;
      if (placement !== undefined && order.expiresAt !== undefined && order.expiresAt <= now && order.type !== 'market')
        record.cancel ??= DEADLINE;
      if (placement !== undefined && record.cancel !== undefined) this.placements.cancel(placement);
      const tries = (fired === true && isLeg(record)) || external !== undefined;
      if (tries && closes.length === 0 && (record.retryAt ?? 0) <= now) this.#close(record);
    }
  }

  /** What a full look says of every order, after its deals have been booked. */
  settle(look: Look): void {
    const { records } = this.#context;
    for (const record of records.all()) {
      for (const piece of record.closes) if (this.#isLive(record)) this.closes.settle(record, piece, look);
      if (this.#isLive(record) && record.placement !== undefined)
        this.placements.settle(record, record.placement, look);
    }
    // One that was given up as never sent, and works after all.
    for (const { ticket } of look.orders)
      if (records.ofTicket(ticket) === undefined && records.endedOf(ticket) !== undefined)
        this.placements.cancelTicket(ticket);
    this.placements.settleCancels(look);
  }

  /** Closes a position whole or in part for a reason of the account's own. */
  closeFor(record: OrderRecord): void {
    this.#context.records.add(record);
    this.#close(record);
  }

  /** A leg's level is watched here while the venue does not hold it. */
  watchLeg(leg: OrderRecord, isHeldThere: boolean): void {
    if (isHeldThere || leg.fired === true || leg.cancel !== undefined) this.watch.remove(leg.order.id);
    else this.watch.add(leg, undefined);
  }

  #isLive(record: OrderRecord): boolean {
    return this.#context.records.get(record.order.id) === record;
  }

  #expireHere(record: OrderRecord, now: number): void {
    const { expiresAt, id } = record.order;
    if (expiresAt === undefined || expiresAt > now || isLeg(record) || !this.watch.has(id)) return;
    this.watch.remove(id);
    this.#teller.expired(record);
  }

  #touched(orderId: string): void {
    const record = this.#context.records.get(orderId);
    this.watch.remove(orderId);
    if (record === undefined) return;
    record.fired = true;
    if (isLeg(record)) this.#close(record);
    else this.#execute(record);
  }

  /** Decides on the requests, and has them stored before they are sent. */
  #execute(record: OrderRecord): void {
    const { venue } = this.#context;
    const { order, fired } = record;
    if (venue.terms(order.symbol) === undefined)
      return this.#teller.rejected(record, 'UNKNOWN_SYMBOL', venue.termsTrouble(order.symbol));
    const type = fired === true || order.type === 'trailingStop' ? 'market' : order.type;
    let rest = record.qty.minus(record.filled);
    if (type === 'market' && (venue.isHedging() === true || order.reduceOnly === true))
      rest = this.closes.plan(record, rest);
    if (order.reduceOnly !== true && rest.sign() > 0) record.placement = this.placements.plan(record, rest, type);
    if (piecesOf(record).length === 0) this.#teller.cancelled(record, NOTHING_LEFT);
    else this.#store(record);
  }

  /** Of a protective order that was touched, or of the account's own: closes its position. */
  #close(record: OrderRecord): void {
    const { records, venue } = this.#context;
    const holding = this.#positionOf(record);
    if (holding === undefined) return this.#closeElsewhere(record);
    record.retryAt = venue.clock.now() + RETRY_MS;
    if (records.isClosing(holding.id) || !venue.isOpen()) return;
    const wanted = isLeg(record) && venue.isHedging() === true ? holding.volume.abs() : record.qty.minus(record.filled);
    this.closes.add(record, holding, Decimal.min(wanted, holding.volume.abs()));
    this.#store(record);
  }

  /** Of a protective order whose entry has no position there any more: closes what it protects here wherever it is. */
  #closeElsewhere(record: OrderRecord): void {
    const { venue } = this.#context;
    if (!this.#isElsewhere(record)) return this.#positionGone(record);
    record.retryAt = venue.clock.now() + RETRY_MS;
    if (!venue.isOpen()) return;
    this.closes.plan(record, record.qty.minus(record.filled));
    if (record.closes.length > 0) this.#store(record);
  }

  /** The book may have closed another entry for the one whose position is closed. */
  #isElsewhere(record: OrderRecord): boolean {
    const { symbol, side } = record.order;
    return isLeg(record) && record.cancel === undefined && this.#context.holdings.against(symbol, side).length > 0;
  }

  #positionGone(record: OrderRecord): void {
    this.#teller.cancelled(record, record.cancel ?? 'what it was to close is closed');
  }

  #positionOf(record: OrderRecord): Holding | undefined {
    const { external } = record;
    return external === undefined ? this.#guard().holdingOf(record) : this.#context.holdings.get(external.position);
  }

  /**
   * Something of ours has thrown on the way of an order, and nobody knows how far it has come: it is never sent
   * again, and settled by reading as one whose answer was lost. So does a restart with it.
   */
  lost(record: OrderRecord, reason: string): void {
    if (!this.#isLive(record)) return;
    const { venue, wake } = this.#context;
    const under = piecesOf(record).filter(({ phase }) => phase === 'due' || phase === 'sent');
    for (const piece of under)
      Object.assign(piece, { phase: 'unknown', at: venue.clock.now(), moment: venue.moment(), absent: 0 });
    if (under.length === 0) return;
    wake(LOOK_AGAIN_MS);
    this.#teller.unknown(record, reason);
  }

  #store(record: OrderRecord): void {
    this.#storeAndSend(record).catch((error: unknown) => {
      const { fault } = this.#context;
      fault(error);
      try {
        this.lost(record, faultWords(error));
      } catch (again) {
        fault(again);
      }
    });
  }

  /** Its record with the tag is on disk before anything is sent; what only closes goes all the same. */
  async #storeAndSend(record: OrderRecord): Promise<void> {
    // The turn that has asked for it goes to disk as a whole.
    await Promise.resolve();
    const isStored = await this.#context.stored();
    if (!this.#isLive(record)) return;
    const { placement, closes } = record;
    const due = closes.some(({ phase }) => phase === 'due');
    if (!this.#context.venue.isOpen())
      return this.#giveUp(record, 'NOT_SENT', 'the gateway was lost before it was sent');
    if (placement?.phase === 'due' && !isStored) {
      placement.phase = 'over';
      placement.refusal = { code: 'NOT_STORED', reason: 'the journal could not be written: nothing was sent' };
      if (!due) return this.#over(record);
    }
    if (due) this.closes.send(record);
    else if (placement?.phase === 'due') this.placements.send(record, placement);
  }

  #giveUp(record: OrderRecord, code: string, reason: string): void {
    for (const piece of piecesOf(record))
      if (piece.phase === 'due') {
        piece.phase = 'over';
        piece.refusal = { code, reason };
      }
    this.#over(record);
  }

  /** A request of it has come to its end: the next one goes, or the order ends with it. */
  #over(record: OrderRecord): void {
    const { placement, closes } = record;
    if (!this.#isLive(record) || closes.some(isUnsettled)) return;
    if (placement?.phase === 'due') {
      const isClosed = closes.every((piece) => left(piece).sign() <= 0);
      if (isClosed && record.cancel === undefined && this.#context.venue.isOpen())
        return this.placements.send(record, placement);
      placement.phase = 'over';
    }
    if (placement !== undefined && isUnsettled(placement)) return;
    if (isLeg(record) || record.external !== undefined) this.#again(record);
    else this.#conclude(record);
  }

  /** What it was to close is not closed: it is tried again, as long as it is there. */
  #again(record: OrderRecord): void {
    const holding = this.#positionOf(record);
    record.closes = [];
    const isThere = holding !== undefined || this.#isElsewhere(record);
    if (!isThere || record.cancel !== undefined) return this.#positionGone(record);
    record.attempts = (record.attempts ?? 0) + 1;
    record.retryAt = this.#context.venue.clock.now() + Math.min(LONGEST_RETRY_MS, retryPause(record.attempts));
    this.#teller.accepted(record);
  }

  #conclude(record: OrderRecord): void {
    const refusal = piecesOf(record).findLast((piece) => piece.refusal !== undefined)?.refusal;
    if (refusal?.code === 'EXPIRED' || record.cancel === DEADLINE) this.#teller.expired(record);
    else if (refusal !== undefined && record.filled.isZero() && !NOT_REFUSED.has(refusal.code))
      this.#teller.rejected(record, refusal.code, refusal.reason);
    else this.#teller.cancelled(record, refusal?.reason ?? record.cancel ?? NOTHING_LEFT);
  }

  /** After a restart: orders whose fate is not known are told so, and levels are watched again. */
  resume(): void {
    const { records, venue } = this.#context;
    for (const record of records.all()) {
      const { order, fired, cancel, external } = record;
      const pieces = piecesOf(record);
      const waits = pieces.length === 0 && fired !== true && cancel === undefined && external === undefined;
      if (pieces.some(isUnknown)) this.#teller.unknown(record, 'it was on its way when the daemon ended');
      else if (waits && !this.watch.has(order.id)) this.watch.add(record, venue.quote(order.symbol));
    }
  }
}
