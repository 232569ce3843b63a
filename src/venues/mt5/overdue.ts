/** How long what the venue has taken may go without a deal that says what came of it. */
import type { EpochMs } from '../../domain/time.ts';
import type { Piece } from './records.ts';

const LIMIT_MS = 10_000;

/** Why its fate counts as unknown; undefined while there is time. */
export const unsettledReason = ({ at }: Piece, now: EpochMs): string | undefined =>
  now - at >= LIMIT_MS ? `the venue took it, and no deal has told for ${LIMIT_MS / 1000} s what came of it` : undefined;
