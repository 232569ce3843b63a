/**
 * Positions as they follow from executions. Hedging: every order opens a position of its own, and
 * only what names it closes it. Netting: one position a symbol, which opposite orders shrink, end or turn.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Keeper, KeptState } from './kept-state.ts';
import { CURRENCY_DIGITS } from './money.ts';
import { ENTRY, type AccountMode, type Entry, type Position, type Reason, type Side } from './types.ts';

export interface Execution {
  /** Ticket of the order. */
  readonly order: number;
  readonly symbol: string;
  readonly side: Side;
  readonly volume: Decimal;
  readonly price: Decimal;
  readonly sl: Decimal;
  readonly tp: Decimal;
  readonly magic: number;
  readonly comment: string;
  readonly reason: Reason;
  readonly at: EpochMs;
  readonly visibleAt: EpochMs;
  /** The position to close; it exists. */
  readonly position?: number;
}

/** The part of a position that an execution has closed. */
export interface Closed {
  readonly side: Side;
  readonly volume: Decimal;
  readonly priceOpen: Decimal;
  readonly swap: Decimal;
}

export interface Effect {
  readonly entry: Entry;
  readonly positionId: number;
  readonly closed?: Closed;
}

export class PositionBook {
  readonly #mode: AccountMode;
  readonly #keeper: Keeper;
  readonly #byTicket: Map<number, Position>;

  constructor(mode: AccountMode, keeper: Keeper, kept?: KeptState) {
    this.#mode = mode;
    this.#keeper = keeper;
    this.#byTicket = new Map(kept?.positions);
  }

  /** Oldest first. */
  all(): readonly Position[] {
    return [...this.#byTicket.values()].toSorted((a, b) => a.ticket - b.ticket);
  }

  get size(): number {
    return this.#byTicket.size;
  }

  get(ticket: number): Position | undefined {
    return this.#byTicket.get(ticket);
  }

  /** The position that an order on a netting account would meet. */
  onSymbol(symbol: string): Position | undefined {
    return this.all().find((position) => position.symbol === symbol);
  }

  update(position: Position): void {
    this.#byTicket.set(position.ticket, position);
    this.#keeper.note({ kind: 'position', position });
  }

  #remove(ticket: number): void {
    this.#byTicket.delete(ticket);
    this.#keeper.note({ kind: 'closed', ticket });
  }

  execute(execution: Execution): Effect {
    const met = this.#met(execution);
    if (met === undefined) return this.#open(execution);
    return met.side === execution.side ? this.#add(met, execution) : this.#reduce(met, execution);
  }

  #met({ position, symbol }: Execution): Position | undefined {
    if (position !== undefined) return this.#byTicket.get(position);
    return this.#mode === 'netting' ? this.onSymbol(symbol) : undefined;
  }

  #open(execution: Execution): Effect {
    const { order, symbol, side, volume, price, sl, tp, magic, comment, reason, at, visibleAt } = execution;
    const terms = { symbol, side, volume, priceOpen: price, sl, tp, magic, comment, reason, visibleAt };
    const identity = { ticket: order, identifier: order, openedAt: at, updatedAt: at };
    this.update({ ...identity, ...terms, swap: Decimal.ZERO });
    return { entry: ENTRY.in, positionId: order };
  }

  /** The price becomes the average by volume, to eight places. */
  #add(met: Position, { volume, price, sl, tp, at }: Execution): Effect {
    const total = met.volume.plus(volume);
    const cost = met.priceOpen.times(met.volume).plus(price.times(volume));
    const priceOpen = cost.dividedBy(total);
    const stops = { sl: sl.isZero() ? met.sl : sl, tp: tp.isZero() ? met.tp : tp };
    this.update({ ...met, ...stops, volume: total, priceOpen, updatedAt: at });
    return { entry: ENTRY.in, positionId: met.identifier };
  }

  #reduce(met: Position, execution: Execution): Effect {
    const { volume, at } = execution;
    const closed = closedPart(met, Decimal.min(met.volume, volume));
    const effect = { positionId: met.identifier, closed };
    if (volume.lessThan(met.volume)) {
      const left = { volume: met.volume.minus(volume), swap: met.swap.minus(closed.swap) };
      this.update({ ...met, ...left, updatedAt: at });
      return { ...effect, entry: ENTRY.out };
    }
    this.#remove(met.ticket);
    if (volume.equals(met.volume)) return { ...effect, entry: ENTRY.out };
    // The identifier stays through the turn, the ticket becomes that of the order that turned it.
    this.#open({ ...execution, volume: volume.minus(met.volume) });
    this.update({ ...this.#byTicket.get(execution.order)!, identifier: met.identifier });
    return { ...effect, entry: ENTRY.inOut };
  }
}

function closedPart(met: Position, volume: Decimal): Closed {
  const { side, priceOpen } = met;
  const swap = volume.equals(met.volume)
    ? met.swap
    : met.swap.times(volume).dividedBy(met.volume).rounded(CURRENCY_DIGITS);
  return { side, volume, priceOpen, swap };
}
