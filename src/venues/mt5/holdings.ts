/**
 * Positions at the venue that are the strategy's, by their identifier: as the booked deals have left
 * them. On a hedging account each entry has one of its own; on a netting account there is one a symbol.
 */
import type { Decimal } from '../../domain/decimal.ts';
import type { Side } from '../../domain/orders.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Mt5Deal, Mt5Position } from './types.ts';

export interface Holding {
  /** What deals name it by; a hedging account's ticket. */
  readonly id: number;
  /** What a close names it by: the same, until a netting account's position has turned. */
  ticket: number;
  /** Ours. */
  readonly symbol: string;
  /** Signed. */
  volume: Decimal;
  /** The entry that opened it, where each has its own. */
  readonly entryId?: string;
  /** That entry has a bracket or belongs to a stack. */
  readonly inLot: boolean;
  readonly openedAt: EpochMs;
  /** When it was taken over at its price: deals up to then move nothing any more. */
  readonly adoptedAt?: EpochMs;
  /** Costs of deals up to then: its next close has them. Positive is a cost. */
  owed?: Decimal;
  /** Full looks in a row that showed another volume than deals explain. */
  unexplained: number;
}

/** Whose position an opening deal makes. */
export interface Opening {
  readonly entryId?: string;
  readonly inLot: boolean;
}

export const signedVolume = ({ side, volume }: { readonly side: Side; readonly volume: Decimal }): Decimal =>
  side === 'BUY' ? volume : volume.negated();

export const sideOf = ({ volume }: Pick<Holding, 'volume'>): Side => (volume.sign() < 0 ? 'SELL' : 'BUY');

/** `long 0.3`, for people. */
export const sized = (volume: Decimal): string =>
  `${volume.sign() < 0 ? 'short' : 'long'} ${volume.abs().trimmed().toString()}`;

export class Holdings {
  readonly #byId = new Map<number, Holding>();

  all(): readonly Holding[] {
    return [...this.#byId.values()];
  }

  get(id: number): Holding | undefined {
    return this.#byId.get(id);
  }

  ofEntry(entryId: string): Holding | undefined {
    return this.all().find((holding) => holding.entryId === entryId);
  }

  of(symbol: string): readonly Holding[] {
    return this.all().filter((holding) => holding.symbol === symbol);
  }

  /** What an order of that side would close: what has no bracket or stack goes first, then the oldest. */
  against(symbol: string, side: Side): readonly Holding[] {
    return this.of(symbol)
      .filter((holding) => sideOf(holding) !== side)
      .toSorted((a, b) => Number(a.inLot) - Number(b.inLot) || a.openedAt - b.openedAt || a.id - b.id);
  }

  /** Books what a deal has moved. A position that is flat is forgotten. */
  apply(deal: Pick<Mt5Deal, 'positionId' | 'side' | 'volume' | 'at'>, symbol: string, opening: Opening): void {
    const { positionId: id } = deal;
    const moved = signedVolume(deal);
    const held = this.#byId.get(id);
    const volume = held === undefined ? moved : held.volume.plus(moved);
    if (volume.isZero()) this.#byId.delete(id);
    else if (held !== undefined) {
      held.volume = volume;
      held.unexplained = 0;
    } else this.add({ id, ticket: id, symbol, volume, ...opening, openedAt: deal.at, unexplained: 0 });
  }

  add(holding: Holding): void {
    this.#byId.set(holding.id, holding);
  }

  remove(id: number): void {
    this.#byId.delete(id);
  }

  restore(holdings: readonly Holding[]): void {
    for (const holding of holdings) this.#byId.set(holding.id, { ...holding });
  }
}

/** The venue's row of a holding. A netting account has one position of each symbol, whatever its ticket is now. */
export function rowOf(
  { id, symbol }: Holding,
  positions: readonly Mt5Position[],
  isHedging: boolean,
  ourSymbol: (name: string) => string | undefined,
): Mt5Position | undefined {
  return positions.find((row) => (isHedging ? row.ticket === id : ourSymbol(row.symbol) === symbol));
}
