/**
 * The halt rules: what each one measures, against which reference, and when it halts. Money and
 * ratios halt when strictly greater than the limit, counts when they reach it.
 *
 * | rule               | formula                                     | reference                               |
 * |--------------------|---------------------------------------------|-----------------------------------------|
 * | maxDrawdown        | (reference − equity) / reference > limit    | peak, or start                          |
 * | maxDailyLoss       | reference − equity > limit                  | equity or balance at the day's start    |
 * |  with realizedOnly | reference − balance > limit                 | balance at the day's start              |
 * | maxDailyDrawdown   | (reference − equity) / reference > limit    | equity or balance at the day's start    |
 * | maxLosingStreak, maxRejections, maxClosesPerWindow | count ≥ limit | in the window               |
 */
import { Decimal, dec } from '../domain/decimal.ts';
import { ratio } from '../domain/ratio.ts';
import type { EpochMs } from '../domain/time.ts';
import { isCount, type CountRule, type DailyRule, type DrawdownRule, type HaltRule } from './halt-rule.ts';

/** Counts as they stand; `windowMs` absent means the trading day (for a streak: no bound). */
export interface Counts {
  losingStreak(now: EpochMs, windowMs?: number): number;
  rejections(now: EpochMs, windowMs?: number): number;
  closes(now: EpochMs, windowMs?: number): number;
}

/** Money that rules look at, in account currency. Undefined is unknown. A member may be a getter: what it throws counts against the rule. */
export interface RuleInputs {
  /** Engine time. */
  readonly now: EpochMs;
  readonly equity: Decimal | undefined;
  readonly balance: Decimal | undefined;
  /** Starting balance. */
  readonly start: Decimal;
  readonly peak: Decimal | undefined;
  /** Taken at the roll-over, before anything of the new day. */
  readonly day: { readonly equity: Decimal | undefined; readonly balance: Decimal | undefined };
  readonly counts: Counts;
  /** Why equity is unknown: `no mark for EURUSD`. */
  readonly missing?: string;
}

export interface Measured {
  readonly outcome: 'ok' | 'breach';
  /** A ratio, account money or a count; never negative. */
  readonly measured: Decimal;
  readonly limit: Decimal;
  /** In the names of `inputs`. */
  readonly formula: string;
  readonly inputs: Readonly<Record<string, Decimal>>;
}
export interface Uncomputable {
  readonly outcome: 'uncomputable';
  /** What is not known. */
  readonly missing: string;
}
export type Verdict = Measured | Uncomputable;

/** Judges one rule; exact, and without any effect. */
export function evaluateRule(rule: HaltRule, inputs: RuleInputs): Verdict {
  if (isCount(rule)) return judgeCount(rule, inputs);
  const terms = termsOf(rule, inputs);
  if (typeof terms === 'string') return { outcome: 'uncomputable', missing: terms };
  const { reference, value } = terms;
  const [referenceName, valueName] = namesOf(rule);
  const loss = reference.minus(value);
  const measured = isRatio(rule) ? ratio(loss, reference) : Decimal.max(loss, Decimal.ZERO).trimmed();
  return {
    outcome: measured.greaterThan(rule.limit) ? 'breach' : 'ok',
    measured,
    limit: rule.limit,
    formula: formulaOf(rule),
    inputs: { [referenceName]: reference.trimmed(), [valueName]: value.trimmed() },
  };
}

/** What a rule compares, in the names of its inputs: `(peak − equity) / peak > limit`. */
export function formulaOf(rule: HaltRule): string {
  if (isCount(rule)) return `${COUNTED[rule.rule][0]}${windowText(rule)} ≥ limit`;
  const [reference, value] = namesOf(rule);
  const difference = `${reference} − ${value}`;
  return `${isRatio(rule) ? `(${difference}) / ${reference}` : difference} > limit`;
}

const isRatio = ({ rule }: DrawdownRule | DailyRule): boolean => rule !== 'maxDailyLoss';

/** Both sides of a loss. */
interface Terms {
  readonly reference: Decimal;
  readonly value: Decimal;
}

/** The terms of a money or ratio rule, or in words what is not known. */
export function termsOf(rule: DrawdownRule | DailyRule, inputs: RuleInputs): Terms | string {
  const [name, valueName] = namesOf(rule);
  const reference = referenceOf(rule, inputs);
  const value = inputs[valueName];
  if (value === undefined) return `${valueName} is unknown${inputs.missing === undefined ? '' : `: ${inputs.missing}`}`;
  return reference === undefined ? `${name} is unknown` : { reference, value };
}

/** Of the reference and of what is compared with it. */
function namesOf(rule: DrawdownRule | DailyRule): readonly [string, 'equity' | 'balance'] {
  if (rule.rule === 'maxDrawdown') return [rule.basis, 'equity'];
  if (rule.rule === 'maxDailyLoss' && rule.realizedOnly) return ['dayStartBalance', 'balance'];
  return [rule.basis === 'balance' ? 'dayStartBalance' : 'dayStartEquity', 'equity'];
}

function referenceOf(rule: DrawdownRule | DailyRule, inputs: RuleInputs): Decimal | undefined {
  if (rule.rule === 'maxDrawdown') return rule.basis === 'peak' ? inputs.peak : inputs.start;
  return rule.basis === 'balance' || rule.realizedOnly ? inputs.day.balance : inputs.day.equity;
}

const COUNTED = {
  maxLosingStreak: ['losingStreak', 'losing closes in a row'],
  maxRejections: ['rejections', 'rejections'],
  maxClosesPerWindow: ['closes', 'closes'],
} as const satisfies Record<CountRule['rule'], readonly [keyof Counts, string]>;

/** What a count rule counts, as it stands. */
export function countOf({ rule, windowMs }: CountRule, { counts, now }: RuleInputs): number {
  const [name] = COUNTED[rule];
  return counts[name](now, windowMs);
}

function judgeCount(rule: CountRule, inputs: RuleInputs): Measured {
  const [name] = COUNTED[rule.rule];
  const measured = dec(countOf(rule, inputs));
  return {
    outcome: measured.lessThan(rule.limit) ? 'ok' : 'breach',
    measured,
    limit: rule.limit,
    formula: formulaOf(rule),
    inputs: { [name]: measured },
  };
}

function windowText({ rule, windowMs }: CountRule): string {
  if (windowMs !== undefined) return ` within ${windowMs} ms`;
  return rule === 'maxLosingStreak' ? '' : ' today';
}

/** The name that people know a rule by: `maxDrawdown`, `book.maxDailyLoss`. */
export const ruleName = ({ rule, scope }: HaltRule): string => (scope === 'book' ? `book.${rule}` : rule);

/** What the rule is measured from, where it has a choice. */
export const basisOf = (rule: HaltRule): string | undefined =>
  isCount(rule) ? undefined : rule.rule !== 'maxDrawdown' && rule.realizedOnly ? 'realized' : rule.basis;

/** A breach in a sentence with its figures. */
export function reasonOf(rule: HaltRule, { measured, limit, formula, inputs }: Measured): string {
  if (isCount(rule))
    return `${measured.toString()} ${COUNTED[rule.rule][1]}${windowText(rule)} reach the limit of ${limit.toString()}`;
  const figures = Object.entries(inputs).map(([name, value]) => `${name} ${value.toString()}`);
  const [left] = formula.split(' > ');
  return `${ruleName(rule)}: ${left} = ${measured.toString()} is over the limit of ${limit.toString()} (${figures.join(', ')})`;
}
