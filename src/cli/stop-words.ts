/** What a stop came to, in words. */
import type { StopResult } from '../domain/ports.ts';
import type { Exact } from './exact-json.ts';
import { printable } from './output.ts';
import { duration, plural } from './words.ts';

export function stoppedLines(name: string, result: Exact<StopResult>): readonly string[] {
  const { state, flattened, openPositions, cancelled, tookMs, verified, positions = [], unprotected = [] } = result;
  const open = Number(openPositions);
  const held = open > 0 ? plural(open, 'open position') : flattened && verified ? 'flat, verified' : 'no open position';
  return [
    `${name} is ${state}: ${held}, ${plural(Number(cancelled), 'order')} cancelled, took ${duration(Number(tookMs))}`,
    ...(verified ? [] : ['  NOT verified in time']),
    ...positions.map(({ symbol, qty }) => `  ${printable(symbol)} ${String(qty)} stays open`),
    ...unprotected.map((symbol) => `  ${printable(symbol)} has no stop`),
    ...(result.left ?? []).map((what) => `  left: ${printable(what)}`),
  ];
}
