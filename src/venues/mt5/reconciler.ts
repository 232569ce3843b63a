/**
 * Book against venue, position by position: what deals explain is booked, what they do not explain for four
 * full looks is a difference, and its policy says what becomes of it. Nothing is closed because it is not seen.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { Difference, DifferenceKind } from '../../domain/differences.ts';
import type { Fill } from '../../domain/orders.ts';
import type { AccountContext, Look } from './account-context.ts';
import type { DealBooking } from './deal-booking.ts';
import type { DifferenceBoard } from './difference-board.ts';
import type { Drift } from './guard.ts';
import { rowOf, signedVolume, sized, type Holding } from './holdings.ts';
import { ABSENT_LOOKS } from './placements.ts';
import type { OrderRecord } from './records.ts';
import { executableAt } from './symbol-terms.ts';
import type { Mt5Deal, Mt5Position } from './types.ts';

/** How long deals may lag behind the positions that they explain: looks are so much further apart each time. */
const LOOK_AGAIN_MS = 1000;

export class Reconciler {
  readonly #context: AccountContext;
  readonly #deals: DealBooking;
  readonly #board: DifferenceBoard;
  readonly #drop: (leg: OrderRecord, reason: string) => void;

  /** @param drop a protective order is gone */
  constructor(
    context: AccountContext,
    deals: DealBooking,
    board: DifferenceBoard,
    drop: (leg: OrderRecord, reason: string) => void,
  ) {
    this.#context = context;
    this.#deals = deals;
    this.#board = board;
    this.#drop = drop;
  }

  /** After the deals of a full look have been booked. */
  settle(look: Look): void {
    const { holdings, venue } = this.#context;
    for (const holding of holdings.all()) {
      const row = rowOf(holding, look.positions, venue.isHedging() === true, venue.ourSymbol);
      if (row !== undefined) holding.ticket = row.ticket;
      this.#compare(holding, row && signedVolume(row));
    }
    // What was about a position that is closed is over.
    this.#board.keep(({ id }) => holdings.get(positionOf(id)) !== undefined);
  }

