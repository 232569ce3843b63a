/** What a bounded run came to. */
import type { Decimal } from './decimal.ts';
import type { LossView } from './loss-views.ts';
import type { HaltCauseView } from './risk-views.ts';
import type { TradeView } from './trading-views.ts';

/** How a strategy lost its code in a bounded run, which does not start it again; `ts` is market time. */
export type RunLoss = Omit<LossView, 'restartedAt'>;

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
  readonly losses: readonly RunLoss[];
  readonly ticks: number;
  readonly bars: number;
  readonly feed: Readonly<Record<string, number>>;
}
