/** Pieces that the schemas of the configuration are put together from. `expect` says in words what a value must be. */
import { Type, type Static, type TSchema } from 'typebox';

interface Bounds {
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** A word that may stand in place of the number. */
  readonly or?: string;
}

/** A decimal, written as a number or as text; checked by the `decimal` keyword of `checks.ts`. */
export const decimal = (expect: string, bounds: Bounds = {}) =>
  Type.Unsafe<number | string>({ decimal: bounds, expect });

export const text = (expect: string, format?: string) =>
  Type.String(format === undefined ? { minLength: 1, expect } : { format, expect });
export const integer = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, expect: `a whole number from ${minimum} to ${maximum}` });
export const share = () => Type.Number({ minimum: 0, maximum: 1, expect: 'a share from 0 to 1' });
export const words = <const T extends readonly string[]>(...values: T) =>
  Type.Unsafe<T[number]>({ enum: values, expect: `one of ${values.join(', ')}` });
export const list = <T extends TSchema>(items: T) => Type.Array(items, { expect: 'a list' });
export const section = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, expect: 'a map of keys' });
export const named = <T extends TSchema>(pattern: string, expectName: string, value: T) =>
  Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    propertyNames: { pattern, expect: expectName },
    additionalProperties: value,
    expect: 'a map of names',
  });

export const NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$';
export const NAME_WORDS = 'a name of letters, digits, _ and -, at most 64';
export const SYMBOL = '^[A-Za-z0-9][A-Za-z0-9._#-]{0,31}$';

export const money = () => decimal('an amount greater than 0', { above: 0 });
export const positive = () => decimal('a number greater than 0', { above: 0 });
export const count = () => integer(1, 1_000_000);
export const duration = () => text('a duration such as 30s, 15m or 8h', 'duration');

/** A union told apart by one member; errors then speak of the branch that was meant. */
export const taggedBy = <T extends TSchema[]>(propertyName: string, ...branches: T) =>
  Type.Unsafe<Static<T[number]>>({
    type: 'object',
    discriminator: { propertyName },
    oneOf: branches,
    expect: `a map with ${propertyName}`,
  });
