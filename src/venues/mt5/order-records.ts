/** The orders of one strategy at one venue: those under way, and those that may still turn up. */
import type { EpochMs } from '../../domain/time.ts';
import { isUnknown, isUnsettled, piecesOf, type EndedOrder, type OrderRecord, type Piece } from './records.ts';

/** Ended orders that are remembered: their deals may come late. */
const ENDED_KEPT = 200;

export class OrderRecords {
  readonly #live = new Map<string, OrderRecord>();
  readonly #ended = new Map<string, EndedOrder>();

  get(id: string): OrderRecord | undefined {
    return this.#live.get(id);
  }

  all(): readonly OrderRecord[] {
    return [...this.#live.values()];
  }

  get size(): number {
    return this.#live.size;
  }

  add(record: OrderRecord): void {
    this.#live.set(record.order.id, record);
  }

  /** It is at its end for the desk. Tickets that are known go with it. */
  end(record: OrderRecord, now: EpochMs): void {
    const { order, tag } = record;
    this.#live.delete(order.id);
    const tickets = piecesOf(record).flatMap(({ ticket }) => (ticket === undefined ? [] : [ticket]));
    const isLost = record.placement !== undefined && record.placement.ticket === undefined;
    this.#ended.set(order.id, { order, tag, tickets, at: now, ...(isLost && { isLost }) });
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= ENDED_KEPT) return;
      this.#ended.delete(oldest);
    }
  }

  ended(): readonly EndedOrder[] {
    return [...this.#ended.values()];
  }

  /** A ticket of an order that was given up has turned up. */
  knowEnded(ended: EndedOrder, ticket: number): void {
    if (!ended.tickets.includes(ticket))
      this.#ended.set(ended.order.id, { ...ended, tickets: [...ended.tickets, ticket] });
  }

  endedOf(ticket: number): EndedOrder | undefined {
    return this.ended().find(({ tickets }) => tickets.includes(ticket));
  }

  /** The order, and the request of it, that has this ticket at the venue. */
  ofTicket(ticket: number): { readonly record: OrderRecord; readonly piece: Piece } | undefined {
    for (const record of this.#live.values())
      for (const piece of piecesOf(record)) if (piece.ticket === ticket) return { record, piece };
    return undefined;
  }

  /** The oldest request under way that closes this position; one whose own ticket is known comes last. */
  closingOf(position: number): { readonly record: OrderRecord; readonly piece: Piece } | undefined {
    const closing = this.all().flatMap((record) =>
      record.closes
        .filter((piece) => piece.position === position && isUnsettled(piece) && piece.phase !== 'due')
        .map((piece) => ({ record, piece })),
    );
    return closing.find(({ piece }) => piece.ticket === undefined) ?? closing[0];
  }

  isClosing(position: number): boolean {
    return this.all().some(({ closes }) => closes.some((piece) => piece.position === position && isUnsettled(piece)));
  }

  /** Is an order on its way that has changed the symbol's one position, or may have, before its deals are seen? */
  isMoving(symbol: string): boolean {
    return this.all().some(({ order, placement }) => {
      if (order.symbol !== symbol || placement === undefined || placement.works === true) return false;
      return isUnsettled(placement) && placement.phase !== 'due';
    });
  }

  /** Protective orders of a symbol. */
  legs(symbol: string): readonly OrderRecord[] {
    return this.all().filter(({ order }) => order.protects !== undefined && order.symbol === symbol);
  }

  /** The protective order of that role of an entry; without an entry the only one of the symbol. */
  leg(symbol: string, role: 'stopLoss' | 'takeProfit', entryId?: string): OrderRecord | undefined {
    const legs = this.legs(symbol).filter(({ order }) => order.protects!.role === role);
    if (entryId !== undefined) return legs.find(({ order }) => order.protects!.entryId === entryId);
    return legs.length === 1 ? legs[0] : undefined;
  }

  unknown(): readonly Piece[] {
    return this.all().flatMap((record) => piecesOf(record).filter(isUnknown));
  }

  restore(live: readonly OrderRecord[], ended: readonly EndedOrder[]): void {
    for (const record of live) this.#live.set(record.order.id, record);
    for (const order of ended) this.#ended.set(order.order.id, order);
  }
}
