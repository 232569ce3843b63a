/**
 * JSON as the contract wants it: decimals as plain numbers with all their digits, never an
 * exponent, never a binary-float tail; `undefined` members left out; no `NaN` (null instead).
 */
import { Decimal, dec } from './decimal.ts';

/** Serialises a value for an HTTP answer, an event line or `--json`. */
export function toJson(value: unknown): string {
  return write(value) ?? 'null';
}

/** Names of members as they are written. Those of our views are few; those in authors' data are kept up to a bound. */
const names = new Map<string, string>();
const NAMES_KEPT = 2000;

/** A member's name with its colon. */
export function memberName(name: string): string {
  let text = names.get(name);
  if (text === undefined) {
    text = `${JSON.stringify(name)}:`;
    if (names.size < NAMES_KEPT) names.set(name, text);
  }
  return text;
}

function write(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return writeNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? 'null' : writeObject(value);
    default:
      return undefined;
  }
}

function writeObject(value: object): string {
  if (value instanceof Decimal) return value.toString();
  if (Array.isArray(value)) return writeArray(value);
  const object = value as Readonly<Record<string, unknown>>;
  let out = '';
  for (const name of Object.keys(value)) {
    const text = write(object[name]);
    if (text !== undefined) out += (out === '' ? '{' : ',') + memberName(name) + text;
  }
  return out === '' ? '{}' : `${out}}`;
}

function writeArray(items: readonly unknown[]): string {
  let out = '';
  for (let i = 0; i < items.length; i++) out += (i === 0 ? '[' : ',') + (write(items[i]) ?? 'null');
  return out === '' ? '[]' : `${out}]`;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const text = String(value);
  return text.includes('e') ? dec(value).toString() : text === '-0' ? '0' : text;
}

/** The same object with decimals as strings: what msgpack carries. */
export function toPlain(value: unknown): unknown {
  if (value instanceof Decimal) return value.toString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) out[key] = toPlain(member);
  return out;
}
