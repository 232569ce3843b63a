/**
 * Spares the judgements whose outcome is certain: rules are judged every second, and most seconds are like the
 * one before. A look that found every rule computable and unbroken is remembered; as long as nothing that rules
 * are measured by has changed since but equity, and equity stays above the threshold that was armed at that look,
 * another look would find the same. It errs only towards looking once too often.
 */
import type { Decimal } from '../domain/decimal.ts';
import { isCount, type CountRule, type HaltRule } from './halt-rule.ts';
import { countOf, type RuleInputs } from './halt-rules.ts';

/** What equity is measured against, and how far each count had come. */
interface Seen {
  readonly balance: Decimal | undefined;
  readonly start: Decimal;
  readonly peak: Decimal | undefined;
  readonly day: RuleInputs['day'];
  readonly counts: readonly number[];
}

export class Calm {
  readonly #counted: readonly CountRule[];
  #seen: Seen | undefined;

  constructor(rules: readonly HaltRule[]) {
    this.#counted = rules.filter(isCount);
  }

  /** After a look that found nothing: no rule breached, uncomputable or failing. */
  begin(inputs: RuleInputs): void {
    this.#seen = readable(() => {
      const { balance, start, peak, day } = inputs;
      return { balance, start, peak, day, counts: this.#counted.map((rule) => countOf(rule, inputs)) };
    });
  }

  end(): void {
    this.#seen = undefined;
  }

  /** The equity, where it is all that may have changed since; undefined where another look is needed. */
  equityAt(inputs: RuleInputs): number | undefined {
    const seen = this.#seen;
    if (seen === undefined) return undefined;
    return readable(() => (this.#isAsSeen(inputs, seen) ? inputs.equity?.toNumber() : undefined));
  }

  #isAsSeen(inputs: RuleInputs, seen: Seen): boolean {
    return (
      isSame(inputs.balance, seen.balance) &&
      isSame(inputs.start, seen.start) &&
      isSame(inputs.peak, seen.peak) &&
      isSame(inputs.day.equity, seen.day.equity) &&
      isSame(inputs.day.balance, seen.day.balance) &&
      // A count that was under its limit is so while it does not grow.
      this.#counted.every((rule, index) => countOf(rule, inputs) <= seen.counts[index]!)
    );
  }
}

/** What an input throws counts against the rule that reads it: that is for a look to find. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const isSame = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.equals(b));
