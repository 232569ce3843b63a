/** What a strategy does about a difference between its book and its venue: the policy says halt, or nothing. */
import type { Difference } from '../domain/differences.ts';
import type { HaltRuleName } from '../domain/metrics.ts';
import type { HaltCauseView } from '../domain/risk-views.ts';
import type { NewCause } from './halts.ts';

/** The rule that such a halt goes by. */
const RECONCILIATION: HaltRuleName = 'reconciliation';

/** Undefined where nothing is to be halted, or is already for this. */
export function differenceCause(
  { kind, symbol, ours, theirs, policy }: Difference,
  settled: boolean,
  inForce: readonly HaltCauseView[],
): NewCause | undefined {
  if (settled || policy !== 'halt') return undefined;
  const reason = `${kind} ${symbol}: ours ${ours ?? 'none'}, the venue's ${theirs ?? 'none'}`;
  if (inForce.some((cause) => cause.rule === RECONCILIATION && cause.reason === reason)) return undefined;
  return { rule: RECONCILIATION, scope: 'strategy', reason, by: null };
}
