/**
 * The one stop that a netting account can hold for a position of several entries: the farthest of theirs, so
 * that it closes nothing too early, and the position is never without any when nobody here watches the nearer ones.
 */
import { Decimal } from '../../domain/decimal.ts';
import { sideOf, type Holding } from './holdings.ts';
import type { OrderRecord } from './records.ts';

/**
 * @param legs stop-losses on the symbol that are in force
 * @param levelOf undefined for one that has no level
 * @returns undefined where a part of the position has no stop: it would close that part as well
 */
export function commonStop(
  { volume }: Pick<Holding, 'volume'>,
  legs: readonly OrderRecord[],
  levelOf: (leg: OrderRecord) => Decimal | undefined,
): Decimal | undefined {
  const isLong = sideOf({ volume }) === 'BUY';
  const closing = legs.filter(({ order }) => (order.side === 'SELL') === isLong);
  const covered = closing.reduce((sum, { qty, filled }) => sum.plus(qty).minus(filled), Decimal.ZERO);
  const levels = closing.map(levelOf);
  if (levels.length === 0 || covered.lessThan(volume.abs())) return undefined;
  return levels.reduce((farthest, level) => {
    if (farthest === undefined || level === undefined) return undefined;
    return level.lessThan(farthest) === isLong ? level : farthest;
  });
}
