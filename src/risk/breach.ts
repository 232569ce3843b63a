/** What a tripped rule tells: everything that a halt record says about its rule. */
import type { Decimal } from '../domain/decimal.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { HaltRule, Scope } from './halt-rule.ts';
import { basisOf, reasonOf, ruleName, type Measured } from './halt-rules.ts';

/** `failed`: the rule threw again and again. `uncomputable`: it could not be computed for too long. */
export type BreachKind = 'breach' | 'failed' | 'uncomputable';

/** Members are named as in the halt record (`HaltCauseView`). */
export interface Breach {
  readonly ruleId: string;
  readonly kind: BreachKind;
  /** The rule's name, or `UNCOMPUTABLE`. */
  readonly rule: string;
  readonly scope: Scope;
  readonly basis?: string;
  readonly reason: string;
  readonly since: string;
  readonly formula?: string;
  readonly inputs?: Readonly<Record<string, Decimal>>;
  readonly measured: Decimal | null;
  readonly limit: Decimal;
  /** `flatten` only for a real breach: what is not known is not acted upon. */
  readonly onBreach: 'hold' | 'flatten';
  readonly autoResume?: 'nextDay';
}

/** The rule was evaluated, and is over its limit. */
export function breachOf(rule: HaltRule, verdict: Measured, now: EpochMs): Breach {
  const { formula, inputs, measured } = verdict;
  const autoResume = 'autoResume' in rule ? rule.autoResume : undefined;
  return {
    ...about(rule, 'breach', now),
    reason: reasonOf(rule, verdict),
    formula,
    inputs,
    measured,
    onBreach: rule.onBreach,
    ...(autoResume !== undefined && { autoResume }),
  };
}

/** The rule threw each time. @param failures in a row */
export function failureOf(rule: HaltRule, failures: number, error: unknown, now: EpochMs): Breach {
  const why = error instanceof Error ? error.message : String(error);
  return {
    ...about(rule, 'failed', now),
    reason: `${ruleName(rule)} could not be evaluated: ${failures} consecutive failures, the last: ${why}`,
  };
}

/** What the rule needs was not known. @param ms for how long @param missing in words, what it needs */
export function uncomputableOf(rule: HaltRule, ms: number, missing: string, now: EpochMs): Breach {
  return {
    ...about(rule, 'uncomputable', now),
    rule: 'UNCOMPUTABLE',
    reason: `${ruleName(rule)} could not be computed for ${Math.round(ms / 1000)} s: ${missing}`,
  };
}

function about(rule: HaltRule, kind: BreachKind, now: EpochMs) {
  const basis = basisOf(rule);
  return {
    ruleId: rule.id,
    kind,
    rule: ruleName(rule),
    scope: rule.scope,
    ...(basis !== undefined && { basis }),
    since: iso(now),
    measured: null,
    limit: rule.limit,
    onBreach: 'hold',
  } as const;
}
