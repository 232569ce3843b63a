/**
 * The equity below which rules must be looked at exactly: what keeps the tick path cheap. It errs
 * only towards looking once too often.
 */
import { Decimal } from '../domain/decimal.ts';
import { isCount, type DailyRule, type DrawdownRule, type HaltRule } from './halt-rule.ts';
import { termsOf, type RuleInputs } from './halt-rules.ts';

/** Equity closer to the threshold than this share of the reference is looked at: doubles and 8-place ratios are no closer. */
const TOLERANCE = 1e-8;

export class LookThreshold {
  readonly #rules: readonly HaltRule[];
  #below = Infinity;
  /** The highest threshold of the rules, as they were armed. */
  #armed = Infinity;
  #slack = 0;
  /** Followed here, in doubles; Infinity when no rule is on the peak. */
  #peak = Infinity;
  /** Share of the peak at which the tightest rule on it trips. */
  #share = 0;

  constructor(rules: readonly HaltRule[]) {
    this.#rules = rules;
  }

  needsLook(equity: number): boolean {
    if (equity > this.#peak) {
      this.#peak = equity;
      this.#update();
    }
    return !(equity > this.#below);
  }

  /** Takes references and limits from exact figures, for the rules that are `watched`. */
  arm(inputs: RuleInputs, watched: (rule: HaltRule) => boolean): void {
    this.#armed = -Infinity;
    this.#slack = 0;
    this.#peak = Infinity;
    this.#share = 0;
    for (const rule of this.#rules) {
      if (isCount(rule) || (rule.rule === 'maxDailyLoss' && rule.realizedOnly) || !watched(rule)) continue;
      const reference = referenceOf(rule, inputs);
      // The first equity that is known again may be a breach.
      if (reference === undefined) return this.disarm();
      this.#include(rule, reference);
    }
    this.#update();
  }

  /** Everything needs a look until it is armed again. */
  disarm(): void {
    this.#below = Infinity;
    this.#peak = Infinity;
  }

  #include(rule: DrawdownRule | DailyRule, reference: Decimal): void {
    const isRatio = rule.rule !== 'maxDailyLoss';
    if (isRatio && reference.sign() <= 0) return;
    const allowed = isRatio ? rule.limit.times(reference) : rule.limit;
    this.#armed = Math.max(this.#armed, reference.minus(allowed).toNumber());
    this.#slack = Math.max(this.#slack, (Math.abs(reference.toNumber()) + allowed.toNumber()) * TOLERANCE);
    if (rule.rule !== 'maxDrawdown' || rule.basis !== 'peak') return;
    this.#peak = reference.toNumber();
    this.#share = Math.max(this.#share, Decimal.ONE.minus(rule.limit).toNumber());
  }

  #update(): void {
    const onPeak = this.#peak === Infinity ? -Infinity : this.#peak * this.#share + this.#peak * TOLERANCE;
    this.#below = Math.max(this.#armed + this.#slack, onPeak);
  }
}

/** Undefined where the rule cannot be computed now, or throws. */
function referenceOf(rule: DrawdownRule | DailyRule, inputs: RuleInputs): Decimal | undefined {
  try {
    const terms = termsOf(rule, inputs);
    return typeof terms === 'string' ? undefined : terms.reference;
  } catch {
    return undefined;
  }
}
