/** How the options of `qkt mt5-sim` are read. */
import { InvalidArgumentError } from 'commander';

export interface FaultFlag {
  readonly name: string;
  readonly value?: number | string;
}

export type Feed = 'synthetic' | 'manual' | `replay:${string}`;

/** `slow-reply`, `slow-reply=6000`; which names there are, the simulator knows. */
export function faultFlag(text: string, before: readonly FaultFlag[]): readonly FaultFlag[] {
  const cut = text.indexOf('=');
  if (cut < 0) return [...before, { name: text }];
  const value = text.slice(cut + 1);
  return [...before, { name: text.slice(0, cut), value: /^-?\d{1,16}$/.test(value) ? Number(value) : value }];
}

export function feedFlag(text: string): Feed {
  if (text === 'synthetic' || text === 'manual') return text;
  if (/^replay:./.test(text)) return text as Feed;
  throw new InvalidArgumentError('It must be synthetic, manual or replay:<file>.');
}

/** Kept as text: a double would not do. */
export function moneyFlag(text: string): string {
  if (/^\d{1,15}(\.\d{1,8})?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an amount that is not negative.');
}

export function symbolsFlag(text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  if (names.length > 0) return names;
  throw new InvalidArgumentError('It must name one symbol at least.');
}
