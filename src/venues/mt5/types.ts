/**
 * What an MT5 gateway says, in our own terms: exact decimals, times in UTC, sides in words. The
 * client makes these from the gateway's JSON; everybody else sees nothing of the wire.
 */
import type { Decimal } from '../../domain/decimal.ts';
import type { Side } from '../../domain/orders.ts';
import type { EpochMs } from '../../domain/time.ts';

/** What was read, or why it is not known: a failed read is never an empty answer. */
export type Read<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string; readonly status?: number };

/** What became of something that was asked of the trade server. */
export type TradeAnswer =
  /** Retcodes 10008, 10009 and 10010. */
  | { readonly kind: 'done'; readonly result: TradeResult }
  /** It was certainly not done; `code` is the retcode's name, or the gateway's error type in capitals. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly status: number }
  /** It may have been done: only reading tells. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface TradeResult {
  readonly retcode: number;
  /** 0: the gateway did not say. */
  readonly deal: number;
  readonly order: number;
  /** Undefined where the answer has none, or 0. */
  readonly volume: Decimal | undefined;
  readonly price: Decimal | undefined;
  /** Only a part was filled. */
  readonly isPartial: boolean;
}

export interface Mt5Position {
  readonly ticket: number;
  /** The broker's name. */
  readonly symbol: string;
  readonly side: Side;
  readonly volume: Decimal;
  readonly openPrice: Decimal;
  readonly sl: Decimal | undefined;
  readonly tp: Decimal | undefined;
  readonly profit: Decimal;
  readonly swap: Decimal;
  readonly magic: number;
  readonly comment: string;
  /** 0 where the answer does not say. */
  readonly openedAt: EpochMs;
}

export type PendingType = 'BUY_LIMIT' | 'SELL_LIMIT' | 'BUY_STOP' | 'SELL_STOP' | 'BUY_STOP_LIMIT' | 'SELL_STOP_LIMIT';

export interface Mt5Order {
  readonly ticket: number;
  readonly symbol: string;
  readonly type: PendingType;
  /** What is still to be filled. */
  readonly volume: Decimal;
  readonly price: Decimal;
  readonly sl: Decimal | undefined;
  readonly tp: Decimal | undefined;
  readonly magic: number;
  readonly comment: string;
}

/** How a finished order ended, as the history of orders says. */
export type OrderEnd = 'working' | 'cancelled' | 'partial' | 'filled' | 'rejected' | 'expired';

export type DealReason = 'desktop' | 'expert' | 'stopLoss' | 'takeProfit' | 'stopOut' | 'other';

/** A trade: deals of money in and out are left out by the client. */
export interface Mt5Deal {
  readonly ticket: number;
  readonly order: number;
  readonly positionId: number;
  readonly symbol: string;
  /** A close of a BUY is a SELL. */
  readonly side: Side;
  readonly entry: 'in' | 'out' | 'inOut' | 'outBy';
  readonly reason: DealReason;
  readonly volume: Decimal;
  readonly price: Decimal;
  /** Each as it is added to the profit: a charge is negative. */
  readonly commission: Decimal;
  readonly swap: Decimal;
  readonly fee: Decimal;
  readonly profit: Decimal;
  readonly magic: number;
  readonly comment: string;
  readonly at: EpochMs;
}

/** Everything of the account at one moment, all of it or nothing (`GET /reconcile`). */
export interface Mt5Snapshot {
  readonly asOf: EpochMs;
  readonly positions: readonly Mt5Position[];
  readonly orders: readonly Mt5Order[];
  /** Of the last 24 hours, oldest first. */
  readonly deals: readonly Mt5Deal[];
}

export type MarginMode = 'netting' | 'exchange' | 'hedging' | 'unknown';
export type TradeMode = 'demo' | 'contest' | 'real' | 'unknown';

export interface Mt5AccountInfo {
  readonly login: number | undefined;
  readonly server: string;
  readonly name: string;
  readonly currency: string;
  readonly leverage: number | undefined;
  readonly marginMode: MarginMode;
  readonly tradeMode: TradeMode;
  /** Undefined where the answer does not say. */
  readonly tradeAllowed: boolean | undefined;
  readonly balance: Decimal;
  readonly equity: Decimal;
  readonly margin: Decimal;
  readonly marginFree: Decimal;
  /** Percent; 0 while no margin is used. */
  readonly marginLevel: Decimal;
}

/** What of a symbol matters to an order. */
export interface Mt5Symbol {
  readonly name: string;
  readonly digits: number;
  readonly point: Decimal;
  readonly tickSize: Decimal;
  /** Smallest distance of a stop from the quote, in price units. */
  readonly stopsDistance: Decimal;
  /** Within this distance of the quote an order cannot be changed, in price units. */
  readonly freezeDistance: Decimal;
  readonly volumeMin: Decimal;
  readonly volumeStep: Decimal;
  /** Undefined: no limit. */
  readonly volumeMax: Decimal | undefined;
  readonly contractSize: Decimal;
  readonly profitCurrency: string | undefined;
}

