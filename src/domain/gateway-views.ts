/** A broker gateway, its account, and where books and venue differ. */
import type { Decimal } from './decimal.ts';
import type { Difference } from './differences.ts';

export interface GatewayView {
  readonly name: string;
  readonly type: string;
  readonly state: string;
  /** When it entered its state, or was lost where it is being tried again; null for one that could not be opened. */
  readonly since: string | null;
  /** Why it is not in order, or was not at the last try. */
  readonly cause: string | null;
  readonly failingLink: string | null;
  /** In a maintenance window that the configuration knows: nobody need be called for its being away. */
  readonly inMaintenance: boolean;
  /** Whether its kill switch is on, as far as is known. */
  readonly killed: boolean;
  readonly lastCheck: string | null;
  /** The last check that found everything in order. */
  readonly lastGood: string | null;
  readonly lastGoodAgeMs: number | null;
  /** How long the last check took; null where a check is no request. */
  readonly probeMs: number | null;
  /** How far the venue's clock is ahead of UTC; null where it has none of its own. */
  readonly serverOffsetMs: number | null;
  /** Null while it is not known. */
  readonly account: GatewayAccountView | null;
  /** Where our books and the venue disagree without a deal that explains it. */
  readonly differences: readonly DifferenceView[];
  /** Sent to it since the daemon started, repetitions counted; null where nothing is sent. */
  readonly requests: number | null;
}

/** The venue's account as it was last read, whatever our books say. */
export interface GatewayAccountView {
  readonly login: number | null;
  readonly server: string;
  readonly currency: string;
  readonly tradeMode: string;
  /** `hedging`, `netting`, `exchange` or `unknown`. */
  readonly marginMode: string;
  readonly leverage: number | null;
  readonly balance: Decimal;
  readonly equity: Decimal;
  /** Percent; 0 while no margin is used. */
  readonly marginLevel: Decimal;
  readonly asOf: string;
}

export type DifferenceView = Omit<Difference, 'since'> & { readonly since: string };
