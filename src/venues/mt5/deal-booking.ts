/**
 * Deals are the only source of fills. Each is booked once, with its price and its costs, under the order
 * that it belongs to; what nobody here has asked for is booked as the venue's own doing.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { ExternalCause, Fill, OrderRole } from '../../domain/orders.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import type { AccountContext } from './account-context.ts';
import type { BookedDeals } from './booked-deals.ts';
import { costsOf, fillsOf, runsOf, type DealFill } from './deal-fills.ts';
import { sideOf, signedVolume, type Holding, type Opening } from './holdings.ts';
import type { Preset } from './preset-stops.ts';
import type { OrderRecord, Piece } from './records.ts';
import type { Teller } from './teller.ts';
import type { DealReason, Mt5Deal } from './types.ts';

/** Whose a deal is. */
type Owner =
  | { readonly kind: 'order'; readonly record: OrderRecord; readonly piece?: Piece }
  | { readonly kind: 'late'; readonly order: VenueOrder }
  | { readonly kind: 'venue'; readonly role: OrderRole; readonly cause: ExternalCause };

/** What was taken over without its deals: those that come later move nothing any more. */
export interface Absorbed {
  readonly position: number;
  /** Signed. */
  volume: Decimal;
}

/** What an order has done to a position. */
export interface Moved {
  readonly position: number;
  /** The levels that it was sent with. */
  readonly preset: Preset;
  /** It has opened the position, or turned it. */
  readonly isNew: boolean;
}

export class DealBooking {
  readonly #context: AccountContext;
  readonly #teller: Teller;
  readonly #booked: BookedDeals;
  /** Told of what an order has moved, with the levels that it was sent with. */
  readonly #moved: (moved: Moved) => void;
  #absorbed: readonly Absorbed[] = [];

  constructor(context: AccountContext, teller: Teller, booked: BookedDeals, moved: (moved: Moved) => void) {
    this.#context = context;
    this.#teller = teller;
    this.#booked = booked;
    this.#moved = moved;
  }

  /** Is it the strategy's, by its order or its position? */
  claims(deal: Mt5Deal): boolean {
    const { records, holdings } = this.#context;
    return (
      records.ofTicket(deal.order) !== undefined ||
      records.endedOf(deal.order) !== undefined ||
      holdings.get(deal.positionId) !== undefined ||
      this.#absorbed.some(({ position }) => position === deal.positionId)
    );
  }

  /** Books what is new of them; false when some could not be booked yet, for want of a rate. */
  book(deals: readonly Mt5Deal[]): boolean {
    const { venue, priced, records } = this.#context;
    const fresh = deals.filter((deal) => isWhole(deal) && !this.#booked.has(deal.ticket));
    let isComplete = true;
    for (const run of runsOf(fresh, ({ order }) => records.ofTicket(order)?.record.order.id ?? '')) {
      const [first] = run;
      const symbol = venue.ourSymbol(first!.symbol);
      if (symbol === undefined || !this.claims(first!)) continue;
      // A later deal of the same symbol must not overtake it.
      if (!priced(symbol)) isComplete = false;
      else this.#bookRun(run, symbol);
    }
    return isComplete;
  }

  absorb(position: number, volume: Decimal): void {
    this.#absorbed = [...this.#absorbed.filter((one) => one.position !== position), { position, volume }];
  }

  save(): readonly Absorbed[] {
    return this.#absorbed;
  }

  restore(absorbed: readonly Absorbed[]): void {
    this.#absorbed = absorbed;
  }

  #bookRun(run: readonly Mt5Deal[], symbol: string): void {
    const fresh = run.filter((deal) => !this.#isAbsorbed(deal) && !this.#isOwed(deal));
    for (const fill of fresh.length === 0 ? [] : fillsOf(fresh)) this.#bookFill(fill, symbol);
  }

  /** Its quantity was taken over before: nothing moves. */
  #isAbsorbed(deal: Mt5Deal): boolean {
    const absorbed = this.#absorbed.find(({ position }) => position === deal.positionId);
    const moved = signedVolume(deal);
    if (absorbed === undefined || absorbed.volume.sign() !== moved.sign()) return false;
    absorbed.volume = absorbed.volume.minus(moved);
    this.#absorbed = this.#absorbed.filter(({ volume }) => volume.sign() === moved.sign());
    this.#booked.add(deal.ticket, deal.at);
    return true;
  }

