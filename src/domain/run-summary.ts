/** What a bounded run came to. */
import type { Decimal } from './decimal.ts';
import type { HaltCauseView } from './risk-views.ts';
import type { TradeView } from './trading-views.ts';

/** The summary of a bounded run (`qkt run --once --json`). */
export interface RunSummary {
  readonly strategy: string;
  readonly trades: readonly TradeView[];
  readonly tradesTotal: number;
  readonly realized: Decimal | null;
  readonly unrealized: Decimal | null;
  readonly equity: Decimal | null;
  readonly balance: Decimal | null;
  readonly maxDrawdown: Decimal;
  readonly denied: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly halts: readonly HaltCauseView[];
  readonly ticks: number;
  readonly bars: number;
  readonly feed: Readonly<Record<string, number>>;
}
