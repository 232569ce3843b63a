/** What the end of the daemon leaves open. */
import type { LeftOpen } from '../domain/left-open.ts';
import type { Member } from './fleet-member.ts';

/** Positions that would stay open if the daemon ended now, and whether a stop holds without it. */
export function leftOpen(members: Iterable<Pick<Member, 'runtime'>>): readonly LeftOpen[] {
  return [...members].flatMap(({ runtime }) =>
    runtime.view().positions.map((position) => ({
      strategy: runtime.name,
      symbol: position.symbol,
      qty: position.qty,
      stopLoss: position.stopLoss ?? null,
      protected: !runtime.book.isUnprotected(position),
    })),
  );
}
