/** What a terminal is made with, and how it may execute a request. */
import type { Decimal } from '../../domain/decimal.ts';
import type { AccountTerms } from './account.ts';
import type { Keeper, KeptState } from './kept-state.ts';

export interface TerminalOptions extends AccountTerms {
  /** Takes down what changes; nobody does when absent. */
  readonly keeper?: Keeper;
  /** The account as it was left; absent: a new one is opened. */
  readonly kept?: KeptState;
  /** Quotes are taken down as well: they come from nowhere else. */
  readonly keepsQuotes?: boolean;
}

/** How a request is executed where it is not executed as usual. */
export interface Circumstances {
  /** Only that share of the volume is filled; the rest of the order is cancelled. */
  readonly share?: Decimal;
  /** The terminal shows deal and position only so much later. */
  readonly hiddenForMs?: number;
}
