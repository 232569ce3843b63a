/** Reading the members of a request, refusing each that is not what it should be. */
import { Decimal, dec } from '../domain/decimal.ts';
import { invalid } from './answers.ts';

export type Members = Readonly<Record<string, unknown>>;

/** A number, or a text that is one; undefined: absent or null. */
export function decimalOf(members: Members, name: string): Decimal | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  const read =
    typeof value === 'number' && Number.isFinite(value)
      ? dec(value)
      : typeof value === 'string'
        ? Decimal.parse(value)
        : undefined;
  if (read === undefined) throw invalid(`${name} must be a number`);
  return read;
}

/** @throws Refused when it is absent, as well */
export function neededDecimal(members: Members, name: string): Decimal {
  return decimalOf(members, name) ?? missing(name);
}

/** A whole number within bounds, or a text that is one; undefined: absent or null. */
export function integerOf(
  members: Members,
  name: string,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = decimalOf(members, name)?.toNumber();
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return value;
  throw invalid(`${name} must be a whole number from ${min} to ${max}`);
}

export function neededInteger(members: Members, name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
  return integerOf(members, name, min, max) ?? missing(name);
}

export function textOf(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${name} must be a string`);
  return value;
}

export function neededText(members: Members, name: string): string {
  const text = textOf(members, name);
  return text === undefined || text === '' ? missing(name) : text;
}

/** One of some words, whatever their case. */
export function wordOf<const T extends readonly string[]>(
  members: Members,
  name: string,
  words: T,
): T[number] | undefined {
  const text = textOf(members, name);
  if (text === undefined) return undefined;
  const word = words.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word === undefined) throw invalid(`${name} must be one of ${words.join(', ')}`);
  return word;
}

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** An ISO time in milliseconds; one without a zone is UTC. */
function neededTime(members: Members, name: string): number {
  const text = neededText(members, name);
  const [, hasTime, , , zone] = ISO.exec(text) ?? [undefined, 'none'];
  const whole = hasTime === undefined ? `${text}T00:00Z` : zone === undefined ? `${text}Z` : text;
  const time = hasTime === 'none' ? Number.NaN : Date.parse(whole.replace(' ', 'T'));
  if (Number.isNaN(time)) throw invalid(`${name} must be an ISO 8601 time`);
  return time;
}

const MONTH_MS = 31 * 86_400_000;

/** The two ends of a stretch of time, the first before the second. @param withinMonth 31 days at most */
export function neededSpan(
  members: Members,
  from: string,
  to: string,
  withinMonth: boolean,
): readonly [number, number] {
  const span = [neededTime(members, from), neededTime(members, to)] as const;
  if (span[0] >= span[1]) throw invalid(`${from} must be before ${to}`);
  if (withinMonth && span[1] - span[0] > MONTH_MS) throw invalid(`${from} to ${to} must be 31 days at most`);
  return span;
}

function missing(name: string): never {
  throw invalid(`${name} is required`);
}
