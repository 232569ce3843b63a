/** From deals to fills: what belongs together is one fill at its average price, with the costs of all of it. */
import { Decimal } from '../../domain/decimal.ts';
import type { Mt5Deal } from './types.ts';

/** A fill before it has its order. */
export interface DealFill {
  /** The ticket of its first deal: what makes it unique. */
  readonly ticket: number;
  readonly deals: readonly Mt5Deal[];
  readonly volume: Decimal;
  readonly price: Decimal;
  /** Commission, swap and fee; positive is a cost. */
  readonly costs: Decimal;
}

/** Places of an average price that is told; one that needs more is no exact price. */
const PLACES = 12;

export const costsOf = ({ commission, swap, fee }: Mt5Deal): Decimal =>
  commission.plus(swap).plus(fee).negated().trimmed();

/**
 * Deals of one position that go the same way for the same reason, one after the other: as the venue
 * fills one order in parts. `belongsTo` tells those of different orders apart.
 */
export function runsOf(
  deals: readonly Mt5Deal[],
  belongsTo: (deal: Mt5Deal) => string,
): readonly (readonly Mt5Deal[])[] {
  const runs: { readonly key: string; readonly deals: Mt5Deal[] }[] = [];
  const latest = new Map<number, { readonly key: string; readonly deals: Mt5Deal[] }>();
  for (const deal of deals.toSorted((a, b) => a.at - b.at || a.ticket - b.ticket)) {
    const key = `${deal.side} ${deal.entry} ${deal.reason} ${belongsTo(deal)}`;
    const before = latest.get(deal.positionId);
    if (before?.key === key) {
      before.deals.push(deal);
      continue;
    }
    const run = { key, deals: [deal] };
    runs.push(run);
    latest.set(deal.positionId, run);
  }
  return runs.map((run) => run.deals);
}

/** One fill for a run where its average price is exact; else one for each deal. */
export function fillsOf(run: readonly Mt5Deal[]): readonly DealFill[] {
  const volume = run.reduce((sum, deal) => sum.plus(deal.volume), Decimal.ZERO);
  const value = run.reduce((sum, deal) => sum.plus(deal.price.times(deal.volume)), Decimal.ZERO);
  const price = volume.isZero() ? Decimal.ZERO : value.dividedBy(volume, PLACES);
  if (run.length > 1 && !price.times(volume).equals(value)) return run.flatMap((deal) => fillsOf([deal]));
  const costs = run.reduce((sum, deal) => sum.plus(costsOf(deal)), Decimal.ZERO).trimmed();
  return [{ ticket: run[0]!.ticket, deals: run, volume, price, costs }];
}
