/**
 * The fields of a log line made safe: plain, bounded data without cycles, whatever was given. A
 * throwing getter, proxy or `toJSON` becomes a word in the line, never a throw. Decimals stay exact.
 */
import { Decimal } from '../domain/decimal.ts';
import { iso } from '../domain/time.ts';

/** What a line says about itself; no field can take these names. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(['time', 'level', 'strategy', 'msg']);

/** Characters of text that one line may carry, in all fields together. */
const MAX_TEXT = 16_384;
const MAX_DEPTH = 5;
const MAX_VALUES = 500;
const MAX_NAME = 100;

const SECRET_NAME = /(?:^|[._-])(?:password|passwd|secret|token|api_?key|authorization|cookie|private_?key)$/i;
const HIDDEN = '[redacted]';

export type SafeFields = Readonly<Record<string, unknown>>;

/** Own fields: a reserved name comes out as `field.<name>`. */
export function safeFields(fields: object): SafeFields {
  return new Cleaner().fields(fields, (name) => (RESERVED_NAMES.has(name) ? `field.${name}` : name));
}

/** An author's fields come out as `log.<field>`. */
export function authorFields(fields: object): SafeFields {
  return new Cleaner().fields(fields, (name) => `log.${name}`);
}

/** Text cut to what a line may carry, saying so. */
export function clipText(text: string, room: number = MAX_TEXT): string {
  return text.length <= room ? text : `${text.slice(0, room)}… (${text.length - room} more)`;
}

class Cleaner {
  #room = MAX_TEXT;
  #values = 0;
  readonly #path = new Set<object>();

  fields(fields: object, nameOf: (name: string) => string): SafeFields {
    const out: [string, unknown][] = [];
    for (const [name, read] of this.#members(fields)) {
      const value = guarded(read);
      if (value === undefined) continue;
      const shown = nameOf(name);
      if (isError(value)) out.push(...this.#error(shown, value));
      else out.push([shown, this.#named(name, value, 0)]);
    }
    return Object.fromEntries(out);
  }

  /** An error's message under its own name, its code and stack beside it. */
  #error(name: string, error: Error): [string, unknown][] {
    const part = (key: 'message' | 'code' | 'stack'): unknown =>
      this.#clean(
        guarded(() => (error as Error & { code?: unknown })[key]),
        MAX_DEPTH,
      );
    const parts: [string, unknown][] = [
      [name, part('message') ?? null],
      [`${name}.code`, part('code')],
      [`${name}.stack`, part('stack')],
    ];
    return parts.filter(([, value]) => value !== undefined);
  }

  #named(name: string, value: unknown, depth: number): unknown {
    return SECRET_NAME.test(name) ? HIDDEN : this.#clean(value, depth);
  }

  #clean(value: unknown, depth: number): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES) return '[cut]';
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? exactly(value) : String(value);
      case 'bigint':
        return new Decimal(value, 0);
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return `[${typeof value}]`;
    }
  }

  #object(value: object, depth: number): unknown {
    if (this.#path.has(value)) return '[circular]';
    if (depth >= MAX_DEPTH) return '[nested too deep]';
    this.#path.add(value);
    const cleaned = guarded(() => this.#contents(value, depth));
    this.#path.delete(value);
    return cleaned;
  }

  #contents(value: object, depth: number): unknown {
    if (value instanceof Decimal) return value;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : iso(value.getTime());
    if (value instanceof Error) return this.#clean(value.stack ?? value.message, MAX_DEPTH);
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.#clean(value.toJSON(), depth + 1);
    if (value instanceof Map || value instanceof Set) return this.#list([...value], depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    const out: [string, unknown][] = [];
    for (const [name, read] of this.#members(value)) out.push([name, this.#named(name, guarded(read), depth + 1)]);
    return Object.fromEntries(out);
  }

  #list(values: readonly unknown[], depth: number): unknown[] {
    const out: unknown[] = [];
    for (let index = 0; index < values.length && this.#values <= MAX_VALUES; index++)
      out.push(
        this.#clean(
          guarded(() => values[index]),
          depth + 1,
        ),
      );
    return out;
  }

  /** Names and how to read them, so that one that throws spoils itself only. */
  #members(value: object): [string, () => unknown][] {
    const names = guarded(() => Object.keys(value));
    if (!Array.isArray(names)) return [['error', () => names]];
    return names
      .slice(0, MAX_VALUES)
      .map((name: string) => [clipText(name, MAX_NAME), () => (value as Record<string, unknown>)[name]]);
  }

  #text(text: string): string {
    const clipped = clipText(text, Math.max(0, this.#room));
    this.#room -= clipped.length;
    return clipped;
  }
}

/** A number whose print has an exponent is carried as a decimal: plain digits. */
function exactly(value: number): number | Decimal {
  return String(value).includes('e') ? Decimal.of(value) : value;
}

/** Also for a proxy that does not let itself be asked. */
function isError(value: unknown): value is Error {
  return guarded(() => value instanceof Error) === true;
}

function guarded(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return '[unreadable]';
  }
}
