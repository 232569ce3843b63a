/** What a halt or a flatten has left behind, as long as it is there. */
import type { StrategyFacts } from '../../alerts/facts.ts';
import type { StatusView } from '../../domain/status-views.ts';
import { isAbout } from '../left-behind.ts';
import type { StrategyRuntime } from '../strategy-runtime.ts';

export function leftOf(runtime: StrategyRuntime, status: StatusView): Pick<StrategyFacts, 'haltLeft' | 'flattenLeft'> {
  const { haltLeft, stop } = runtime.actor.snapshot().context;
  const { state, positions, riskState, orders } = status;
  const stopFailed = stop !== null && stop.flatten && stop.endedAt !== null && !stop.flattened;
  // While it is being halted or stopped the time for it is not over.
  const haltFailed = state === 'halted' && riskState.causes.some(({ onBreach }) => onBreach === 'flatten');
  const open = positions.map(({ symbol, qty }) => `${symbol} ${qty.toString()}`);
  return {
    haltLeft: state === 'halted' ? haltLeft.filter((line) => orders.some(({ id }) => isAbout(line, id))) : [],
    flattenLeft: stopFailed || haltFailed ? open : null,
  };
}
