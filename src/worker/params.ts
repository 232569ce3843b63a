/** A run's parameters: the definition's defaults, with what the command line or the configuration overrides. */
import { Decimal } from '../domain/decimal.ts';
import { QktError } from '../errors.ts';
import type { WireDefinition, WireParam } from './protocol.ts';
import { nearest, show } from './shape.ts';
import { locateMember, type SourceFile } from './source.ts';

export type ParamValue = number | string | boolean;

/**
 * Checks type and bounds of every override; text is read as the parameter's type, as the command line gives it.
 * @param source given, errors carry the line and column of the declaration.
 * @throws QktError `QKT_E_PARAM` that names the parameter, its bound and the value.
 */
export function resolveParams(
  definition: Pick<WireDefinition, 'name' | 'params'>,
  overrides: Readonly<Record<string, unknown>>,
  source?: SourceFile,
): Readonly<Record<string, ParamValue>> {
  const names = definition.params.map(({ name }) => name);
  for (const name of Object.keys(overrides))
    if (!names.includes(name)) throw unknownParam(definition.name, name, names);
  const entries = definition.params.map((declared): [string, ParamValue] => {
    const value = Object.hasOwn(overrides, declared.name) ? overrides[declared.name] : undefined;
    if (value === undefined) return [declared.name, declared.default];
    const read = readParam(declared, value);
    if (typeof read !== 'object') return [declared.name, read];
    const location = source === undefined ? {} : { location: locateMember(source, `params.${declared.name}`) };
    throw new QktError('QKT_E_PARAM', `parameter ${declared.name} ${read.problem}`, location);
  });
  return Object.freeze(Object.fromEntries(entries));
}

function unknownParam(strategy: string, name: string, names: readonly string[]): QktError {
  const near = nearest(name, names);
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : names.length === 0
        ? 'it has no parameters'
        : `it has ${names.join(', ')}`;
  const candidates = near === undefined ? names : [near];
  return new QktError('QKT_E_PARAM', `strategy ${strategy} has no parameter ${name}; ${hint}`, { candidates });
}

interface Refused {
  readonly problem: string;
}

function readParam(declared: WireParam, value: unknown): ParamValue | Refused {
  switch (declared.kind) {
    case 'integer':
    case 'decimal':
      return readNumber(declared, value);
    case 'boolean':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      return { problem: `must be true or false, not ${show(value)}` };
    case 'string':
      return typeof value === 'string' ? value : { problem: `must be text, not ${show(value)}` };
    default:
      if (typeof value === 'string' && declared.options?.includes(value) === true) return value;
      return { problem: `must be one of ${(declared.options ?? []).join(', ')}, not ${show(value)}` };
  }
}

function readNumber({ kind, min, max }: WireParam, value: unknown): number | Refused {
  const parsed =
    typeof value === 'number' && Number.isFinite(value)
      ? Decimal.of(value)
      : typeof value === 'string' && value.length <= 64
        ? Decimal.parse(value)
        : undefined;
  const number = parsed?.toNumber() ?? NaN;
  if (!Number.isFinite(number)) return { problem: `must be a number, not ${show(value)}` };
  if (kind === 'integer' && !Number.isSafeInteger(number))
    return { problem: `must be a whole number, not ${show(value)}` };
  if (min !== undefined && number < min) return { problem: `must be at least ${min} (min), not ${show(value)}` };
  if (max !== undefined && number > max) return { problem: `must be at most ${max} (max), not ${show(value)}` };
  return number;
}
