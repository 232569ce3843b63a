/** Answers as the contract prints them, and what a test changes of them. */
import { readFile } from 'node:fs/promises';

type Members = Readonly<Record<string, unknown>>;

const NAMES = [
  'account',
  'symbol',
  'tick',
  'position',
  'order',
  'deal',
  'executed',
  'noMoney',
  'noResult',
  'notReady',
  'health',
  'bar',
  'internalError',
  'unavailable',
] as const;

const file = JSON.parse(await readFile(new URL('recorded/answers.json', import.meta.url), 'utf8')) as Record<
  (typeof NAMES)[number],
  Members
> & { readonly htmlNotFound: string };

export const recorded = file;

/** Every number in it as text, as old gateways may write them. */
export function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, numbersAsText(member)]));
}

export function without(body: Members, ...names: readonly string[]): Members {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}
