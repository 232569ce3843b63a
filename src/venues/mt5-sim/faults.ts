/** Everything that can go wrong between a client and its account: the closed list of fault switches. */

/** What may be said of a fault beside its name; without it the usual one holds. Numbers are whole. */
export type FaultValue =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'number';
      readonly unit: string;
      readonly min: number;
      readonly max: number;
      readonly usual: number;
    }
  | { readonly kind: 'text'; readonly what: string; readonly usual: string };

export interface FaultKind {
  readonly what: string;
  readonly value: FaultValue;
  /** Takes effect at requests to these routes when no route is named; absent: it belongs to no route. */
  readonly routes?: Scope;
  /** A route outside of those may be named as well. */
  readonly anywhere?: true;
}

/** `all`: every route of the gateway. */
export type Scope = 'trade' | 'all' | readonly string[];

const ORDER = ['POST /order'];

const NONE: FaultValue = { kind: 'none' };
const ms = (usual: number): FaultValue => ({ kind: 'number', unit: 'ms', min: 0, max: 3_600_000, usual });

export const FAULTS = {
  'mt5-down': {
    what: 'the terminal is not connected: 503 everywhere but health, kill, reconcile, metrics and last_error; /health stays 200 and says degraded',
    value: NONE,
  },
  'mt5-reconnecting': {
    what: 'the terminal is not connected, and a request tries for 3 s to reach it: the others get 503 at once and /health says reconnecting',
    value: NONE,
  },
  'health-degraded': {
    what: '/health says degraded and still answers 200, /health/ready 503; the rest works',
    value: NONE,
  },
  unavailable: { what: '503 from every route, health included', value: NONE, routes: 'all' },
  'internal-error': { what: '500, and nothing is done', value: NONE, routes: 'all' },
  'connection-error': {
    what: '503 connection_error: this terminal call failed',
    value: NONE,
    routes: ['GET /account', 'GET /orders', 'GET /history_deals_get', 'GET /history_deals_range', 'GET /reconcile'],
  },
  'empty-positions': { what: '/get_positions is empty, with 200', value: NONE, routes: ['GET /get_positions'] },
  'ticket-flicker': {
    what: 'every other look at /get_positions lacks the ticket (0: every position)',
    value: { kind: 'number', unit: 'ticket', min: 0, max: Number.MAX_SAFE_INTEGER, usual: 0 },
    routes: ['GET /get_positions'],
  },
  'slow-reply': {
    what: 'the answer comes so much later, after all was done',
    value: ms(6000),
    routes: 'trade',
    anywhere: true,
  },
  'unknown-executed': {
    what: 'executed, and then no result: 502 (from /close_position 400)',
    value: NONE,
    routes: 'trade',
  },
  'unknown-not-executed': {
    what: 'no result and not executed: 502 (from /close_position 400)',
    value: NONE,
    routes: 'trade',
  },
  'in-progress-executed': { what: 'executed, and then 409 idempotency_in_progress', value: NONE, routes: ORDER },
  'in-progress-not-executed': { what: '409 idempotency_in_progress, not executed', value: NONE, routes: ORDER },
  'reset-executed': {
    what: 'done, and then the connection is cut without an answer',
    value: NONE,
    routes: 'trade',
    anywhere: true,
  },
  'reset-not-executed': {
    what: 'the connection is cut and nothing is done',
    value: NONE,
    routes: 'trade',
    anywhere: true,
  },
  requote: { what: 'the trade server answers 10004: 409 retryable, not executed', value: NONE, routes: 'trade' },
  retcode: {
    what: 'the trade server answers with that retcode, not executed',
    value: { kind: 'number', unit: 'retcode', min: 10_000, max: 99_999, usual: 10_006 },
    routes: 'trade',
  },
  'zero-price': {
    what: 'a market order is answered with price 0 and deal 0; deal and position appear so much later',
    value: ms(1500),
    routes: 'trade',
  },
  'partial-fill': {
    what: 'a market order is filled in part: DONE_PARTIAL',
    value: { kind: 'number', unit: 'percent', min: 1, max: 99, usual: 50 },
    routes: 'trade',
  },
  'partial-without-volume': {
    what: 'the same, and the answer does not say how much',
    value: { kind: 'number', unit: 'percent', min: 1, max: 99, usual: 50 },
    routes: 'trade',
  },
  'history-lag': { what: 'deals appear in the history so much later', value: ms(2000) },
  'ignore-position-filter': {
    what: '/history_deals_get ignores position, as gateways up to 0.3.16 do',
    value: NONE,
    routes: ['GET /history_deals_get'],
  },
  'bare-arrays': { what: 'arrays come without an envelope, as from old gateways', value: NONE, routes: 'all' },
  'clock-offset': {
    what: "the server's clock is so many hours further ahead",
    value: { kind: 'number', unit: 'hours', min: -24, max: 24, usual: 3 },
  },
  'forget-idempotency': { what: 'no idempotency key is remembered, as after a restart', value: NONE },
  'wrong-login': {
    what: 'the terminal is logged in to that account',
    value: { kind: 'number', unit: 'login', min: 1, max: Number.MAX_SAFE_INTEGER, usual: 999 },
  },
  'wrong-server': {
    what: 'the terminal is on that server',
    value: { kind: 'text', what: 'a server', usual: 'Other-Server' },
  },
  'wrong-currency': {
    what: 'the account is in that currency',
    value: { kind: 'text', what: 'a currency', usual: 'EUR' },
  },
  'trade-not-allowed': { what: 'the account may not trade: 10017 for every trade request', value: NONE },
  'kill-switch': { what: 'the kill switch is on, whatever its file says', value: NONE },
  'frozen-quotes': {
    what: 'quotes of that symbol (all: *) no longer come in',
    value: { kind: 'text', what: 'a symbol', usual: '*' },
  },
  'foreign-magic': {
    what: 'so much after an order another client opens a position of its own with the same magic',
    value: ms(0),
    routes: ORDER,
  },
  'sl-removed': {
    what: 'so much after a position was opened its stop is removed by hand',
    value: ms(1000),
    routes: ORDER,
  },
  'manual-close': { what: 'so much after a position was opened it is closed by hand', value: ms(1000), routes: ORDER },
  'pending-cancelled': {
    what: 'so much after a pending order was placed it is cancelled by hand',
    value: ms(1000),
    routes: ORDER,
  },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** Routes that ask the trade server for something. */
export const TRADE_ROUTES: readonly string[] = [
  'POST /order',
  'PUT /orders/<ticket>',
  'DELETE /orders/<ticket>',
  'POST /close_position',
  'POST /position_close_partial',
  'POST /close_all_positions',
  'POST /modify_sl_tp',
];
