/** What stays open at a venue when nobody here watches it any more. */

import type { Decimal } from './decimal.ts';

/** A position that a strategy keeps when the daemon ends. */
export interface LeftOpen {
  readonly strategy: string;
  readonly symbol: string;
  readonly qty: Decimal;
  /** Its nearest stop, wherever that is held; null for none. */
  readonly stopLoss: Decimal | null;
  /** Is there a stop for all of it that holds without the daemon? One that is watched here does not. */
  readonly protected: boolean;
}
