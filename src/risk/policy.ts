/** The policy in force for a strategy, as it can be read: the stages of the gate, and the halt rules. */
import type { HaltRuleView, RiskView } from '../domain/risk-views.ts';
import { isCount, type HaltRule } from './halt-rule.ts';
import { basisOf, formulaOf, ruleName } from './halt-rules.ts';
import type { GateLimits } from './limits.ts';
import { STAGES, type Stage } from './stages.ts';

/** @param rules the strategy's own, then those of the book */
export function policyOf(strategy: string, limits: GateLimits, rules: readonly HaltRule[]): RiskView {
  return {
    strategy,
    gate: STAGES.map(({ code, sparesReducing, cap }: Stage) => ({
      code,
      sparesReducing,
      ...(cap !== undefined && { cap, value: limits[cap] ?? null }),
    })),
    halt: rules.map(ruleView),
  };
}

function ruleView(rule: HaltRule): HaltRuleView {
  const basis = basisOf(rule);
  const { scope, limit, onBreach } = rule;
  const windowMs = isCount(rule) ? rule.windowMs : undefined;
  const autoResume = 'autoResume' in rule ? rule.autoResume : undefined;
  return {
    rule: ruleName(rule),
    scope,
    ...(basis !== undefined && { basis }),
    formula: formulaOf(rule),
    limit,
    ...(windowMs !== undefined && { windowMs }),
    onBreach,
    ...(autoResume !== undefined && { autoResume }),
  };
}
