/**
 * Reads risk settings, which come from YAML or from an author's code: checked member by member,
 * every problem told with its place. A problem makes the member undefined, and reading goes on.
 */
import { Decimal } from '../domain/decimal.ts';
import { parseDuration } from '../domain/time.ts';

type Need = 'required' | 'optional';

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #member: string;
  readonly #problems: string[];

  private constructor(values: Readonly<Record<string, unknown>>, member: string, problems: string[]) {
    this.#values = values;
    this.#member = member;
    this.#problems = problems;
  }

  /** The members of a map, of which only `known` may be there; undefined when it is absent or no map. */
  static of(raw: unknown, member: string, known: readonly string[], problems: string[]): Fields | undefined {
    if (raw === undefined) return undefined;
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      problems.push(`${member} must be a map of keys, not ${show(raw)}`);
      return undefined;
    }
    for (const key of Object.keys(raw))
      if (!known.includes(key)) problems.push(`${member}.${key} is not known here: use ${known.join(', ')}`);
    return new Fields(raw as Readonly<Record<string, unknown>>, member, problems);
  }

  inner(key: string, known: readonly string[]): Fields | undefined {
    return Fields.of(this.#values[key], `${this.#member}.${key}`, known, this.#problems);
  }

  positive(key: string, need: Need = 'optional'): Decimal | undefined {
    return this.#read(key, need, 'a number greater than 0', (value) => {
      const number = decimal(value);
      return number !== undefined && number.sign() > 0 ? number : undefined;
    });
  }

  notNegative(key: string): Decimal | undefined {
    return this.#read(key, 'optional', 'a number, 0 or more', (value) => {
      const number = decimal(value);
      return number !== undefined && number.sign() >= 0 ? number : undefined;
    });
  }

  /** Greater than 0, at most 1. */
  ratio(key: string, need: Need = 'optional'): Decimal | undefined {
    return this.#read(key, need, 'a ratio greater than 0, at most 1', (value) => {
      const number = decimal(value);
      return number !== undefined && number.sign() > 0 && !number.greaterThan(Decimal.ONE) ? number : undefined;
    });
  }

  /** A whole number of at least 1. */
  count(key: string, need: Need = 'optional'): number | undefined {
    return this.#read(key, need, 'a whole number of at least 1', (value) => {
      const number = decimal(value)?.toNumber();
      return number !== undefined && Number.isSafeInteger(number) && number >= 1 ? number : undefined;
    });
  }

  /** Milliseconds. */
  duration(key: string, need: Need = 'optional'): number | undefined {
    return this.#read(key, need, 'a duration such as 30s, 15m or 8h', (value) =>
      typeof value === 'string' ? parseDuration(value) : undefined,
    );
  }

  word<const W extends string>(key: string, words: readonly W[], need: Need = 'optional'): W | undefined {
    return this.#read(key, need, `one of ${words.join(', ')}`, (value) => words.find((word) => word === value));
  }

  flag(key: string): boolean | undefined {
    return this.#read(key, 'optional', 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  #read<T>(key: string, need: Need, expected: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.#values[key];
    const result = value === undefined ? undefined : read(value);
    if (result === undefined && (value !== undefined || need === 'required'))
      this.#problems.push(
        value === undefined
          ? `${this.#member}.${key} is required: ${expected}`
          : `${this.#member}.${key} must be ${expected}, not ${show(value)}`,
      );
    return result;
  }
}

function decimal(value: unknown): Decimal | undefined {
  if (value instanceof Decimal) return value;
  return typeof value === 'number' || typeof value === 'string' ? Decimal.parse(String(value)) : undefined;
}

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);
