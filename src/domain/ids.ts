/** Names and identifiers: the one place that says what they look like. */

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** A strategy name as the contract has it; anything else is refused before it reaches a path, a log or a journal. */
export function isStrategyName(text: string): boolean {
  return NAME.test(text) && text !== 'daemon';
}

/** Deterministic order id from strategy, run (how often it was started) and sequence within the run. */
export function orderId(strategy: string, run: number, sequence: number): string {
  return `${strategy}-${run}-${sequence}`;
}

/** Ids of the orders that the desk derives from an entry. */
export const stopLossId = (entryId: string): string => `${entryId}.sl`;
export const takeProfitId = (entryId: string): string => `${entryId}.tp`;
export const layerId = (stackId: string, layer: number): string => `${stackId}.L${layer}`;
