/**
 * Everything that crosses the thread boundary, and nothing else: two unions and their parts.
 * Host and guest import this file and never each other. All of it is structured-clone safe: money
 * crosses as decimal text, prices as doubles (see `domain/market.ts`).
 */
import type { EpochMs } from '../domain/time.ts';

/** Errors cross as data: names survive the boundary by this mapping, not by `instanceof`. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly stack: string;
  /** The member that the error is about (`streams.eur.bars`), where the stack does not lead to its line. */
  readonly anchor?: string;
}

export interface WireParam {
  readonly name: string;
  readonly kind: 'integer' | 'decimal' | 'boolean' | 'string' | 'oneOf';
  readonly default: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly options?: readonly string[];
}

export interface WireStream {
  readonly key: string;
  readonly symbol: string;
  readonly venue?: string;
  /** Bar length in ms; absent: no bars wanted. */
  readonly barMs?: number;
  readonly warmup: number;
  readonly session?: string;
}

export interface WireTimer {
  readonly name: string;
  readonly everyMs?: number;
  readonly at?: string;
  readonly zone?: string;
}

/** A strategy file's definition as plain data: what the main thread needs to know to host it. */
export interface WireDefinition {
  readonly name: string;
  readonly version: number;
  readonly params: readonly WireParam[];
  readonly streams: readonly WireStream[];
  readonly timers: readonly WireTimer[];
  /** `risk` as written; the risk layer reads it. */
  readonly risk?: unknown;
  readonly expectTradesEveryMs?: number;
  readonly onHang: 'hold' | 'halt' | 'flatten';
  /** Absent from what was deployed before there was a choice: a thread. */
  readonly isolation?: 'worker' | 'process';
}

export type CallbackName = 'onBar' | 'onTick' | 'onFill' | 'onReject' | 'onTimer' | 'onStop';

export interface WirePosition {
  readonly stream: string;
  readonly qty: string;
  readonly avgPrice: number;
  /** Σ price × quantity × contractSize, signed like the quantity, in quote currency. */
  readonly cost: string;
  readonly contractSize: string;
  /** Account money per unit of quote currency: a number, one divided by the mark (a pair with the account's currency), or null: no rate. */
  readonly rate: number | 'inverseOfMark' | null;
  readonly openedAt: EpochMs;
}

export interface WireOrder {
  readonly id: string;
  readonly stream: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  readonly role: string;
  readonly qty: string;
  readonly filledQty: string;
  readonly price?: number;
  readonly status: string;
  readonly tag?: string;
}

/** What the author's `ctx` answers from; sent whole whenever something in it has changed. */
export interface WireState {
  readonly balance: string;
  readonly realized: string;
  readonly positions: readonly WirePosition[];
  readonly orders: readonly WireOrder[];
}

export interface WireQuote {
  readonly stream: string;
  readonly ts: EpochMs;
  readonly bid: number;
  readonly ask: number;
}

/**
 * One callback to run. `now` is engine time; `quotes` are those in force, where they have changed
 * since the last item; `warming` (absent: false) is what `ctx.warming` says.
 */
export type WireItem = {
  readonly now: EpochMs;
  readonly quotes?: readonly WireQuote[];
  readonly warming?: boolean;
} & (
  | {
      readonly kind: 'bar';
      readonly stream: string;
      readonly start: EpochMs;
      readonly end: EpochMs;
      readonly open: number;
      readonly high: number;
      readonly low: number;
      readonly close: number;
      readonly ticks: number;
    }
  | { readonly kind: 'tick'; readonly stream: string; readonly ts: EpochMs; readonly bid: number; readonly ask: number }
  | {
      readonly kind: 'fill';
      readonly stream: string;
      readonly fillId: string;
      readonly orderId: string;
      readonly side: 'BUY' | 'SELL';
      readonly qty: string;
      readonly price: number;
      readonly commission: string;
      readonly realized: string;
      readonly reducing: boolean;
      readonly role: string;
      readonly tag?: string;
    }
  | {
      readonly kind: 'reject';
      readonly stream: string;
      readonly orderId: string;
      readonly status: 'denied' | 'rejected';
      readonly code: string;
      readonly reason: string;
      readonly side: 'BUY' | 'SELL';
      readonly qty: string;
      readonly tag?: string;
    }
  | { readonly kind: 'timer'; readonly name: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'probe' }
);

/** An order as the guest sends it: all numbers as decimal text. The order of `intents` is the author's. */
export type WireIntent =
  | {
      readonly kind: 'place';
      readonly orderId: string;
      readonly signalId: string;
      readonly stream: string;
      readonly side: 'BUY' | 'SELL';
      readonly type: 'market' | 'limit' | 'stop' | 'trailingStop';
      readonly qty: string;
      readonly price?: string;
      readonly trail?: string;
      readonly tif: 'GTC' | 'DAY' | 'GTD';
      readonly expiresAt?: EpochMs;
      readonly bracket?: {
        readonly stopLoss?: { readonly by?: string; readonly at?: string };
        readonly takeProfit?: { readonly by?: string; readonly at?: string };
      };
      readonly stack?: {
        readonly layers: readonly { readonly offset: string; readonly qty: string }[];
        readonly withinMs: number;
      };
      readonly tag?: string;
    }
  | { readonly kind: 'close'; readonly orderId: string; readonly signalId: string; readonly stream: string }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'cancelAll'; readonly stream?: string };

export interface WireLog {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  /** Already flattened by the guest to JSON-safe values. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The guest's own count of lines that it could not take: no word of the author's. */
  readonly dropped?: number;
}

/** Main thread → strategy thread. */
export type ToGuest =
  | {
      readonly kind: 'load';
      /** `file:` URL of the compiled module. */
      readonly module: string;
    }
  | {
      readonly kind: 'create';
      readonly strategy: string;
      readonly run: number;
      readonly params: Readonly<Record<string, number | string | boolean>>;
      readonly startingBalance: string;
      readonly state: WireState;
    }
  | { readonly kind: 'turn'; readonly id: number; readonly items: readonly WireItem[]; readonly state?: WireState };

/** Strategy thread → main thread. */
export type FromGuest =
  | { readonly kind: 'loaded'; readonly definition: WireDefinition }
  | {
      readonly kind: 'created';
      /** Which callbacks the author wrote: what is not wanted need not be sent. */
      readonly callbacks: readonly CallbackName[];
    }
  | {
      readonly kind: 'done';
      readonly id: number;
      /** Items worked through: all of them, or up to the first one that asked for an order. */
      readonly consumed: number;
      readonly intents: readonly WireIntent[];
      readonly logs: readonly WireLog[];
      /** Callbacks that were evaluations (bar or tick, not while warming). */
      readonly evaluations: number;
    }
  | {
      readonly kind: 'failed';
      /** `background`: outside every callback (an unhandled rejection, a throw in the author's own timer). */
      readonly during: 'load' | 'create' | 'background' | CallbackName;
      /** `rejected`: a promise that nobody caught; `flooding`: more was asked for or logged than can be meant. */
      readonly cause: 'threw' | 'rejected' | 'flooding';
      readonly error: WireError;
      readonly logs: readonly WireLog[];
    };
