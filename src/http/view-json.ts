/** A view's JSON, with the parts that did not change since the last answer taken as they were written then. */
import { Decimal } from '../domain/decimal.ts';
import { toJson } from '../domain/json.ts';

/** By identity, so an entry lives as long as the part that it belongs to. */
const written = new WeakMap<object, string>();
/** Members of views, a closed set, as they are written. */
const names = new Map<string, string>();

/**
 * As `toJson`. What is frozen (a whole view, or a member such as the trades) is written once, and
 * must be frozen all through.
 */
export function viewJson(view: object): string {
  if (!Object.isFrozen(view)) return writeView(view);
  let text = written.get(view);
  if (text === undefined) {
    text = writeView(view);
    written.set(view, text);
  }
  return text;
}

function writeView(view: object): string {
  if (Array.isArray(view)) return `[${view.map((row) => memberJson(row) ?? 'null').join(',')}]`;
  let out = '';
  for (const [name, member] of Object.entries(view)) {
    const text = memberJson(member);
    if (text !== undefined) out += (out === '' ? '{' : ',') + nameJson(name) + text;
  }
  return out === '' ? '{}' : `${out}}`;
}

function nameJson(name: string): string {
  let text = names.get(name);
  if (text === undefined) {
    text = `${JSON.stringify(name)}:`;
    names.set(name, text);
  }
  return text;
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
