/** What the parts of one strategy's account have in common. */
import type { Clock } from '../../clock.ts';
import type { Decimal } from '../../domain/decimal.ts';
import type { ReconcilePolicies } from '../../domain/differences.ts';
import type { Tick } from '../../domain/market.ts';
import type { ReportListener } from '../../domain/venue.ts';
import type { Holdings } from './holdings.ts';
import type { OrderRecords } from './order-records.ts';
import type { Mt5Deal, Mt5Order, Mt5Position, Mt5Symbol, Placement, Stops } from './types.ts';

/** Everything of the account at the venue, as one full look has shown it. */
export interface Look {
  /** The moment at which it began: what was answered later it says nothing of. */
  readonly begun: number;
  readonly positions: readonly Mt5Position[];
  readonly orders: readonly Mt5Order[];
  /** Of the last 24 hours, and back to the look before. */
  readonly deals: readonly Mt5Deal[];
}

/** Something to be sent, or asked of the history; its answer comes back to {@link AccountContext}'s owner. */
export type Mt5Request =
  | { readonly kind: 'place'; readonly orderId: string; readonly placement: Omit<Placement, 'key'> }
  | { readonly kind: 'cancel'; readonly ticket: number }
  | { readonly kind: 'close'; readonly orderId: string; readonly ticket: number; readonly position: number }
  | {
      readonly kind: 'closePart';
      readonly orderId: string;
      readonly ticket: number;
      readonly position: number;
      readonly volume: Decimal;
    }
  | { readonly kind: 'setStops'; readonly ticket: number; readonly position: number; readonly stops: Stops }
  | { readonly kind: 'orderEnd'; readonly orderId: string; readonly ticket: number };

/** What the account has of its venue. */
export interface AccountVenue {
  readonly name: string;
  readonly clock: Clock;
  readonly policies: ReconcilePolicies;
  readonly brokerSymbol: (symbol: string) => string;
  readonly ourSymbol: (name: string) => string | undefined;
  /** Undefined while the broker's terms are not read. */
  readonly terms: (symbol: string) => Mt5Symbol | undefined;
  /** Why they are not known. */
  readonly termsTrouble: (symbol: string) => string;
  readonly quote: (symbol: string) => Tick | undefined;
  /** Does every entry have a position of its own? Undefined while the account's mode is not known. */
  readonly isHedging: () => boolean | undefined;
  /** Can anything be sent now? */
  readonly isOpen: () => boolean;
  /** A number that grows with every answer and every look that begins. */
  readonly moment: () => number;
}

export interface AccountContext {
  readonly strategy: string;
  readonly venue: AccountVenue;
  readonly records: OrderRecords;
  readonly holdings: Holdings;
  readonly report: ReportListener;
  readonly send: (request: Mt5Request) => void;
  /** Ends the turn and waits until it is on disk; false when it could not be written. */
  readonly stored: () => Promise<boolean>;
  readonly priced: (symbol: string) => boolean;
  /** Has the account looked at within so many milliseconds. */
  readonly wake: (withinMs: number) => void;
  /** Told of a throw of ours that nobody else would catch; throws nothing itself. */
  readonly fault: (error: unknown) => void;
}
