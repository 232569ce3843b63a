/** How much of each halt rule is used and what remains, as a share, in money and in time. */
import { Decimal } from '../domain/decimal.ts';
import type { HeadroomView } from '../domain/risk-views.ts';
import { isCount, type HaltRule } from './halt-rule.ts';
import { basisOf, evaluateRule, ruleName, termsOf, type RuleInputs } from './halt-rules.ts';

/**
 * One rule's headroom; what is not known is null. `pace` is how fast equity moves lately, in account
 * money per millisecond: with it, and only while equity falls, the time to the breach is projected.
 */
export function headroom(rule: HaltRule, inputs: RuleInputs, pace?: number): HeadroomView {
  const verdict = evaluateRule(rule, inputs);
  const basis = basisOf(rule);
  const view = { rule: ruleName(rule), ...(basis !== undefined && { basis }), limit: rule.limit };
  if (verdict.outcome === 'uncomputable') return { ...view, used: null, remaining: null, remainingMoney: null };
  const used = verdict.measured;
  const remaining = notNegative(rule.limit.minus(used));
  const money = moneyOf(rule, inputs);
  if (money === undefined) return { ...view, used, remaining, remainingMoney: null };
  const breachInMs = pace === undefined || basis === 'realized' ? undefined : timeTo(money.distance, pace);
  return {
    ...view,
    used,
    remaining,
    remainingMoney: notNegative(Decimal.min(money.distance, money.allowed)),
    ...(breachInMs !== undefined && { breachInMs }),
  };
}

/** What the limit allows to lose from the reference, and how far above that floor the value is now. */
function moneyOf(rule: HaltRule, inputs: RuleInputs): { allowed: Decimal; distance: Decimal } | undefined {
  if (isCount(rule)) return undefined;
  const terms = termsOf(rule, inputs);
  if (typeof terms === 'string') return undefined;
  const { reference, value } = terms;
  const allowed = rule.rule === 'maxDailyLoss' ? rule.limit : rule.limit.times(notNegative(reference));
  return { allowed, distance: value.minus(reference.minus(allowed)) };
}

function timeTo(distance: Decimal, pace: number): number | undefined {
  const money = distance.toNumber();
  return pace < 0 && money > 0 ? Math.round(money / -pace) : undefined;
}

const notNegative = (value: Decimal): Decimal => Decimal.max(value, Decimal.ZERO).trimmed();