export interface Mt5Quote {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
  /** As the server's clock shows it: not UTC where the server's offset is not 0. */
  readonly serverTime: number;
}

export interface Mt5Bar {
  readonly start: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ticks: number;
  /** In points; prices are bids. */
  readonly spread: number;
}

export type Timeframe = 'M1' | 'M5' | 'M15' | 'M30' | 'H1' | 'H4' | 'D1' | 'W1' | 'MN1';

export interface GatewayHealth {
  readonly isHealthy: boolean;
  readonly mt5Status: string;
  readonly uptimeSeconds: number | undefined;
  readonly killed: boolean;
  readonly version: string;
  readonly login: number | undefined;
  readonly lastError: string | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  readonly mt5Status: string;
  readonly error: string | undefined;
  readonly killed: boolean;
}

/** The clock of the broker's server. */
export interface ServerTime {
  /** Ahead of UTC by so much now; a multiple of 15 minutes. */
  readonly offsetMs: number;
  /** When quotes confirmed it last; undefined: it is what the profile says. */
  readonly measuredAt: EpochMs | undefined;
  /** Further ahead of our clock than the offset explains, negative: behind; 0 while nothing was measured. */
  readonly skewMs: number;
}

/** `POST /order`. */
export interface Placement {
  readonly symbol: string;
  readonly side: Side;
  readonly type: 'market' | 'limit' | 'stop';
  readonly volume: Decimal;
  /** Of a limit or stop order. */
  readonly price?: Decimal;
  readonly sl?: Decimal;
  readonly tp?: Decimal;
  readonly comment: string;
  readonly expiresAt?: EpochMs;
  /** Sent as header and in the body; a new one for every attempt. */
  readonly key: string;
}

/** Stops of a position as they shall be; undefined removes. */
export interface Stops {
  readonly sl: Decimal | undefined;
  readonly tp: Decimal | undefined;
}

/** The gateway's HTTP API. Nothing throws: what fails is in the answer. Reads are repeated but for the two of health, which a prober asks again itself; writes never. */
export interface Mt5Client {
  /** Always answered by a gateway that lives, whatever its terminal does. */
  health(): Promise<Read<GatewayHealth>>;
  /** The truth: 503 is an answer here, not a failure. */
  ready(): Promise<Read<Readiness>>;
  account(): Promise<Read<Mt5AccountInfo>>;
  /** `undefined`: there is no such symbol. */
  symbol(name: string): Promise<Read<Mt5Symbol | undefined>>;
  quote(name: string): Promise<Read<Mt5Quote | undefined>>;
  /** The last `count`, oldest first; empty when the terminal has none. */
  bars(name: string, timeframe: Timeframe, count: number): Promise<Read<readonly Mt5Bar[]>>;
  /**
   * Of all magic numbers. An empty list is not yet flat: the gateway gives one where its own read has failed. So it
   * only says when to look; a position is closed once {@link reconcile} lacks it and its deals are there.
   */
  positions(): Promise<Read<readonly Mt5Position[]>>;
  /** How many there are, by a read of its own: for whoever has nothing but an empty list. */
  positionsTotal(): Promise<Read<number>>;
  /** Pending orders of all magic numbers. */
  orders(): Promise<Read<readonly Mt5Order[]>>;
  /** Trades from `from` to `to`, both UTC; bounds are widened by the server's offset, then cut to what was asked for. */
  deals(from: EpochMs, to: EpochMs, positionId?: number): Promise<Read<readonly Mt5Deal[]>>;
  /** How an order ended; undefined when the history does not know it. */
  orderEnd(ticket: number): Promise<Read<OrderEnd | undefined>>;
  /** All of it or nothing: no part of it is empty because a read has failed. */
  reconcile(): Promise<Read<Mt5Snapshot>>;
  place(order: Placement): Promise<TradeAnswer>;
  cancel(ticket: number): Promise<TradeAnswer>;
  modify(ticket: number, change: { readonly price?: Decimal } & Partial<Stops>): Promise<TradeAnswer>;
  /** Closes the whole position. A refusal that may hide an unknown outcome (400) comes back as unknown. */
  close(ticket: number): Promise<TradeAnswer>;
  closePart(ticket: number, volume: Decimal): Promise<TradeAnswer>;
  setStops(position: number, stops: Stops): Promise<TradeAnswer>;
  /** How the server's clock goes, by the quotes that were read. */
  serverTime(): ServerTime;
  /** The instant at which the server's clock showed that: for {@link Mt5Quote.serverTime}. */
  utc(serverTime: number): EpochMs;
  /** Engages the gateway's kill switch; with `flatten` it closes everything first. */
  kill(flatten: boolean): Promise<Read<void>>;
  releaseKill(): Promise<Read<void>>;
}
