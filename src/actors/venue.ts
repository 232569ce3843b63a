/**
 * A venue as the daemon holds it: a market that quotes, a gateway whose state decides which orders
 * are taken, and an account for each strategy. Nobody above this knows which kind of venue it is.
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import type { Difference } from '../domain/differences.ts';
import type { GatewayEvent as GatewayNotice } from '../domain/events.ts';
import type { FeedFault, Instrument } from '../domain/market.ts';
import type { AccountLinks, VenueAccount, VenueFaults } from '../domain/venue.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { SessionHours } from '../risk/sessions.ts';
import type { Market } from '../venues/market.ts';
import type { Transport } from '../venues/mt5/transport.ts';
import type { openReplay, ReplaySource } from '../venues/replay-file.ts';
import type { FaultEvent } from './fault-tolerant.ts';
import type { GatewayLink } from './gateway-events.ts';
import type { GatewayState } from './gateway.ts';

export interface Venue {
  readonly name: string;
  readonly market: Market;
  /** Set for a replay: its counts and its progress. */
  readonly replay: ReplaySource | undefined;
  /** What it can be made to suffer; only a simulated one can. */
  readonly faults: VenueFaults | undefined;
  /** Quotes that cannot be: each is dropped. */
  readonly drops$: Observable<FeedFault>;
  start(): void;
  /** The strategies of before are there, each with its account: it may connect, and say whose what is. */
  settled(): void;
  close(): Promise<void>;
  openAccount(strategy: string, links: AccountLinks): VenueAccount;
  /**
   * May the strategy trade the symbol here? What cannot be told now is left to the gateway.
   * @throws QktError QKT_E_UNKNOWN_SYMBOL, QKT_E_SYMBOL_SHARED
   */
  admit(strategy: string, symbol: string): Promise<void>;
  readonly gateway: VenueGateway;
}

export interface GatewayTrouble {
  readonly cause: string;
  readonly link: GatewayLink;
}

/** The gateway of a venue, as those who trade on it see it. */
export interface VenueGateway {
  readonly state: GatewayState;
  /** Why it is not in order; undefined while it is. */
  readonly trouble: GatewayTrouble | undefined;
  /** What the gateway takes now; what it does not take is denied `GATEWAY_DOWN`. */
  takes(what: 'entries' | 'exits'): boolean;
  /** Milliseconds since it was last found in order. */
  readonly checkAgeMs: number;
  /** Loss, return and what is taken from then on, each once. */
  readonly notices$: Observable<GatewayNotice>;
  view(): GatewayView;
}

export interface VenueDependencies {
  /** The wall clock. */
  readonly clock: Clock;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sessions: ReadonlyMap<string, SessionHours>;
  /** That our books are kept in. */
  readonly currency: string;
  /** For the log: every change of state, tries included. */
  readonly onTransition: (actor: 'gateway' | 'feed', venue: string, from: string, to: string, cause: string) => void;
  /** For the log: a machine's own code threw, and it goes on. */
  readonly onMachineFault: (actor: 'gateway' | 'feed', venue: string, fault: FaultEvent) => void;
  /** A difference between our books and the venue was found, or what was done about it has changed. */
  readonly onDifference: (venue: string, difference: Difference, settled: boolean) => void;
  /** For the log: our own code has thrown in a strategy's account. */
  readonly onFault: (venue: string, strategy: string, reason: string) => void;
  /** Stands in for the reader of replay files. */
  readonly openReplay?: typeof openReplay;
  /** Stands in for HTTP to the gateways of MT5 venues. */
  readonly openTransport?: (url: string) => Promise<Transport>;
}
