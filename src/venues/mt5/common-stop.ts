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
  holding: Pick<Holding, 'volume'>,
  legs: readonly OrderRecord[],
  levelOf: (leg: OrderRecord) => Decimal | undefined,
): Decimal | undefined {
  const closing = closingOf(holding, legs);
  const covered = closing.reduce((sum, { qty, filled }) => sum.plus(qty).minus(filled), Decimal.ZERO);
  const levels = closing.map(levelOf);
  if (levels.length === 0 || covered.lessThan(holding.volume.abs())) return undefined;
  return levels.reduce((farthest, level) => {
    if (farthest === undefined || level === undefined) return undefined;
    return isFarther(holding, level, farthest) ? level : farthest;
  });
}

/**
 * The stops that make the common one what it is, where somebody has moved it: those that stood at it, and those
 * that are now farther away than the venue would let them be reached.
 *
 * @param moved where it is now; undefined: it was taken away
 */
export function movedWithCommon(
  holding: Pick<Holding, 'volume'>,
  legs: readonly OrderRecord[],
  levelOf: (leg: OrderRecord) => Decimal | undefined,
  moved: Decimal | undefined,
): readonly OrderRecord[] {
  const common = commonStop(holding, legs, levelOf);
  if (common === undefined) return [];
  return closingOf(holding, legs).filter((leg) => {
    const level = levelOf(leg)!;
    return level.equals(common) || (moved !== undefined && isFarther(holding, level, moved));
  });
}

const closingOf = ({ volume }: Pick<Holding, 'volume'>, legs: readonly OrderRecord[]): readonly OrderRecord[] =>
  legs.filter(({ order }) => order.side !== sideOf({ volume }));

const isFarther = ({ volume }: Pick<Holding, 'volume'>, level: Decimal, than: Decimal): boolean =>
  sideOf({ volume }) === 'BUY' ? level.lessThan(than) : than.lessThan(level);
