/**
 * Values as the journal keeps them: plain data in which a decimal is `{ $d: '1.0973' }`, so that a
 * state comes back with the types that it had. Maps and classes do not belong in it, bytes neither: they
 * stand for an object that was packed by itself.
 */
import { Decimal } from '../domain/decimal.ts';
import { packed, unpacked } from './record-codec.ts';

/**
 * Frozen objects of nothing but values, packed once: the trades that a state shows are most of what a commit
 * would pack, and they are the same each time but one.
 */
const FIXED = new WeakMap<object, Uint8Array>();

/** Plain data for the journal; `undefined` members are left out. */
export function toStored(value: unknown): unknown {
  if (value instanceof Decimal) return { $d: value.toString() };
  if (Array.isArray(value)) return value.map(toStored);
  if (value === null || typeof value !== 'object') return value;
  if (!Object.isFrozen(value)) return members(value);
  const known = FIXED.get(value);
  if (known !== undefined) return known;
  const stored = members(value);
  // A frozen object may still hold one that changes.
  if (!Object.values(value).every(isValue)) return stored;
  const bytes = packed(stored);
  FIXED.set(value, bytes);
  return bytes;
}

function members(value: object): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) out[key] = toStored(member);
  return out;
}

const isValue = (member: unknown): boolean =>
  member === null || typeof member !== 'object' || member instanceof Decimal;

/** The opposite of {@link toStored}. What the caller takes it for, the store's format number vouches for. */
export function fromStored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromStored);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return fromStored(unpacked(value));
  if ('$d' in value && typeof value.$d === 'string') return Decimal.of(value.$d);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromStored(member)]));
}
