/** What of an account must survive a restart, and what a restart makes of it. */
import type { Difference } from '../../domain/differences.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { WorkingOrder } from '../paper-book.ts';
import type { Absorbed } from './deal-booking.ts';
import type { Guarded } from './guard.ts';
import type { Holding } from './holdings.ts';
import type { ClosePiece, EndedOrder, OrderRecord, PlacementPiece } from './records.ts';

export interface AccountState {
  readonly live: readonly OrderRecord[];
  readonly ended: readonly EndedOrder[];
  readonly holdings: readonly Holding[];
  /** Tickets of booked deals, each with its time. */
  readonly booked: readonly number[];
  readonly guarded: readonly Guarded[];
  readonly trailing: readonly WorkingOrder[];
  readonly absorbed: readonly Absorbed[];
  readonly differences: readonly Difference[];
  /** Up to when deals have been looked at. */
  readonly lookedUntil: EpochMs;
}

/** What was sent, or was about to be, may have been carried out: only reading tells, and nothing is sent again. */
export function recalled(record: OrderRecord, now: EpochMs): OrderRecord {
  const { placement, closes, ...rest } = record;
  return {
    ...rest,
    ...(placement !== undefined && { placement: recalledPiece(placement, now) }),
    closes: closes.map((piece) => recalledPiece(piece, now)),
  };
}

function recalledPiece<P extends PlacementPiece | ClosePiece>(piece: P, now: EpochMs): P {
  const wasSent = piece.phase === 'due' || piece.phase === 'sent';
  const { end: _, ...rest } = piece;
  return { ...(rest as P), phase: wasSent ? 'unknown' : piece.phase, at: now, moment: 0, absent: 0 };
}
