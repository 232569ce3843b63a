/** JSON from the daemon, read without passing a figure through a binary float. */
import { randomUUID } from 'node:crypto';
import type { Decimal } from '../domain/decimal.ts';

/** A view as it is read here: every number is the text of its digits. */
export type Exact<T> = T extends number | Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Exact<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Exact<T[K]> }
      : T;

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The JSON of one member of an object, its figures digit for digit; `null` when there is none. */
export function memberText(text: string, member: string): string {
  // A mark that no text from outside can contain tells numbers from strings on the way through.
  const mark = randomUUID();
  const marked = text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`));
  const value = (JSON.parse(marked) as Record<string, unknown>)[member] ?? null;
  return JSON.stringify(value).replaceAll(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
}

/** Parses JSON with each number kept as its own digits. @throws SyntaxError */
export function parseExact<T>(text: string): Exact<T> {
  const quoted = text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`));
  return JSON.parse(quoted) as Exact<T>;
}
