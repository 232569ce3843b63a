/** Positions of both sides of one symbol: on a hedging account they cost and gain nothing together, and the book has them netted. */
import { Decimal } from '../../domain/decimal.ts';
import { sideOf, type Holding, type Holdings } from './holdings.ts';
import type { OrderRecords } from './order-records.ts';

/** What closes a pair: of each side's oldest position the smaller volume. */
export interface HalfPair {
  readonly holding: Holding;
  readonly volume: Decimal;
}

/**
 * Pairs that nothing is on its way to close, and that the venue shows as we know them. A half that is being
 * closed is no part of another pair, however often that has to be tried: its other half is gone already.
 */
export function pairsOf(holdings: Holdings, records: OrderRecords): readonly HalfPair[] {
  const halves = new Set(records.all().map(({ external }) => external?.position));
  const symbols = new Set(holdings.all().map(({ symbol }) => symbol));
  return [...symbols].flatMap((symbol) => {
    const free = holdings
      .of(symbol)
      .filter(({ id, unexplained }) => unexplained === 0 && !records.isClosing(id) && !halves.has(id));
    const long = free.find((holding) => sideOf(holding) === 'BUY');
    const short = free.find((holding) => sideOf(holding) === 'SELL');
    if (long === undefined || short === undefined) return [];
    const volume = Decimal.min(long.volume.abs(), short.volume.abs());
    return [long, short].map((holding) => ({ holding, volume }));
  });
}
