/**
 * Orders that open: stored, sent once, and followed until the venue's own records say what became of
 * them. A lost answer is settled by reading: found under its tag it is what it is, and absent from four
 * full looks it was never there. See `Phase` for the states.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import type { AccountContext, Look } from './account-context.ts';
import { Cancels } from './cancels.ts';
import { signedVolume } from './holdings.ts';
import { unsettledReason } from './overdue.ts';
import { presetStops } from './preset-stops.ts';
import { left, type OrderRecord, type PlacementPiece } from './records.ts';
import { isCrossed, onGrid } from './symbol-terms.ts';
import type { Teller } from './teller.ts';
import type { OrderEnd, Read, TradeAnswer } from './types.ts';

/** Full looks in a row that must lack an order before it counts as never sent. */
export const ABSENT_LOOKS = 4;
/** Looks at what is unknown are so much further apart each time. */
export const LOOK_AGAIN_MS = 500;
export const ABSENT = 'absent from four full reads';
const BY_HAND = 'cancelled at the venue';

export class Placements {
  readonly #context: AccountContext;
  readonly #teller: Teller;
  readonly #over: (record: OrderRecord) => void;
  readonly #cancels: Cancels;
  /** Orders whose history is being read. */
  readonly #asking = new Set<string>();

  /** @param over told when nothing more comes of a placement */
  constructor(context: AccountContext, teller: Teller, over: (record: OrderRecord) => void) {
    this.#context = context;
    this.#teller = teller;
    this.#over = over;
    this.#cancels = new Cancels(context);
  }

  /** Sends what is stored: a placement that is due. */
  send(record: OrderRecord, placement: PlacementPiece): void {
    const { order } = record;
    const { venue, send } = this.#context;
    const terms = venue.terms(order.symbol)!;
    const quote = venue.quote(order.symbol);
    const price = order.price === undefined ? undefined : onGrid(terms, order.price);
    const isPending = placement.type !== 'market' && price !== undefined;
    // The market may have reached it meanwhile: it would be refused as a pending order.
    if (isPending && quote !== undefined && isCrossed(placement.type as 'limit' | 'stop', order.side, price, quote))
      placement.type = 'market';
    const pendingPrice = placement.type === 'market' ? undefined : price;
    placement.phase = 'sent';
    placement.at = venue.clock.now();
    placement.moment = venue.moment();
    send({
      kind: 'place',
      orderId: order.id,
      placement: {
        symbol: venue.brokerSymbol(order.symbol),
        side: order.side,
        type: placement.type,
        volume: placement.volume,
        comment: record.tag,
        ...(pendingPrice !== undefined && { price: pendingPrice }),
        ...placement.preset,
        ...(pendingPrice !== undefined && order.expiresAt !== undefined && { expiresAt: order.expiresAt }),
      },
    });
  }

  /** The request of an order, before it is stored. */
  plan({ order }: Pick<OrderRecord, 'order'>, volume: Decimal, type: PlacementPiece['type']): PlacementPiece {
    const { venue } = this.#context;
    const terms = venue.terms(order.symbol)!;
    const price = type === 'market' || order.price === undefined ? undefined : onGrid(terms, order.price);
    const preset = this.#mayPreset(order) ? presetStops(order, price, venue.quote(order.symbol), terms) : {};
    return {
      type,
      phase: 'due',
      volume,
      filled: Decimal.ZERO,
      at: venue.clock.now(),
      moment: venue.moment(),
      absent: 0,
      ...(Object.keys(preset).length > 0 && { preset }),
    };
  }

