/** A view's JSON, with the parts that did not change since the last answer taken as they were written then. */
import { Decimal } from '../domain/decimal.ts';
import { toJson } from '../domain/json.ts';

/** By identity, so an entry lives as long as the part that it belongs to. */
const written = new WeakMap<object, string>();

/**
 * As `toJson`. A frozen member (the trades, the positions …) is written once; what is frozen on the
 * outside must be so all through.
 */
export function viewJson(view: object): string {
  if (Array.isArray(view)) return `[${view.map((row) => memberJson(row) ?? 'null').join(',')}]`;
  let out = '';
  for (const [name, member] of Object.entries(view)) {
    const text = memberJson(member);
    if (text !== undefined) out += `${out === '' ? '{' : ','}${JSON.stringify(name)}:${text}`;
  }
  return out === '' ? '{}' : `${out}}`;
}

function memberJson(member: unknown): string | undefined {
  if (member === undefined) return undefined;
  if (typeof member !== 'object' || member === null || member instanceof Decimal || !Object.isFrozen(member)) {
    return toJson(member);
  }
  let text = written.get(member);
  if (text === undefined) {
    text = toJson(member);
    written.set(member, text);
  }
  return text;
}