  #compare(holding: Holding, theirs: Decimal | undefined): void {
    const { id, symbol, volume } = holding;
    const { records, venue } = this.#context;
    if (theirs !== undefined && theirs.equals(volume)) {
      holding.unexplained = 0;
      this.#board.settled(this.#id('position', id));
      return;
    }
    // An order whose fate is not known explains it, once it is.
    if (records.isClosing(id) || (venue.isHedging() === false && records.isMoving(symbol))) return;
    holding.unexplained += 1;
    this.#context.wake(holding.unexplained * LOOK_AGAIN_MS);
    if (holding.unexplained < ABSENT_LOOKS) return;
    const difference = this.#difference('position', id, symbol, sized(volume), theirs && sized(theirs));
    if (difference.policy !== 'adopt') this.#board.found({ ...difference, done: doneOf(difference.policy) });
    else this.#adopt(holding, theirs, difference);
  }

  /** The venue's quantity becomes ours, at the price that it would be traded at now: no deal says which one it was. */
  #adopt(holding: Holding, theirs: Decimal | undefined, difference: Omit<Difference, 'since' | 'done'>): void {
    const { venue, holdings, report, strategy, priced } = this.#context;
    const { id, symbol, volume, entryId } = holding;
    const quote = venue.quote(symbol);
    if (quote === undefined || !priced(symbol)) {
      this.#board.found({ ...difference, done: 'taken over once there is a price' });
      return;
    }
    const moved = theirs === undefined ? volume.negated() : theirs.minus(volume);
    const side = moved.sign() > 0 ? 'BUY' : 'SELL';
    const now = venue.clock.now();
    const fill: Fill = {
      fillId: `${venue.name}-adopted-${id}-${now}`,
      orderId: `${strategy}-adopted-${id}-${now}`,
      ts: now,
      symbol,
      side,
      qty: moved.abs(),
      price: executableAt(side, quote),
      commission: Decimal.ZERO,
    };
    const closes = moved.sign() !== volume.sign();
    holdings.apply({ positionId: id, side, volume: fill.qty, at: now }, symbol, { inLot: false });
    this.#deals.absorb(id, moved);
    this.#board.found({ ...difference, done: 'taken over' });
    this.#board.settled(difference.id);
    report({
      kind: 'external',
      fill,
      role: closes ? 'close' : 'entry',
      cause: 'adopted',
      ...(closes && entryId !== undefined && { closes: entryId }),
    });
  }

  /** A position that nobody knows becomes the strategy's at its price; the costs of its deals go with its next close. */
  takeOver(row: Mt5Position, symbol: string, deals: readonly Mt5Deal[]): void {
    const { holdings, report, strategy, venue } = this.#context;
    const { ticket, openPrice, openedAt, side, volume } = row;
    const now = venue.clock.now();
    const opened = { id: ticket, ticket, symbol, inLot: false, openedAt, adoptedAt: now, unexplained: 0 };
    const orderId = `${strategy}-adopted-${ticket}`;
    const entry = venue.isHedging() === true ? { entryId: orderId } : {};
    holdings.add({ ...opened, volume: signedVolume(row), ...entry });
    this.#deals.owe(
      ticket,
      deals.filter(({ positionId }) => positionId === ticket),
    );
    const fill: Fill = {
      fillId: `${venue.name}-adopted-${ticket}`,
      orderId,
      ts: now,
      symbol,
      side,
      qty: volume,
      price: openPrice,
      commission: Decimal.ZERO,
    };
    report({ kind: 'external', fill, role: 'entry', cause: 'adopted' });
  }

  /** A stop or target that somebody else has moved or taken away. */
  drifted({ holding, role, legs, wanted, seen }: Drift): void {
    const kind = kindOf(seen);
    const name = role === 'sl' ? 'stop' : 'target';
    const text = (level: Decimal | undefined): string | null =>
      level === undefined ? null : `${name} ${level.toString()}`;
    const difference = {
      ...this.#difference(kind, holding.id, holding.symbol, text(wanted), text(seen)),
      id: this.#id(kind, holding.id, role),
    };
    const { report } = this.#context;
    if (difference.policy !== 'adopt') {
      const held = wanted === undefined ? '' : `; the level is held here`;
      this.#board.found({ ...difference, done: `${doneOf(difference.policy)}${held}` });
      return;
    }
    this.#board.found({ ...difference, done: 'taken over' });
    this.#board.settled(difference.id);
    for (const leg of legs) {
      if (seen === undefined) this.#drop(leg, 'taken away at the venue');
      else {
        leg.order = { ...leg.order, price: seen };
        report({ kind: 'trail', orderId: leg.order.id, trigger: seen });
      }
    }
  }

  /**
   * One of an earlier run is judged anew where its policy is another one now. What could not be taken over while
   * a netting account's position had parts without a stop is, once an order here is all that says what it shall be.
   */
  stillDrifted(drift: Drift): void {
    const { holding, legs, role, seen } = drift;
    const kind = kindOf(seen);
    const policy = this.#context.venue.policies[kind];
    const shown = this.#board.get(this.#id(kind, holding.id, role));
    const isAnew = shown !== undefined && shown.policy !== policy;
    if (isAnew || (policy === 'adopt' && legs.length > 0)) this.drifted(drift);
  }

  /** A level is again what it shall be. */
  agrees(position: number, role: 'sl' | 'tp'): void {
    for (const kind of ['protectionMissing', 'protectionMoved'] as const)
      this.#board.settled(this.#id(kind, position, role));
  }

  #difference(
    kind: DifferenceKind,
    position: number,
    symbol: string,
    ours: string | null,
    theirs: string | null | undefined,
  ): Omit<Difference, 'since' | 'done'> {
    const { strategy, venue } = this.#context;
    const policy = venue.policies[kind];
    return { id: this.#id(kind, position), kind, strategy, symbol, ours, theirs: theirs ?? null, policy };
  }

  #id(kind: DifferenceKind, position: number, role?: string): string {
    return [this.#context.strategy, kind, position, ...(role === undefined ? [] : [role])].join(':');
  }
}

/** Of a difference's id. */
const positionOf = (id: string): number => Number(id.split(':')[2]);

const kindOf = (seen: Decimal | undefined): 'protectionMissing' | 'protectionMoved' =>
  seen === undefined ? 'protectionMissing' : 'protectionMoved';

const doneOf = (policy: 'ignore' | 'halt'): string => (policy === 'halt' ? 'halted' : 'shown');
