/** The states of a strategy that a person sees (`contracts/trading.md`). */

/** The states that a person sees (`contracts/trading.md`). */
export const STRATEGY_STATES = [
  'starting',
  'recovering',
  'warming',
  'trading',
  'halting',
  'halted',
  'cancelling',
  'flattening',
  'draining',
  'stopped',
  'unresponsive',
  'crashed',
  'failed',
] as const;

/** `stopping` is shown for cancelling, flattening and draining where a single word is wanted. */
export type StrategyState = (typeof STRATEGY_STATES)[number];
