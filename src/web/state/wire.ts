/** The daemon's views as JSON brings them here. */
import type { Decimal } from '../../domain/decimal.ts';

/** Decimals come as plain numbers. */
export type Wire<T> = T extends Decimal
  ? number
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T;
