/** Why a strategy did, or did not, trade: what its evaluations came to, and what an entry would come to now. */
import type { Decimal } from './decimal.ts';
import type { OrderType, Side } from './orders.ts';
import type { StrategyState } from './strategy-states.ts';
import type { EvaluationsView } from './trading-views.ts';

export interface WhyView {
  readonly strategy: string;
  readonly state: StrategyState;
  readonly asOf: string;
  /** What the smallest market entry would come to now, for each symbol of the strategy. */
  readonly now: readonly EntryOutlook[];
  readonly evaluations: EvaluationsView;
  /** In the order of the gate: `noSignal`, `order`, then each code that has stopped one; the counts add up to `evaluations.total`. */
  readonly outcomes: readonly OutcomeView[];
  /** What the venue has rejected of the orders that were sent, by its code. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface EntryOutlook extends Figures {
  readonly symbol: string;
  readonly side: Side;
  readonly passes: boolean;
  /** Of the first stage of the gate that would refuse it. */
  readonly code?: string;
  readonly reason?: string;
}

export interface OutcomeView {
  readonly outcome: string;
  readonly count: number;
  /** The latest of them; null when none is remembered. */
  readonly last: ExampleView | null;
}

/** One evaluation, with what it asked for and the figures of the gate that stopped it. */
export interface ExampleView extends Figures {
  readonly ts: string;
  /** What was called: `bar`, `tick`, `fill`, `reject`, `timer` or `stop`. */
  readonly on: string;
  readonly symbol?: string;
  readonly orderId?: string;
  readonly side?: Side;
  readonly type?: OrderType;
  readonly qty?: Decimal;
  readonly reason?: string;
}

interface Figures {
  /** What was compared with the limit, where the gate compares figures. */
  readonly measured?: Decimal | number;
  readonly limit?: Decimal | number;
}
