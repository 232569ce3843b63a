/** What a stop came to, in words. */
import type { LeftOpen } from '../domain/left-open.ts';
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
    ...unprotected.map(
      (symbol) => `  ${printable(symbol)} ${exposed(positions.find((row) => row.symbol === symbol)?.stopLoss)}`,
    ),
    ...(result.left ?? []).map((what) => `  left: ${printable(what)}`),
  ];
}

/** What is wrong with the protection of a position that nothing at its venue stops. */
const exposed = (stopLoss: unknown): string =>
  stopLoss === undefined || stopLoss === null
    ? 'has no stop'
    : 'has a stop at the venue for a part of it at most: what other stops it has are watched by the daemon alone';

/** What stays open when the daemon ends, a line for each position and one more where its stop goes with the daemon. */
export const leftOpenLines = (positions: Exact<readonly LeftOpen[]>): readonly string[] =>
  positions.flatMap((position) => {
    const name = `${printable(position.strategy)}: ${printable(position.symbol)}`;
    const open = `  ${name} ${position.qty} stays open`;
    return position.protected ? [open] : [open, `  ${name} ${exposed(position.stopLoss)}`];
  });
