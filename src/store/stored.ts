/**
 * Values as the journal keeps them: plain data in which a decimal is `{ $d: '1.0973' }`, so that a
 * state comes back with the types that it had. Maps and classes do not belong in it.
 */
import { Decimal } from '../domain/decimal.ts';

/** Plain data for the journal; `undefined` members are left out. */
export function toStored(value: unknown): unknown {
  if (value instanceof Decimal) return { $d: value.toString() };
  if (Array.isArray(value)) return value.map(toStored);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) out[key] = toStored(member);
  return out;
}

/** The opposite of {@link toStored}. What the caller takes it for, the store's format number vouches for. */
export function fromStored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromStored);
  if (value === null || typeof value !== 'object') return value;
  if ('$d' in value && typeof value.$d === 'string') return Decimal.of(value.$d);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromStored(member)]));
}