  /** A deal of a position from before it was taken over: its costs go with the next close. */
  #isOwed(deal: Mt5Deal): boolean {
    const holding = this.#context.holdings.get(deal.positionId);
    if (holding?.adoptedAt === undefined || deal.at > holding.adoptedAt) return false;
    this.owe(holding.id, [deal]);
    return true;
  }

  /** Deals that a position was taken over with move nothing, whatever the server's clock says of them. */
  owe(position: number, deals: readonly Mt5Deal[]): void {
    const holding = this.#context.holdings.get(position)!;
    for (const deal of deals) {
      holding.owed = (holding.owed ?? Decimal.ZERO).plus(costsOf(deal));
      this.#booked.add(deal.ticket, deal.at);
    }
  }

  #bookFill(fill: DealFill, symbol: string): void {
    const { holdings, strategy, venue } = this.#context;
    const [deal] = fill.deals;
    const { positionId, side, at } = deal!;
    const held = holdings.get(positionId);
    const owner = this.#ownerOf(deal!, held);
    const owed = this.#takeOwed(held, side);
    for (const { ticket, at: dealAt } of fill.deals) this.#booked.add(ticket, dealAt);
    const sideBefore = held && sideOf(held);
    holdings.apply({ positionId, side, volume: fill.volume, at }, symbol, this.#openingOf(owner));
    const after = holdings.get(positionId);
    // One that has turned has nothing of the levels of the one before.
    if (after !== undefined)
      this.#moved({ position: positionId, preset: presetOf(owner), isNew: sideOf(after) !== sideBefore });
    const booked: Fill = {
      fillId: `${venue.name}-${fill.ticket}`,
      orderId: `${strategy}-venue-${fill.ticket}`,
      ts: Math.min(at, venue.clock.now()),
      symbol,
      side,
      qty: fill.volume,
      price: fill.price,
      commission: fill.costs.plus(owed).trimmed(),
    };
    const closes = held !== undefined && isAgainst(held, side) ? (protectedBy(owner) ?? held.entryId) : undefined;
    this.#tell(owner, booked, closes);
  }

  #tell(owner: Owner, fill: Fill, closes: string | undefined): void {
    const closed = closes === undefined ? {} : { closes };
    if (owner.kind === 'order') {
      const { record, piece } = owner;
      record.filled = record.filled.plus(fill.qty);
      if (piece !== undefined) {
        piece.filled = piece.filled.plus(fill.qty);
        piece.absent = 0;
      }
      if (record.told === 'unknown') record.resolvedBy ??= `deal ${fill.fillId}`;
      this.#teller.filled(record, fill, closes);
      return;
    }
    const { report } = this.#context;
    if (owner.kind === 'venue') {
      const { role, cause } = owner;
      report({ kind: 'external', fill, role, cause, ...closed });
      return;
    }
    const { order } = owner;
    const { bracket } = order;
    report({
      kind: 'external',
      fill: { ...fill, orderId: order.id },
      role: roleOf(order),
      cause: 'late',
      ...closed,
      ...(bracket !== undefined && { bracket }),
    });
  }

  #ownerOf(deal: Mt5Deal, held: Holding | undefined): Owner {
    const { records } = this.#context;
    const known = records.ofTicket(deal.order);
    if (known !== undefined) return { kind: 'order', ...known };
    const ended = records.endedOf(deal.order);
    if (ended !== undefined) return { kind: 'late', order: ended.order };
    if (held === undefined || !isAgainst(held, deal.side)) return { kind: 'venue', role: 'entry', cause: 'hand' };
    if (deal.reason === 'expert' || deal.reason === 'other') {
      const closing = records.closingOf(held.id);
      if (closing !== undefined) return { kind: 'order', ...closing };
    }
    const role = LEG_OF[deal.reason];
    const leg = role && records.leg(held.symbol, role, held.entryId);
    // One stop for several entries on a netting account closes more than one of them has.
    const isWhole = held.entryId !== undefined || leg?.qty.minus(leg.filled).lessThan(held.volume.abs()) === false;
    if (leg !== undefined && isWhole) return { kind: 'order', record: leg };
    return { kind: 'venue', role: role ?? 'close', cause: CAUSE_OF[deal.reason] };
  }

  /** Whose position an opening deal makes: on a hedging account its order's alone. */
  #openingOf(owner: Owner): Opening {
    const order = owner.kind === 'order' ? owner.record.order : owner.kind === 'late' ? owner.order : undefined;
    const inLot = order !== undefined && (order.bracket !== undefined || order.inStack === true);
    const isOwn = this.#context.venue.isHedging() === true && order !== undefined;
    return { inLot, ...(isOwn && { entryId: order.id }) };
  }

  #takeOwed(held: Holding | undefined, side: Mt5Deal['side']): Decimal {
    if (held?.owed === undefined || !isAgainst(held, side)) return Decimal.ZERO;
    const { owed } = held;
    delete held.owed;
    return owed;
  }
}

/** One without a price or a volume is still to come: a price of 0 is none. */
const isWhole = ({ price, volume }: Mt5Deal): boolean => price.sign() > 0 && volume.sign() > 0;

/** The entry whose part a protective order closes, whichever position it took it from. */
const protectedBy = (owner: Owner): string | undefined =>
  owner.kind === 'order' ? owner.record.order.protects?.entryId : undefined;

/** What its order was sent with. */
const presetOf = (owner: Owner): Preset => (owner.kind === 'order' ? (owner.record.placement?.preset ?? {}) : {});

const isAgainst = ({ volume }: Holding, side: Mt5Deal['side']): boolean => (side === 'SELL') === volume.sign() > 0;

const LEG_OF: Partial<Record<DealReason, 'stopLoss' | 'takeProfit'>> = {
  stopLoss: 'stopLoss',
  takeProfit: 'takeProfit',
};

const CAUSE_OF: Readonly<Record<DealReason, ExternalCause>> = {
  desktop: 'hand',
  expert: 'hand',
  other: 'hand',
  stopLoss: 'stopLoss',
  takeProfit: 'takeProfit',
  stopOut: 'stopOut',
};

const roleOf = ({ protects, reduceOnly }: VenueOrder): OrderRole =>
  protects?.role ?? (reduceOnly === true ? 'close' : 'entry');
