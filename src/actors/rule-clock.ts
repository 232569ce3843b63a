/** When the five-minute clock of a rule that cannot be computed runs: while what it lacks could be had. */
import type { Position } from '../ledger/position.ts';
import type { StrategyBook } from './strategy-book.ts';

/** Whether the gateway is ready, and a market open that a price is missing from; where none is missing, any that is held. */
export function ruleClockRuns(book: StrategyBook): boolean {
  const { market, gatewayReady } = book.options;
  if (!gatewayReady()) return false;
  const positions = book.ledger.positions();
  const unpriced = positions.filter((position) => lacksPrice(book, position));
  const relevant = unpriced.length > 0 ? unpriced : positions;
  return relevant.length === 0 || relevant.some(({ symbol }) => market.inSession(symbol));
}

function lacksPrice(book: StrategyBook, position: Position): boolean {
  const { mark, rate } = book.termsOf(position);
  return mark === undefined || rate === undefined;
}
