/**
 * One strategy's account on an MT5 gateway: a fold over its orders, the answers to what was sent, and full
 * looks at the venue. It tells the desk what became of each order and says what is to be sent; it neither
 * reads nor waits for anything itself.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { Difference } from '../../domain/differences.ts';
import type { Tick } from '../../domain/market.ts';
import type { MarginLevel, VenueAccount, VenueOrder } from '../../domain/venue.ts';
import type { AccountContext, AccountVenue, Look, Mt5Request } from './account-context.ts';
import { recalled, type AccountState } from './account-state.ts';
import { BookedDeals } from './booked-deals.ts';
import { DealBooking } from './deal-booking.ts';
import { DifferenceBoard } from './difference-board.ts';
import { Guard } from './guard.ts';
import { Holdings, rowOf, sideOf, signedVolume } from './holdings.ts';
import { OrderRecords } from './order-records.ts';
import { OrderFlow } from './order-flow.ts';
import { pairsOf } from './pairs.ts';
import { LOOK_AGAIN_MS } from './placements.ts';
import { piecesOf } from './records.ts';
import { Reconciler } from './reconciler.ts';
import { matchTags } from './tag-matches.ts';
import { tagOf } from './tag.ts';
import { Teller } from './teller.ts';
import type { AccountOptions } from './trading-types.ts';
import type { Mt5Deal, Mt5Order, Mt5Position, OrderEnd, Read, TradeAnswer } from './types.ts';

/** Deals of before are booked, or nobody's; those that are booked are remembered for longer. */
const DEALS_BACK_MS = 30 * 3_600_000;
const SLOW_LOOK_MS = 5000;

/** What an account has of the trading that it belongs to. */
export interface AccountPort {
  readonly venue: AccountVenue;
  readonly send: (request: Mt5Request) => void;
  readonly wake: (withinMs: number) => void;
  readonly margin: () => MarginLevel;
  readonly difference: (difference: Difference, settled: boolean) => void;
  readonly closed: () => void;
  /** Something of this account has thrown where nobody else catches it. */
  readonly fault: (error: unknown) => void;
}

export class Mt5Account implements VenueAccount {
  readonly strategy: string;
  readonly chargesSwap = true;
  readonly attachesLegs = true;
  reconciled = false;
  readonly #port: AccountPort;
  readonly #options: AccountOptions;
  readonly #records = new OrderRecords();
  readonly #holdings = new Holdings();
  readonly #booked = new BookedDeals();
  readonly #board: DifferenceBoard;
  readonly #flow: OrderFlow;
  readonly #guard: Guard;
  readonly #deals: DealBooking;
  readonly #reconciler: Reconciler;
  #lookedUntil: number;

