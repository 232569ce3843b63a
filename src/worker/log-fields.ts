/** Whatever an author logs, as small JSON-safe data: cycles, huge values and throwing getters included. */

const MAX_DEPTH = 5;
const MAX_NODES = 300;
const MAX_LIST = 100;
const MAX_TEXT = 2_000;
export const MAX_MESSAGE = 4_000;

/** What a clipped text says of itself takes no more. */
const MARK = 40;
/** Nodes and depth of flattened data at most: lists go on with `[cut]`, and one may stand in `value`. */
const MAX_FLAT_NODES = MAX_NODES + (MAX_LIST + 2) * MAX_DEPTH;
const MAX_FLAT_DEPTH = MAX_DEPTH + 1;

/** Cuts text to a length, and says so. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more)`;
}

/** Any value as text; never throws, not even for what refuses to be printed. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '[unprintable]';
  }
}

/** Characters in flattened data, keys included. */
export function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.entries(value).reduce((sum, [key, member]) => sum + key.length + textLength(member), 0);
}

/** The fields of a log line; what is not an object becomes the single field `value`. */
export function logFields(fields: unknown): Readonly<Record<string, unknown>> | undefined {
  if (fields === undefined || fields === null) return undefined;
  const safe = new Flattener().flatten(fields, 0);
  return typeof safe === 'object' && safe !== null && !Array.isArray(safe)
    ? (safe as Record<string, unknown>)
    : { value: safe };
}

/** True for text that {@link clip} has cut to a length. */
export const isClipped = (text: unknown, length: number): text is string =>
  typeof text === 'string' && text.length <= length + MARK;

/** True for what {@link logFields} makes; what an author's code has put in its place may be anything. */
export function isFlat(fields: unknown): boolean {
  let nodes = 0;
  const isNode = (value: unknown, depth: number): boolean => {
    nodes += 1;
    if (nodes > MAX_FLAT_NODES || depth > MAX_FLAT_DEPTH) return false;
    if (value === null || typeof value === 'boolean' || typeof value === 'number') return true;
    if (typeof value !== 'object') return isClipped(value, MAX_TEXT);
    return Object.entries(value).every(([key, member]) => isClipped(key, MAX_TEXT) && isNode(member, depth + 1));
  };
  return isNode(fields, 0);
}

class Flattener {
  #nodes = 0;
  readonly #path = new Set<object>();

  flatten(value: unknown, depth: number): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) return '[cut]';
    switch (typeof value) {
      case 'string':
        return clip(value, MAX_TEXT);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'function':
        return '[function]';
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return clip(textOf(value), MAX_TEXT);
    }
  }

  #object(value: object, depth: number): unknown {
    if (this.#path.has(value)) return '[circular]';
    if (depth >= MAX_DEPTH) return '[nested too deep]';
    this.#path.add(value);
    try {
      return this.#members(value, depth);
    } catch (thrown) {
      return `[unreadable: ${clip(textOf(thrown), 200)}]`;
    } finally {
      this.#path.delete(value);
    }
  }

  #members(value: object, depth: number): unknown {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof Error) return clip(textOf(value.stack ?? value.message), MAX_TEXT);
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
      return this.#list(value as Iterable<unknown>, depth);
    return Array.isArray(value) ? this.#list(value, depth) : this.#record(value, depth);
  }

  #list(values: Iterable<unknown>, depth: number): unknown[] {
    const out: unknown[] = [];
    if (!(Symbol.iterator in values)) return out;
    for (const item of values) {
      if (out.length >= MAX_LIST) {
        out.push('[cut]');
        break;
      }
      out.push(this.flatten(item, depth + 1));
    }
    return out;
  }

  #record(value: object, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (this.#nodes > MAX_NODES) break;
      const name = clip(key, 200);
      try {
        const member: unknown = Reflect.get(value, key);
        if (member !== undefined) out[name] = this.flatten(member, depth + 1);
      } catch (thrown) {
        out[name] = `[throws: ${clip(textOf(thrown), 200)}]`;
      }
    }
    return out;
  }
}
