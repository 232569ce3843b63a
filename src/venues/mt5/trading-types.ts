/** Trading on one MT5 account as the venue's actor sees it: what it is made of, and what it is asked. */
import type { Clock } from '../../clock.ts';
import type { Difference, ReconcilePolicies } from '../../domain/differences.ts';
import type { Instrument, Tick } from '../../domain/market.ts';
import type { AccountLinks, MarginLevel, VenueAccount } from '../../domain/venue.ts';
import type { Mt5AccountInfo, Mt5Client, Read } from './types.ts';

export interface TradingListener {
  /** Every look tells whether the gateway could be read, and why not. */
  read(ok: boolean, reason?: string): void;
  /** A difference was found, or what was done about it has changed; `settled` once it is over. */
  difference(difference: Difference, settled: boolean): void;
  /** Our own code has thrown in a strategy's account; the same words are told once. */
  fault(strategy: string, reason: string): void;
}

export interface Mt5TradingOptions {
  readonly venue: string;
  readonly magic: number;
  /** The wall clock: the engine time of a live market. */
  readonly clock: Clock;
  readonly client: Mt5Client;
  /** Between two looks in passing. */
  readonly pollMs: number;
  /** Our name of a symbol to the broker's. */
  readonly brokerSymbol: (symbol: string) => string;
  /** The other way round; undefined for one that we do not trade. */
  readonly ourSymbol: (name: string) => string | undefined;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** The quote in force; undefined while none is known. */
  readonly quote: (symbol: string) => Tick | undefined;
  readonly policies: ReconcilePolicies;
  readonly listener: TradingListener;
}

/** A strategy on the account. */
export interface AccountOptions extends AccountLinks {
  readonly strategy: string;
}

/** All trading on one gateway: one account, one magic number, many strategies. */
export interface TradingCore {
  /**
   * Reads the terms of symbols and takes the account's mode; while the gateway is verified. It may
   * be asked again for further symbols. Orders for one that the broker does not have, or has in another size,
   * are rejected from then on; the reason says what could not be read.
   */
  prepare(info: Mt5AccountInfo, symbols: readonly string[]): Promise<Read<void>>;
  /** Before anything else is asked of the account; its state of before is restored by its owner. */
  openAccount(options: AccountOptions): VenueAccount;
  /** One full look that every account takes in; while the gateway is reconciled. */
  reconcile(): Promise<Read<readonly Difference[]>>;
  /** Looks, cancels and protection run, also while the kill switch is on; again: no effect. */
  begin(): void;
  /** The gateway is away: nothing is read or sent, and no account counts as reconciled until the next look. */
  suspend(): void;
  /** All strategies of before are back: what none of them knows is foreign. */
  settled(): void;
  differences(): readonly Difference[];
  /** Strategies with an account here that trade the symbol. */
  traders(symbol: string): readonly string[];
  /** As `/account` was last read. */
  margin(): MarginLevel;
  /** For good: no timer is left behind. */
  close(): void;
}