  constructor(options: AccountOptions, port: AccountPort) {
    const { strategy, report, stored, priced } = options;
    const { venue, send, wake, fault } = port;
    this.strategy = strategy;
    this.#options = options;
    this.#port = port;
    this.#lookedUntil = venue.clock.now();
    const parts = { records: this.#records, holdings: this.#holdings };
    const context: AccountContext = { strategy, venue, ...parts, report, send, stored, priced, wake, fault };
    const teller = new Teller(report, this.#records, venue.clock);
    this.#board = new DifferenceBoard(venue.clock, (difference, settled) => this.#differs(difference, settled));
    this.#flow = new OrderFlow(context, teller, () => this.#guard);
    this.#deals = new DealBooking(context, teller, this.#booked, (moved) => this.#guard.booked(moved));
    this.#reconciler = new Reconciler(context, this.#deals, this.#board, (leg, reason) =>
      teller.cancelled(leg, reason),
    );
    this.#guard = new Guard(context, {
      drifted: (drift) => this.#reconciler.drifted(drift),
      stillDrifted: (drift) => this.#reconciler.stillDrifted(drift),
      agrees: (position, role) => this.#reconciler.agrees(position, role),
      watch: (leg, isHeldThere) => this.#flow.watchLeg(leg, isHeldThere),
      cleared: (leg) => teller.cancelled(leg, leg.cancel ?? 'what it protected is closed'),
    });
  }

  holdsStops(symbol: string): boolean {
    const held = this.#holdings.of(symbol);
    return held.length > 0 && held.every((holding) => this.#guard.isStoppedThere(holding));
  }

  margin(): MarginLevel {
    return this.#port.margin();
  }

  submit(order: VenueOrder): void {
    this.#flow.submit(order);
  }

  cancel(orderId: string, reason: string): void {
    this.#flow.cancel(orderId, reason);
  }

  withdraw(orderId: string, reason: string): void {
    this.#flow.cancel(orderId, reason);
  }

  holdToClosing(orderId: string): boolean {
    return this.#flow.holdToClosing(orderId);
  }

  modify(orderId: string, change: { readonly qty?: Decimal; readonly price?: Decimal }): void {
    this.#flow.modify(orderId, change);
  }

  onQuote(tick: Tick): void {
    this.#flow.onQuote(tick);
  }

  tick(): void {
    this.#flow.tick();
  }

  /** What became of something that was sent, or asked of the history. */
  answered(request: Mt5Request, answer: TradeAnswer): void {
    if (request.kind === 'cancel') this.#flow.placements.cancelAnswered(request.ticket, answer);
    else if (request.kind === 'setStops') this.#guard.answered(request.position, answer);
    else if (request.kind !== 'orderEnd') this.#orderAnswered(request, answer);
  }

  /** The way of a request or of its answer has thrown: reading tells what became of its order. */
  lost(request: Mt5Request, reason: string): void {
    const record = 'orderId' in request ? this.#records.get(request.orderId) : undefined;
    if (record !== undefined) this.#flow.lost(record, reason);
  }

  historyAnswered({ orderId }: Extract<Mt5Request, { kind: 'orderEnd' }>, end: Read<OrderEnd | undefined>): void {
    this.#flow.placements.historyAnswered(orderId, this.#records.get(orderId)?.placement, end);
  }

  #orderAnswered(request: Extract<Mt5Request, { orderId: string }>, answer: TradeAnswer): void {
    const record = this.#records.get(request.orderId);
    if (record === undefined) return;
    if (request.kind !== 'place') {
      if ('position' in request) this.#flow.closes.answered(record, request.position, answer);
    } else if (record.placement !== undefined) this.#flow.placements.answered(record, record.placement, answer);
  }

  /** Takes in a full look: deals first, then what they leave open. @param until when it began */
  onLook(look: Look, until: number): void {
    matchTags(this.#records, look, this.#port.venue.isHedging() === true);
    const isComplete = this.#deals.book(look.deals.filter(({ at }) => at >= this.#lookedUntil - DEALS_BACK_MS));
    this.#flow.settle(look);
    this.#reconciler.settle(look);
    // Before protection: what is being closed needs none.
    this.#pairOff();
    this.#guard.settle(look);
    this.reconciled = isComplete;
    if (!isComplete) return;
    this.#lookedUntil = until;
    this.#booked.forget(until);
  }

  /** Does what was seen in passing differ from what is known here? Then a full look is needed. */
  suspects(positions: readonly Mt5Position[], orders: readonly Mt5Order[]): boolean {
    const { venue } = this.#port;
    const isHedging = venue.isHedging() === true;
    const works = new Set(orders.map(({ ticket }) => ticket));
    return (
      this.#holdings.all().some((holding) => {
        // What is looked at already has a pace of its own.
        if (holding.unexplained > 0) return false;
        const row = rowOf(holding, positions, isHedging, venue.ourSymbol);
        return row === undefined || !signedVolume(row).equals(holding.volume) || !this.#guard.knows(holding, row);
      }) ||
      this.#records.all().some(({ placement }) => {
        return placement?.phase === 'done' && placement.ticket !== undefined && !works.has(placement.ticket);
      })
    );
  }

  /** In how many milliseconds a full look is wanted; undefined: not before the usual one. */
  get wants(): number | undefined {
    const waits = this.#records.all().flatMap((record) =>
      piecesOf(record).flatMap((piece) => {
        const { phase, ambiguous, absent } = piece;
        if (phase === 'unknown') return ambiguous === true ? SLOW_LOOK_MS : LOOK_AGAIN_MS * (absent + 1);
        const isWorking = phase === 'done' && piece === record.placement && record.placement.type !== 'market';
        if (phase !== 'done' || isWorking) return [];
        return record.told === 'unknown' ? SLOW_LOOK_MS : LOOK_AGAIN_MS;
      }),
    );
    if (!this.reconciled) waits.push(LOOK_AGAIN_MS);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Nothing is held, and nothing is under way. */
  get isIdle(): boolean {
    return this.#records.size === 0 && this.#holdings.all().length === 0;
  }

  get lookedUntil(): number {
    return this.#lookedUntil;
  }

  differences(): readonly Difference[] {
    return this.#board.all();
  }

  /** Is this order or position the strategy's, or may it be? */
  claims(ticket: number, comment: string): boolean {
    const isTagged = ({ tag }: { readonly tag: string }): boolean => comment.startsWith(tag);
    return (
      this.#holdings.all().some((holding) => holding.id === ticket || holding.ticket === ticket) ||
      this.#records.ofTicket(ticket) !== undefined ||
      this.#records.endedOf(ticket) !== undefined ||
      this.#records.all().some(isTagged) ||
      this.#records.ended().some(isTagged)
    );
  }

  /** By its definition, or by what it holds or has working from an earlier one. */
  trades(symbol: string): boolean {
    const isHere = ({ order }: { readonly order: VenueOrder }): boolean => order.symbol === symbol;
    return this.#options.trades(symbol) || this.#holdings.of(symbol).length > 0 || this.#records.all().some(isHere);
  }

  /** Takes over a position that nobody knows, at its price; false while that cannot be booked in account money. */
  adopt(position: Mt5Position, deals: readonly Mt5Deal[]): boolean {
    const symbol = this.#port.venue.ourSymbol(position.symbol)!;
    if (!this.#options.priced(symbol)) return false;
    this.#reconciler.takeOver(position, symbol, deals);
    return true;
  }

  /** A difference that is not this account's alone. */
  tell(difference: Difference, settled: boolean): void {
    this.#options.report({ kind: 'difference', difference, settled });
  }

  save(): AccountState {
    return {
      live: this.#records.all(),
      ended: this.#records.ended(),
      holdings: this.#holdings.all().map((holding) => ({ ...holding })),
      booked: this.#booked.save(),
      guarded: this.#guard.save(),
      trailing: this.#flow.watch.save(),
      absorbed: this.#deals.save(),
      differences: this.#board.all(),
      lookedUntil: this.#lookedUntil,
    };
  }

  restore(state: unknown): void {
    const { live, ended, holdings, booked, guarded, trailing, absorbed, ...rest } = state as AccountState;
    const { clock } = this.#port.venue;
    this.#records.restore(
      live.map((record) => recalled(record, clock.now())),
      ended,
    );
    this.#holdings.restore(holdings);
    this.#booked.restore(booked);
    this.#guard.restore(guarded);
    this.#flow.watch.restore(trailing);
    this.#deals.restore(absorbed);
    this.#board.restore(rest.differences);
    this.#lookedUntil = rest.lookedUntil;
    // The desk is restored after its account: it can be told from then on.
    clock.at(clock.now(), () => {
      try {
        this.#flow.resume();
      } catch (error) {
        this.#port.fault(error);
      }
    });
  }

  close(): void {
    this.#port.closed();
  }

  /** Positions of both sides of a symbol are closed by one another. */
  #pairOff(): void {
    if (this.#port.venue.isHedging() !== true) return;
    const { clock, name } = this.#port.venue;
    for (const { holding, volume } of pairsOf(this.#holdings, this.#records)) {
      const { id: position, symbol } = holding;
      const id = `${this.strategy}-pair-${position}-${clock.now()}`;
      const side = sideOf(holding) === 'BUY' ? 'SELL' : 'BUY';
      const order = { id, symbol, side, type: 'market', qty: volume, tif: 'GTC', reduceOnly: true } as const;
      const external = { cause: 'pair', position } as const;
      const sizes = { qty: volume, filled: Decimal.ZERO, told: 'working', closes: [] } as const;
      // Without a tag of its own it would take everything for its own.
      const tag = tagOf(name, this.strategy, id);
      this.#flow.closeFor({ order, tag, at: clock.now(), ...sizes, closes: [], external });
    }
  }

  #differs(difference: Difference, settled: boolean): void {
    this.tell(difference, settled);
    this.#port.difference(difference, settled);
  }
}
