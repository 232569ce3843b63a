/** The summary of a bounded run: every trade, and the figures that account for it. */
import type { HaltCauseView } from '../domain/risk-views.ts';
import type { RunLoss, RunSummary } from '../domain/run-summary.ts';
import type { EvaluationsView, TradeView } from '../domain/trading-views.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Ledger, MarkTerms } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';

/** What of a strategy's book the summary reads. */
export interface SummarySources {
  readonly ledger: Ledger;
  readonly trades: { kept(): readonly TradeView[]; readonly total: number };
  readonly equity: { readonly maxDrawdown: Decimal };
  readonly evaluations: { view(): EvaluationsView };
  readonly denied: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly ticks: number;
  readonly bars: number;
  termsOf(position: Position): MarkTerms;
}

export function runSummary(
  strategy: string,
  book: SummarySources,
  halts: readonly HaltCauseView[],
  drops: Readonly<Record<string, number>>,
  losses: readonly RunLoss[] = [],
): RunSummary {
  const { ledger } = book;
  // A swap that no rate could convert yet is part of both.
  const isExact = ledger.owing.length === 0;
  const unrealized = ledger.unrealized((position) => book.termsOf(position))?.trimmed() ?? null;
  return {
    strategy,
    trades: book.trades.kept(),
    tradesTotal: book.trades.total,
    realized: isExact ? ledger.realized.trimmed() : null,
    unrealized,
    equity: unrealized === null || !isExact ? null : ledger.balance.plus(unrealized).trimmed(),
    balance: isExact ? ledger.balance.trimmed() : null,
    maxDrawdown: book.equity.maxDrawdown,
    denied: book.denied,
    rejected: book.rejected,
    halts,
    losses,
    ticks: book.ticks,
    bars: book.bars,
    feed: { ...drops },
  };
}
