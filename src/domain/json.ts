/**
 * JSON as the contract wants it: decimals as plain numbers with all their digits, never an
 * exponent, never a binary-float tail; `undefined` members left out; no `NaN` (null instead).
 */
import { Decimal, dec } from './decimal.ts';

/** Serialises a value for an HTTP answer, an event line or `--json`. */
export function toJson(value: unknown): string {
  return write(value) ?? 'null';
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
      break;
    default:
      return undefined;
  }
  if (value === null) return 'null';
  if (value instanceof Decimal) return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? 'null').join(',')}]`;
  let out = '';
  for (const [key, member] of Object.entries(value)) {
    const text = write(member);
    if (text !== undefined) out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${text}`;
  }
  return `{${out}}`;
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
