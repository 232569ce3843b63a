/** What an account knows of its orders: plain data, kept with the strategy's book. */
import type { Decimal } from '../../domain/decimal.ts';
import type { ExternalCause } from '../../domain/orders.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { VenueOrder } from '../../domain/venue.ts';
import type { Preset } from './preset-stops.ts';
import type { OrderEnd } from './types.ts';

/**
 * How far something that was asked of the trade server has come.
 *
 * | phase   | meaning                                                    | left by                        |
 * |---------|------------------------------------------------------------|--------------------------------|
 * | due     | decided, on its way to the disk, or waits for what is first | the disk                       |
 * | sent    | its answer is not there                                     | the answer                     |
 * | done    | it was taken; what came of it is read                       | deals, the history of orders   |
 * | unknown | its answer was lost: only reading tells                     | a look that finds it, or four that do not |
 * | over    | nothing more comes of it                                    |                                |
 */
export type Phase = 'due' | 'sent' | 'done' | 'unknown' | 'over';

/** One request of an order: its placement, or a close of one ticket. */
export interface Piece {
  phase: Phase;
  /** In lots. */
  volume: Decimal;
  filled: Decimal;
  /** The order's ticket at the venue, once known. */
  ticket?: number;
  /** When it was sent or answered, or was first missed among the pending orders. */
  at: EpochMs;
  /** Looks that began before this moment say nothing of it. */
  moment: number;
  /** Full looks in a row that lacked it. */
  absent: number;
  /** Several orders carry its tag: nobody can say which one it is. */
  ambiguous?: boolean;
  /** Of a market order that was filled in part, by its answer. */
  expected?: Decimal;
  /** As the venue's history has it. */
  end?: OrderEnd | 'unheard';
  refusal?: { readonly code: string; readonly reason: string };
}

/** `POST /order`. */
export interface PlacementPiece extends Piece {
  type: 'market' | 'limit' | 'stop';
  /** The last look has shown it among the pending orders. */
  works?: boolean;
  /** Levels that it is sent with. */
  readonly preset?: Preset;
}

/** A close of one position, whole or in part. */
export interface ClosePiece extends Piece {
  /** The position's. */
  readonly position: number;
}

export interface OrderRecord {
  order: VenueOrder;
  readonly tag: string;
  readonly at: EpochMs;
  /** On the venue's grid. */
  qty: Decimal;
  filled: Decimal;
  /** What the desk was told last. */
  told: 'submitted' | 'working' | 'unknown';
  /** Why it is to be taken back. */
  cancel?: string;
  placement?: PlacementPiece;
  closes: ClosePiece[];
  /** A protective order, or one that waits here, has been touched: it closes at the market from then on. */
  fired?: boolean;
  /** The next attempt is not made before: the last one was refused. */
  retryAt?: EpochMs;
  attempts?: number;
  /** No order of the desk: its fills are told as the venue's own doing. It closes this position. */
  external?: { readonly cause: ExternalCause; readonly position: number };
  /** How an unknown outcome was settled; told with the next report. */
  resolvedBy?: string;
}

/** An order that is at its end for the desk, and may still turn up at the venue. */
export interface EndedOrder {
  readonly order: VenueOrder;
  readonly tag: string;
  readonly tickets: readonly number[];
  readonly at: EpochMs;
  /** It was given up before its order was seen: a part of it may have closed by ticket all the same. */
  readonly isLost?: boolean;
}

export const isLeg = ({ order }: Pick<OrderRecord, 'order'>): boolean => order.protects !== undefined;

/** Is anything of it at the trade server, or may be? */
export const isUnsettled = ({ phase }: Piece): boolean => phase !== 'over';

export const isUnknown = ({ phase }: Piece): boolean => phase === 'unknown';

export const left = ({ volume, filled }: Piece): Decimal => volume.minus(filled);

/** All requests of an order. */
export function piecesOf({ placement, closes }: OrderRecord): readonly Piece[] {
  return placement === undefined ? closes : [placement, ...closes];
}
