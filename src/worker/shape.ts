/** Checks on what authors write as plain objects; every refusal names the member. */
import { closest, distance } from 'fastest-levenshtein';
import { QktError, type ErrorCode } from '../errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Names close enough to be what was meant; none when nothing is. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(name, known);
  return distance(name, best) <= Math.max(2, Math.floor(best.length / 2)) ? best : undefined;
}

/** `; did you mean "x"?`, or the list of what there is. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `; did you mean ${JSON.stringify(near)}?`;
  return known.length === 0 ? '; there are none' : `; there are ${known.join(', ')}`;
}

/** A value as an error message shows it: short, and never itself a cause of failure. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined) return 'missing';
  if (typeof value === 'bigint') return `${value}n`;
  return Array.isArray(value) ? 'a list' : `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`;
}

/**
 * An error about a member that the stack alone does not lead to. `anchor` is the way there by name,
 * such as `streams.eur.bars`, so that its line can be found in the author's file.
 */
export class AnchoredError extends QktError {
  readonly anchor: string;

  constructor(code: ErrorCode, text: string, anchor: string) {
    super(code, text);
    this.anchor = anchor;
  }
}

export const shapeError = (text: string): QktError => new QktError('QKT_E_STRATEGY_SHAPE', text);

/** `<member> <problem>`, said of that member. */
export const memberError = (member: string, problem: string): AnchoredError =>
  new AnchoredError('QKT_E_STRATEGY_SHAPE', `${member} ${problem}`, member);

/** Any object that is no list. */
export function isPlainObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws AnchoredError that names the member where it is no object */
export function asFields(member: string, value: unknown): Fields {
  if (!isPlainObject(value)) throw memberError(member, `must be an object, not ${show(value)}`);
  return value;
}

/** @param member path of the object; empty for the definition itself. */
export function onlyKeys(member: string, value: Fields, known: readonly string[]): void {
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd === undefined) return;
  const text = `${member === '' ? 'the strategy' : member} has an unknown member ${show(odd)}${suggest(odd, known)}`;
  throw new AnchoredError('QKT_E_STRATEGY_SHAPE', text, member === '' ? odd : `${member}.${odd}`);
}

/** A frozen copy that holds nothing but data, so that it can cross a thread boundary. */
export function plainCopy(member: string, value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth > 8 || typeof value !== 'object') throw memberError(member, `must be plain data, not ${show(value)}`);
  if (Array.isArray(value))
    return Object.freeze(value.map((item, index) => plainCopy(`${member}[${index}]`, item, depth + 1)));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.freeze(
    Object.fromEntries(entries.map(([key, item]) => [key, plainCopy(`${member}.${key}`, item, depth + 1)])),
  );
}
