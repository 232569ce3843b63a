/** Holds what a gateway answered against a schema; what does not fit is told by the member's name. */
import { Ajv, type ErrorObject } from 'ajv';
import { Type, type Static, type TSchema } from 'typebox';
import { Decimal } from '../../domain/decimal.ts';
import type { EpochMs } from '../../domain/time.ts';
import { VALIDATOR_CODE } from '../../domain/validator-code.ts';

/** What was answered cannot be read; the message says which member of it and why. */
export class Unreadable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unreadable';
  }
}

type Numeric = number | string;

/** A number, or a text that is one. */
export const amount = () => Type.Unsafe<Numeric>({ amount: {} });
/** The same, absent or null as well. */
export const maybeAmount = () => Type.Optional(Type.Unsafe<Numeric | null>({ amount: { orNull: true } }));
/** A number that a double holds exactly, such as a ticket. */
export const whole = () => Type.Unsafe<Numeric>({ whole: {} });
export const maybeWhole = () => Type.Optional(Type.Unsafe<Numeric | null>({ whole: { orNull: true } }));
export const text = () => Type.String();
export const maybeText = () => Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'] }));
export const maybeFlag = () => Type.Optional(Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] }));

interface Numbers {
  readonly orNull?: true;
}

const LONGEST_NUMBER = 40;
/** Nothing in trading is that large or small. */
const HUGE_EXPONENT = /e[+-]?\d{3}/i;

function decimalIn(text: unknown): Decimal | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_NUMBER || HUGE_EXPONENT.test(text)) return undefined;
  return Decimal.parse(text);
}

function isAmount({ orNull }: Numbers, data: unknown): boolean {
  if (typeof data === 'number') return Number.isFinite(data);
  return (data === null && orNull === true) || decimalIn(data) !== undefined;
}

function isWhole({ orNull }: Numbers, data: unknown): boolean {
  if (typeof data === 'number') return Number.isSafeInteger(data);
  if (data === null) return orNull === true;
  const read = decimalIn(data);
  return read !== undefined && read.scale === 0 && Number.isSafeInteger(read.toNumber());
}

const ajv = new Ajv({ code: VALIDATOR_CODE, verbose: true, allowUnionTypes: true });
ajv.addKeyword({ keyword: 'amount', schemaType: 'object', validate: isAmount, errors: false });
ajv.addKeyword({ keyword: 'whole', schemaType: 'object', validate: isWhole, errors: false });

/**
 * A reader of values of that shape.
 * @returns a function that passes a value through as what it is, and throws Unreadable for one that does not fit
 */
export function shaped<T extends TSchema>(schema: T): (value: unknown) => Static<T> {
  const validate = ajv.compile<Static<T>>(schema);
  return (value) => {
    if (validate(value)) return value;
    throw new Unreadable(reasonOf(validate.errors![0]!));
  };
}

function reasonOf({ instancePath, keyword, params, data }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') {
    const missing = String(params['missingProperty']);
    return `${path === '' ? missing : `${path}.${missing}`} is missing`;
  }
  const name = path === '' ? 'the answer' : path;
  const wanted = { amount: 'a number', whole: 'a whole number' }[keyword] ?? wordsFor(params['type']);
  return `${name} is not ${wanted}: ${shown(data)}`;
}

const WORDS: Readonly<Record<string, string>> = { string: 'a text', array: 'a list', object: 'an object' };

function wordsFor(type: unknown): string {
  const first: unknown = Array.isArray(type) ? type[0] : type;
  return WORDS[String(first)] ?? String(first);
}

function shown(data: unknown): string {
  const json = JSON.stringify(data) ?? 'undefined';
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}

/** A magic number as others may choose it, of 64 bits: none of those that a double does not hold is ours. */
export function magicOf(value: Numeric): number {
  const read = Decimal.of(value).toNumber();
  return Number.isSafeInteger(read) ? read : NOBODYS;
}
const NOBODYS = -1;

/** Of a member that a schema has checked. */
export const decimal = (value: Numeric): Decimal => Decimal.of(value);
/** Of a whole number that a schema has checked. */
export const integer = (value: Numeric): number => (typeof value === 'number' ? value : Decimal.of(value).toNumber());
export const maybeInteger = (value: Numeric | null | undefined): number | undefined =>
  value === null || value === undefined ? undefined : integer(value);
export const zeroIfNone = (value: Numeric | null | undefined): Decimal =>
  value === null || value === undefined ? Decimal.ZERO : Decimal.of(value);
/** Zero, which is how MT5 says none, is undefined. */
export function present(value: Numeric | null | undefined): Decimal | undefined {
  const read = zeroIfNone(value);
  return read.isZero() ? undefined : read;
}

/** The members of an object; of anything else there are none. */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** An ISO time; one without a zone is UTC. @throws Unreadable */
export function isoTime(value: string, name: string): EpochMs {
  const time = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`);
  if (Number.isNaN(time)) throw new Unreadable(`${name} is not a time: ${shown(value)}`);
  return time;
}
