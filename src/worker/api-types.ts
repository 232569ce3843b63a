/** What authors see in callbacks: plain numbers and frozen plain data. Stream keys are known by name (`K`). */

/** A number where authors pass one: a JavaScript number means the decimal that prints it shortest; text is exact as written. */
export type Num = number | string;

/** `250ms`, `30s`, `15m`, `8h`, `1d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** A bar length from `1s` to `1d`. */
export type BarLength = `${number}${'s' | 'm' | 'h' | 'd'}`;

export type Side = 'BUY' | 'SELL';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A closed bar of mid prices over `[start, end)`; times are epoch ms. */
export interface Bar<K extends string = string> {
  readonly stream: K;
  readonly symbol: string;
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Quotes that the bar was built from. */
  readonly ticks: number;
}

export interface Tick<K extends string = string> {
  readonly stream: K;
  readonly symbol: string;
  readonly ts: number;
  readonly bid: number;
  readonly ask: number;
}

export interface Quote {
  readonly ts: number;
  readonly bid: number;
  readonly ask: number;
}

/** What an order is for: `entry` and `stackLayer` may add exposure, the others only reduce it. */
export type OrderRole = 'entry' | 'stopLoss' | 'takeProfit' | 'close' | 'flatten' | 'stackLayer';

export interface Fill<K extends string = string> {
  readonly stream: K;
  readonly symbol: string;
  readonly ts: number;
  readonly id: string;
  readonly orderId: string;
  readonly side: Side;
  readonly qty: number;
  readonly price: number;
  /** Account currency; positive is a cost. */
  readonly commission: number;
  /** Account currency, net of commission. */
  readonly realized: number;
  /** True for an exit. */
  readonly reducing: boolean;
  readonly role: OrderRole;
  readonly tag?: string;
}

/** An order that did not pass: `denied` by the gate before sending, `rejected` by the venue. */
export interface Denial<K extends string = string> {
  readonly stream: K;
  readonly symbol: string;
  readonly ts: number;
  readonly orderId: string;
  readonly status: 'denied' | 'rejected';
  /** Stable: `HALTED`, `WARMUP`, `MAX_ORDER_QTY`, `NO_PRICE`… */
  readonly code: string;
  readonly reason: string;
  readonly side: Side;
  readonly qty: number;
  readonly tag?: string;
}

export interface Position {
  /** Signed: negative when short, 0 when flat. */
  readonly qty: number;
  /** 0 when flat. */
  readonly avgPrice: number;
  /** Account currency; a long is marked at the bid, a short at the ask. `NaN` while no quote or no conversion rate is known. */
  readonly unrealized: number;
  /** Epoch ms; undefined when flat. */
  readonly openedAt: number | undefined;
}

/** Account currency. `unrealized` and `equity` are `NaN` while that of any position is. */
export interface Account {
  readonly equity: number;
  readonly balance: number;
  readonly realized: number;
  readonly unrealized: number;
}

/** An order that is not final yet. */
export interface OrderInfo<K extends string = string> {
  readonly id: string;
  readonly stream: K;
  readonly side: Side;
  readonly type: OrderType;
  readonly role: OrderRole;
  readonly qty: number;
  readonly filledQty: number;
  /** Limit price or stop trigger. */
  readonly price?: number;
  readonly status: OrderStatus;
  readonly tag?: string;
}

export type OrderType = 'market' | 'limit' | 'stop' | 'trailingStop';
export type OrderStatus = 'created' | 'submitted' | 'working' | 'partiallyFilled' | 'unknown';

/** A protective level: a distance from the actual fill (`by`, price units) or a fixed price (`at`). */
export type Level = { readonly by: Num; readonly at?: never } | { readonly at: Num; readonly by?: never };

/** One of the two cancels the other; at least one is given. */
export type Bracket =
  { readonly stopLoss: Level; readonly takeProfit?: Level } | { readonly stopLoss?: Level; readonly takeProfit: Level };

interface StackWindow {
  /** Counted from layer 1's fill; a duration or milliseconds, 24 h unless said. */
  readonly within?: Duration | number;
}

/** `layers` orders of the same quantity, `spacing` (price units) apart, with or against the trend of the side. */
export interface EvenStack extends StackWindow {
  readonly layers: number;
  readonly spacing: Num;
  readonly direction: 'with' | 'against';
}

/**
 * Layers written out. An offset is in price units from layer 1's fill, positive with the trend of
 * the side (a BUY: up); layer 1 has offset 0, or none. `qty` of a layer is that of the order unless said.
 */
export interface ListedStack extends StackWindow {
  readonly layers: readonly { readonly offset?: Num; readonly qty?: Num }[];
}

type OrderKind =
  | { readonly type?: 'market'; readonly price?: never; readonly trail?: never }
  | { readonly type: 'limit' | 'stop'; readonly price: Num; readonly trail?: never }
  | { readonly type: 'trailingStop'; readonly trail: Num; readonly price?: never };

type OrderLife =
  | { readonly tif?: 'GTC' | 'DAY'; readonly expiresAt?: never }
  | { readonly tif?: 'GTD'; readonly expiresAt: number | string | Date };

type OrderSize =
  { readonly qty: Num; readonly stack?: EvenStack | ListedStack } | { readonly qty?: Num; readonly stack: ListedStack };

/**
 * What `buy` and `sell` take. `price` belongs to `limit` and `stop`, `trail` (price units) to
 * `trailingStop`; `expiresAt` (epoch ms, a Date, or ISO-8601 with a zone) makes the order `GTD`.
 */
export type PlaceOptions = OrderKind &
  OrderLife &
  OrderSize & {
    readonly bracket?: Bracket;
    /** Yours, at most 100 characters; it comes back in fills, denials and orders. */
    readonly tag?: string;
  };

/** What a callback acts through. Actions are only possible inside a callback; each throws when its options are wrong. */
export interface Ctx<K extends string = string> {
  /** Engine time, epoch ms. */
  readonly now: number;
  /** True while warm-up bars are replayed; orders asked for then are denied (`WARMUP`). */
  readonly warming: boolean;
  readonly account: Account;
  /** Asks for an order. What became of it is told by `onFill` and `onReject`. */
  buy(stream: K, options: PlaceOptions): { readonly id: string };
  sell(stream: K, options: PlaceOptions): { readonly id: string };
  /** Closes the position of that stream at market; does nothing when flat. */
  close(stream: K): void;
  cancel(orderId: string): void;
  cancelAll(stream?: K): void;
  /** Of the stream's symbol: streams of one symbol at one venue share it. */
  position(stream: K): Position;
  /** The quote in force; undefined before the first. */
  quote(stream: K): Quote | undefined;
  /** Orders that are not final, as of the beginning of this callback. */
  orders(stream?: K): readonly OrderInfo<K>[];
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
