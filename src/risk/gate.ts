/** The pre-trade gate: an order passes every stage of `stages.ts`, or is denied by the first that refuses it. */
import type { GateInput } from './gate-input.ts';
import { STAGES, type StageRefusal } from './stages.ts';

/** What the first stage that refuses says, with its code. */
export interface GateDenial extends StageRefusal {
  readonly code: string;
}

/** Opposite to the position, and no more than what is left of it once other exits have filled. */
export function isReducing({ side, qty, position, reducingQty, reduceOnly }: GateInput): boolean {
  if (reduceOnly) return true;
  const opposite = side === 'BUY' ? position.sign() < 0 : position.sign() > 0;
  return opposite && qty.compare(position.abs().minus(reducingQty)) <= 0;
}

/**
 * Does an order that passes do so only because it reduces? Then it must not open anything later
 * either, when what it was to reduce has been closed by another.
 */
export function passesAsExit(input: GateInput): boolean {
  return (
    isReducing(input) && STAGES.some(({ sparesReducing, refuses }) => sparesReducing && refuses(input) !== undefined)
  );
}

/** The first refusal in the order of {@link STAGES}, or undefined: the order may go. */
export function checkGate(input: GateInput): GateDenial | undefined {
  const reducing = isReducing(input);
  for (const { code, sparesReducing, refuses } of STAGES) {
    if (reducing && sparesReducing) continue;
    const refusal = refuses(input);
    if (refusal !== undefined) return { code, ...refusal };
  }
  return undefined;
}
