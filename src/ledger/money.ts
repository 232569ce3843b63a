/** Conversion into account currency: at a stated rate, or not at all. */
import type { Decimal } from '../domain/decimal.ts';

/**
 * How an amount of one currency becomes account money. `direct` multiplies by the price of
 * FROM/ACCOUNT; `inverse` divides by the price of ACCOUNT/FROM, half-even to 8 places.
 */
export type Rate =
  | { readonly kind: 'same' }
  | { readonly kind: 'direct'; readonly price: Decimal }
  | { readonly kind: 'inverse'; readonly price: Decimal };

export const SAME: Rate = { kind: 'same' };

/** `undefined` stays undefined: a native amount is never passed off as account money. */
export function convert(amount: Decimal, rate: Rate | undefined): Decimal | undefined {
  if (rate === undefined) return undefined;
  if (rate.kind === 'same') return amount;
  if (rate.kind === 'direct') return amount.times(rate.price);
  return rate.price.isZero() ? undefined : amount.dividedBy(rate.price);
}

/** What an amount of 1 is worth in account money, for approximate uses (the author's `unrealized`). */
export function unitRate(rate: Rate | undefined): number | null {
  if (rate === undefined) return null;
  return rate.kind === 'same' ? 1 : rate.kind === 'direct' ? rate.price.toNumber() : 1 / rate.price.toNumber();
}
