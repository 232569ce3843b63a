/** What an order desk needs from its surroundings, and what it tells them. */
import type { Clock } from '../clock.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Difference } from '../domain/differences.ts';
import type { EventBody } from '../domain/events.ts';
import type { Instrument, Tick } from '../domain/market.ts';
import type { Order, Refusal } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import type { VenueAccount } from '../domain/venue.ts';
import type { GateHistory } from '../risk/gate-input.ts';
import type { GateLimits } from '../risk/limits.ts';
import type { Booking, Ledger } from '../ledger/ledger.ts';
import type { Rate } from '../ledger/money.ts';

/** A booked fill with the order it belongs to, as it was when it filled. */
export interface Trade {
  readonly booking: Booking;
  readonly order: Order;
}

export interface DeskDependencies {
  readonly strategy: string;
  readonly venue: string;
  /** Engine time. */
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly account: VenueAccount;
  readonly instrument: (symbol: string) => Instrument;
  /** The quote in force. */
  readonly quote: (symbol: string) => Tick | undefined;
  /** From the symbol's quote currency to the account's; `price` is the fill's, where the pair itself is the rate. */
  readonly rate: (symbol: string, price?: Decimal) => Rate | undefined;
  /** Appends to the strategy's record; an intent is recorded before it is sent. */
  readonly record: (body: EventBody) => void;
  readonly warm: () => boolean;
  /** Why quotes of this symbol cannot be relied on; undefined while they can. */
  readonly feed: (symbol: string) => string | undefined;
  readonly limits: () => GateLimits;
  readonly history: GateHistory;
  /** An order has passed the gate and goes to the venue. */
  readonly onSent: (order: Order) => void;
  /** One that may open a position, or add to it, is about to go: it was not reducing when it was offered. */
  readonly onEntry: () => void;
  /** Does the gateway take entries, and does it take what only closes? */
  readonly gatewayReady: () => boolean;
  readonly takesExits: () => boolean;
  /** Why it does not, in words. */
  readonly gatewayCause?: () => string | undefined;
  readonly symbolOf: (stream: string) => string;
  /** End of the trading day that holds this moment: when a DAY order expires. */
  readonly dayEnd: (now: EpochMs) => EpochMs;
  readonly onTrade: (trade: Trade) => void;
  readonly onRefusal: (refusal: Refusal, order: Order) => void;
  /** Book and venue differ, or agree again; it is on record already. */
  readonly onDifference: (difference: Difference, settled: boolean) => void;
  /** Orders or positions have changed: the author's view is out of date. */
  readonly onChange: () => void;
}
