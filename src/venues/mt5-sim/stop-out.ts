/** What a broker closes by itself when an account's equity no longer covers its margin. */
import type { Account } from './account.ts';
import type { Position } from './types.ts';

/** The position to close: the one that has lost most, while the margin level is at or below that of the stop-out. */
export function toStopOut(account: Account): Position | undefined {
  if (account.positions.size === 0) return undefined;
  const { margin, marginLevel } = account.figures();
  if (margin.isZero() || marginLevel.greaterThan(account.stopOutLevel)) return undefined;
  const lost = account.positions.all().map((position) => ({ position, profit: account.profitOf(position) }));
  return lost.reduce((worst, one) => (one.profit.lessThan(worst.profit) ? one : worst)).position;
}
