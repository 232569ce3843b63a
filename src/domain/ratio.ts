/** The one division that ledger, rules and gate use. */
import { Decimal } from './decimal.ts';

/** `part / whole` rounded half-even to 8 places; 0 when the whole is not positive, and never negative. */
export function ratio(part: Decimal, whole: Decimal): Decimal {
  return whole.sign() <= 0 || part.sign() <= 0 ? Decimal.ZERO : part.dividedBy(whole);
}
