/** What an MT5 account is made of. Times are UTC here; what a terminal shows is on the server's clock. */
import type { Decimal } from '../../domain/decimal.ts';
import type { Instrument } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';

export type Side = 'buy' | 'sell';

/** By their native number. */
export const ORDER_TYPES = [
  'BUY',
  'SELL',
  'BUY_LIMIT',
  'SELL_LIMIT',
  'BUY_STOP',
  'SELL_STOP',
  'BUY_STOP_LIMIT',
  'SELL_STOP_LIMIT',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const sideOf = (type: OrderType): Side => (type.startsWith('BUY') ? 'buy' : 'sell');
export const isMarket = (type: OrderType): boolean => type === 'BUY' || type === 'SELL';

/** By their native number. */
export const FILLINGS = ['FOK', 'IOC', 'RETURN'] as const;
export type Filling = (typeof FILLINGS)[number];

export type AccountMode = 'hedging' | 'netting';

/** Why a deal came about, as MT5 numbers it. */
export const REASON = { desktop: 0, expert: 3, stopLoss: 4, takeProfit: 5, stopOut: 6 } as const;
export type Reason = (typeof REASON)[keyof typeof REASON];

/** How a deal changed its position, as MT5 numbers it. */
export const ENTRY = { in: 0, out: 1, inOut: 2 } as const;
export type Entry = (typeof ENTRY)[keyof typeof ENTRY];

/** What an order has come to, as MT5 numbers it. */
export const ORDER_STATE = { placed: 1, cancelled: 2, partial: 3, filled: 4, rejected: 5, expired: 6 } as const;
export type OrderState = (typeof ORDER_STATE)[keyof typeof ORDER_STATE];

/** A symbol's terms at the broker. Quantities are lots. */
export interface SymbolTerms extends Instrument {
  /** What we call it. */
  readonly ours: string;
  readonly digits: number;
  readonly volumeMax: Decimal;
  readonly swapLong: Decimal;
  readonly swapShort: Decimal;
  /** Least distance of stops and pendings from the market, in points. */
  readonly stopsLevel: number;
  /** Nearer than this to the market nothing may be changed, in points. */
  readonly freezeLevel: number;
  /** 1 FOK, 2 IOC. */
  readonly fillingMode: number;
  /** Where a synthetic market of it begins. */
  readonly startPrice: number;
}

export interface Position {
  readonly ticket: number;
  /** Stays when a netting position turns; deals name it as `position_id`. */
  readonly identifier: number;
  readonly symbol: string;
  readonly side: Side;
  readonly volume: Decimal;
  readonly priceOpen: Decimal;
  /** Zero: none. */
  readonly sl: Decimal;
  readonly tp: Decimal;
  /** Collected so far, in account money; negative costs. */
  readonly swap: Decimal;
  readonly magic: number;
  readonly comment: string;
  readonly reason: Reason;
  readonly openedAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** The terminal shows it from then on. */
  readonly visibleAt: EpochMs;
}

export interface Order {
  readonly ticket: number;
  readonly symbol: string;
  readonly type: OrderType;
  readonly filling: Filling;
  readonly volume: Decimal;
  /** What is not filled. */
  readonly volumeLeft: Decimal;
  /** Zero for a market order. */
  readonly price: Decimal;
  /** Price of the limit order that a stop-limit becomes; zero: none. */
  readonly stoplimit: Decimal;
  readonly sl: Decimal;
  readonly tp: Decimal;
  readonly magic: number;
  readonly comment: string;
  readonly reason: Reason;
  readonly state: OrderState;
  /** The position that it opened or closed; 0: none. */
  readonly positionId: number;
  readonly placedAt: EpochMs;
  readonly doneAt?: EpochMs;
  /** Good till then; absent: till cancelled. */
  readonly expiresAt?: EpochMs;
}

export interface Deal {
  readonly ticket: number;
  readonly order: number;
  readonly at: EpochMs;
  /** `balance`: money in or out, no trade. */
  readonly type: Side | 'balance';
  readonly entry: Entry;
  readonly magic: number;
  readonly positionId: number;
  readonly reason: Reason;
  readonly volume: Decimal;
  readonly price: Decimal;
  /** In account money; what the account pays is negative. */
  readonly commission: Decimal;
  readonly swap: Decimal;
  readonly profit: Decimal;
  readonly fee: Decimal;
  readonly symbol: string;
  readonly comment: string;
  readonly visibleAt: EpochMs;
}

/** A native trade request. Absent sl, tp and stoplimit are none; of a change, what is absent stays. */
export type TradeRequest = DealRequest | PendingRequest | StopsRequest | ModifyRequest | RemoveRequest;

interface Placement {
  readonly symbol: string;
  readonly type: OrderType;
  readonly volume: Decimal;
  readonly sl?: Decimal;
  readonly tp?: Decimal;
  readonly magic: number;
  readonly comment: string;
  readonly filling: Filling;
  readonly reason?: Reason;
}
export interface DealRequest extends Placement {
  readonly action: 'deal';
  /** The position to close by its ticket. */
  readonly position?: number;
}
export interface PendingRequest extends Placement {
  readonly action: 'pending';
  readonly price: Decimal;
  readonly stoplimit?: Decimal;
  readonly expiresAt?: EpochMs;
}
export interface StopsRequest {
  readonly action: 'stops';
  readonly position: number;
  readonly sl: Decimal;
  readonly tp: Decimal;
}
export interface ModifyRequest {
  readonly action: 'modify';
  readonly order: number;
  readonly price?: Decimal;
  readonly sl?: Decimal;
  readonly tp?: Decimal;
  readonly expiresAt?: EpochMs;
}
export interface RemoveRequest {
  readonly action: 'remove';
  readonly order: number;
}

/** What the terminal says of a request. */
export interface TradeResult {
  readonly retcode: number;
  readonly deal: number;
  readonly order: number;
  readonly volume: Decimal;
  readonly price: Decimal;
  readonly bid: number;
  readonly ask: number;
  readonly comment: string;
  readonly requestId: number;
}

export interface AccountFigures {
  readonly balance: Decimal;
  readonly profit: Decimal;
  readonly swap: Decimal;
  readonly equity: Decimal;
  readonly margin: Decimal;
  readonly marginFree: Decimal;
  /** Percent; 0 while no margin is used. */
  readonly marginLevel: Decimal;
}
