/** The states of a strategy. */

/** All that a person sees; `docs/lifecycle.md` says what each means. */
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
