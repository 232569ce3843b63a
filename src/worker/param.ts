/** Declares parameters: default and bounds, checked at once, overridden by `--param` or the configuration. */
import { Decimal } from '../domain/decimal.ts';
import type { Num } from './api-types.ts';
import type { BooleanParam, NumberParam, OneOfParam, Param, StringParam } from './definition-types.ts';
import { isPlainObject, memberError, shapeError, show } from './shape.ts';

function toNumber(what: string, value: unknown): number {
  const number =
    typeof value === 'string' ? (Decimal.parse(value)?.toNumber() ?? NaN) : typeof value === 'number' ? value : NaN;
  if (!Number.isFinite(number)) throw shapeError(`${what} must be a number, not ${show(value)}`);
  return number;
}

function numeric(
  kind: 'integer' | 'decimal',
  fallback: unknown,
  bounds: { readonly min?: Num; readonly max?: Num },
): NumberParam {
  const read = (what: string, value: unknown): number => {
    const number = toNumber(`param.${kind}: ${what}`, value);
    if (kind === 'integer' && !Number.isSafeInteger(number))
      throw shapeError(`param.integer: ${what} must be a whole number, not ${number}`);
    return number;
  };
  if (bounds === null || typeof bounds !== 'object') throw shapeError(`param.${kind}: bounds are written { min, max }`);
  const unknown = Object.keys(bounds).find((key) => key !== 'min' && key !== 'max');
  if (unknown !== undefined) throw shapeError(`param.${kind}: unknown bound ${show(unknown)}; there are min and max`);

  const standard = read('the default', fallback);
  const min = bounds.min === undefined ? undefined : read('min', bounds.min);
  const max = bounds.max === undefined ? undefined : read('max', bounds.max);
  if (min !== undefined && max !== undefined && min > max)
    throw shapeError(`param.${kind}: min ${min} is above max ${max}`);
  if (min !== undefined && standard < min)
    throw shapeError(`param.${kind}: the default ${standard} is below min ${min}`);
  if (max !== undefined && standard > max)
    throw shapeError(`param.${kind}: the default ${standard} is above max ${max}`);
  return Object.freeze({
    kind,
    default: standard,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  });
}

/** Each throws `QKT_E_STRATEGY_SHAPE` when its default does not suit its own kind and bounds. */
export const param = Object.freeze({
  /** A whole number; bounds are included. */
  integer: (fallback: number, bounds: { readonly min?: number; readonly max?: number } = {}): NumberParam =>
    numeric('integer', fallback, bounds),

  /** Any finite number, or decimal text; bounds are included. The strategy gets a number. */
  decimal: (fallback: Num, bounds: { readonly min?: Num; readonly max?: Num } = {}): NumberParam =>
    numeric('decimal', fallback, bounds),

  boolean(fallback: boolean): BooleanParam {
    if (typeof fallback !== 'boolean')
      throw shapeError(`param.boolean: the default must be true or false, not ${show(fallback)}`);
    return Object.freeze({ kind: 'boolean', default: fallback });
  },

  string(fallback: string): StringParam {
    if (typeof fallback !== 'string') throw shapeError(`param.string: the default must be text, not ${show(fallback)}`);
    return Object.freeze({ kind: 'string', default: fallback });
  },

  /** One of a few words: `param.oneOf('close', ['close', 'mid'])`. */
  oneOf<const O extends string>(fallback: NoInfer<O>, options: readonly O[]): OneOfParam<O> {
    if (!Array.isArray(options) || options.length === 0 || options.some((option) => typeof option !== 'string'))
      throw shapeError('param.oneOf: the options must be a list of words');
    if (!options.includes(fallback))
      throw shapeError(`param.oneOf: the default ${show(fallback)} is none of ${options.map(show).join(', ')}`);
    return Object.freeze({ kind: 'oneOf', default: fallback, options: Object.freeze([...options]) });
  },
});

/** The declaration `params.<name>` as it would be had it been made here; one that is not of `param.*` is refused. */
export function checkedParam(member: string, value: unknown): Param {
  const item = isPlainObject(value) ? value : {};
  const bounds = {
    ...(item.min === undefined ? {} : { min: item.min }),
    ...(item.max === undefined ? {} : { max: item.max }),
  };
  switch (item.kind) {
    case 'integer':
    case 'decimal':
      return numeric(item.kind, item.default, bounds as { readonly min?: Num; readonly max?: Num });
    case 'boolean':
      return param.boolean(item.default as boolean);
    case 'string':
      return param.string(item.default as string);
    case 'oneOf':
      return param.oneOf(item.default as string, item.options as readonly string[]);
    default:
      throw memberError(
        member,
        'must be made with param.integer, param.decimal, param.boolean, param.string or param.oneOf',
      );
  }
}