  /** On a netting account levels belong to the whole position of the symbol: only a first order may bring them. */
  #mayPreset({ symbol, id }: VenueOrder): boolean {
    const { venue, holdings, records } = this.#context;
    if (venue.isHedging() === true) return true;
    const others = records.all().some(({ order }) => order.symbol === symbol && order.id !== id);
    return holdings.of(symbol).length === 0 && !others;
  }

  answered(record: OrderRecord, placement: PlacementPiece, answer: TradeAnswer): void {
    const { venue, wake } = this.#context;
    placement.at = venue.clock.now();
    placement.moment = venue.moment();
    if (placement.phase !== 'sent') return;
    if (answer.kind === 'refused') {
      placement.phase = 'over';
      placement.refusal = { code: answer.code, reason: answer.reason };
      this.#over(record);
      return;
    }
    if (answer.kind === 'done') {
      const { order, isPartial, volume } = answer.result;
      if (order > 0) placement.ticket = order;
      if (isPartial && volume !== undefined) placement.expected = volume;
    }
    // One that was taken under no ticket cannot be followed: its tag is looked for, as when its answer was lost.
    const isKnown = placement.ticket !== undefined;
    placement.phase = isKnown ? 'done' : 'unknown';
    if (isKnown) this.#teller.accepted(record);
    else this.#teller.unknown(record, answer.kind === 'unknown' ? answer.reason : 'its answer names no order');
    // What was lost may still be carried out.
    wake(isKnown ? 0 : LOOK_AGAIN_MS);
    if (record.cancel !== undefined) this.cancel(placement);
  }

  /** Takes it back, as far as that can be done: again and again, until a look confirms that it is gone. */
  cancel({ ticket, type, phase }: PlacementPiece): void {
    if (ticket !== undefined && type !== 'market' && phase === 'done') this.cancelTicket(ticket);
  }

  cancelTicket(ticket: number): void {
    this.#cancels.cancel(ticket);
  }

  cancelAnswered(ticket: number, answer: TradeAnswer): void {
    this.#cancels.answered(ticket, answer);
  }

  /** After every order has been settled by a full look. */
  settleCancels(look: Look): void {
    this.#cancels.settle(look);
  }

  historyAnswered(orderId: string, placement: PlacementPiece | undefined, end: Read<OrderEnd | undefined>): void {
    this.#asking.delete(orderId);
    if (placement === undefined || !end.known) return;
    placement.end = end.value ?? 'unheard';
    // Deals of before that end are in the next look at the latest.
    placement.moment = this.#context.venue.moment();
    this.#context.wake(0);
  }

  /** What a full look says of it, after its deals have been booked. */
  settle(record: OrderRecord, placement: PlacementPiece, look: Look): void {
    if (placement.phase === 'unknown' && !this.#found(record, placement, look)) return;
    if (placement.phase !== 'done') return;
    if (left(placement).sign() <= 0) this.#end(record, placement);
    else if (look.orders.some(({ ticket }) => ticket === placement.ticket)) this.#works(record, placement);
    else if (look.begun > placement.moment) this.#vanished(record, placement, look);
  }

  /** Was an order of unknown fate found? Its tag has been looked for already. */
  #found(record: OrderRecord, placement: PlacementPiece, look: Look): boolean {
    if (placement.ticket !== undefined) {
      placement.phase = 'done';
      placement.absent = 0;
      if (record.told === 'unknown') record.resolvedBy ??= `order ${placement.ticket}`;
      return true;
    }
    this.#teller.unknown(record, 'its answer was lost');
    if (placement.ambiguous === true || look.begun <= placement.moment) return false;
    placement.absent += 1;
    if (placement.absent < ABSENT_LOOKS) return false;
    placement.refusal = { code: 'ABSENT', reason: ABSENT };
    record.resolvedBy = ABSENT;
    this.#end(record, placement);
    return false;
  }

  #works(record: OrderRecord, placement: PlacementPiece): void {
    placement.works = true;
    placement.absent = 0;
    delete placement.end;
    this.#teller.accepted(record);
    const { expiresAt } = record.order;
    if (expiresAt !== undefined && expiresAt <= this.#context.venue.clock.now()) record.cancel ??= DEADLINE;
    if (record.cancel !== undefined) this.cancel(placement);
  }

  /** It is no pending order (any more), and its fills do not make up all of it. */
  #vanished(record: OrderRecord, placement: PlacementPiece, look: Look): void {
    const { end, works } = placement;
    // From now on it is waited for.
    if (works === true) placement.at = this.#context.venue.clock.now();
    delete placement.works;
    if (this.#hasUnbooked(record, placement, look)) this.#waitForDeals(record, placement);
    else if (placement.expected !== undefined && placement.filled.compare(placement.expected) >= 0)
      this.#endedAs(record, placement, 'partial');
    else if (end === undefined) this.#askHistory(record, placement);
    else if (end === 'filled' || (end === 'partial' && placement.filled.isZero()))
      this.#waitForDeals(record, placement);
    else if (end === 'working') delete placement.end;
    else if (end !== 'unheard') this.#endedAs(record, placement, end);
    else {
      delete placement.end;
      placement.absent += 1;
      if (placement.absent >= ABSENT_LOOKS) this.#endedAs(record, placement, 'cancelled');
    }
  }

  /** Does the venue hold a position of it that deals do not explain yet? */
  #hasUnbooked({ order: { symbol } }: OrderRecord, { ticket }: PlacementPiece, { positions }: Look): boolean {
    const { holdings, venue } = this.#context;
    const isHedging = venue.isHedging() === true;
    const row = positions.find((position) =>
      isHedging ? position.ticket === ticket : venue.ourSymbol(position.symbol) === symbol,
    );
    if (row === undefined) return false;
    const held = isHedging ? holdings.get(row.ticket) : holdings.of(symbol)[0];
    return held === undefined || !signedVolume(row).equals(held.volume);
  }

  #askHistory(record: OrderRecord, placement: PlacementPiece): void {
    const { id } = record.order;
    this.#waitForDeals(record, placement);
    if (placement.ticket === undefined || this.#asking.has(id)) return;
    this.#asking.add(id);
    this.#context.send({ kind: 'orderEnd', orderId: id, ticket: placement.ticket });
  }

  /** A market order that no deal tells of for too long is as good as unanswered. */
  #waitForDeals(record: OrderRecord, placement: PlacementPiece): void {
    const reason = unsettledReason(placement, this.#context.venue.clock.now());
    if (reason !== undefined) this.#teller.unknown(record, reason);
  }

  #endedAs(record: OrderRecord, placement: PlacementPiece, end: OrderEnd): void {
    placement.refusal =
      end === 'rejected'
        ? { code: 'REJECTED', reason: 'the trade server has rejected it' }
        : { code: end.toUpperCase(), reason: reasonOf(record, end) };
    placement.end = end;
    this.#end(record, placement);
  }

  #end(record: OrderRecord, placement: PlacementPiece): void {
    placement.phase = 'over';
    this.#over(record);
  }
}

/** Why an order is taken back whose time is over. */
export const DEADLINE = 'its time is over';

function reasonOf({ cancel }: OrderRecord, end: OrderEnd): string {
  if (end === 'partial') return 'the venue has filled a part only';
  return cancel ?? BY_HAND;
}
