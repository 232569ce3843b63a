/** The client of one MT5 gateway. It tells what is known from what is not, and throws nothing. */
import type { Clock } from '../../clock.ts';
import type { Decimal } from '../../domain/decimal.ts';
import { toJson } from '../../domain/json.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import type { ServerClock } from '../mt5-server-clock.ts';
import { dealsIn, orderEndIn, ordersIn, positionsIn, snapshotIn } from './account-rows.ts';
import { Unreadable } from './answer-shape.ts';
import { Exchange, type Asked, type Reply } from './exchange.ts';
import { accountIn, barsIn, healthIn, quoteIn, readinessIn, symbolIn, totalIn } from './market-rows.ts';
import { orderBody } from './placement.ts';
import { complaintOf, isNotFound, jsonOf } from './replies.ts';
import { ServerOffset } from './server-offset.ts';
import { SharedReads } from './shared-reads.ts';
import { tradeAnswerOf, type Asking } from './trade-answers.ts';
import { openTransport, type Transport } from './transport.ts';
import type {
  GatewayHealth,
  Mt5AccountInfo,
  Mt5Bar,
  Mt5Client,
  Mt5Deal,
  Mt5Order,
  Mt5Position,
  Mt5Quote,
  Mt5Snapshot,
  Mt5Symbol,
  OrderEnd,
  Placement,
  Read,
  Readiness,
  ServerTime,
  Stops,
  Timeframe,
  TradeAnswer,
} from './types.ts';

export interface GatewayClientOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly apiKey?: string;
  /** Marks our orders. */
  readonly magic: number;
  /** Slippage that a market order may have, in points. */
  readonly deviation: number;
  /** What the server's clock is thought to show until quotes say. */
  readonly serverClock: ServerClock;
}

/** How long `/account`, positions and orders are good for everybody. */
const KEPT_MS = 500;
const DAY_MS = 86_400_000;

/** A client with connections of its own. @param url of the gateway, http or https */
export async function openGatewayClient({
  url,
  ...options
}: Omit<GatewayClientOptions, 'transport'> & { readonly url: string }): Promise<GatewayClient> {
  return new GatewayClient({ ...options, transport: await openTransport(url) });
}

export class GatewayClient implements Mt5Client {
  readonly #options: GatewayClientOptions;
  readonly #exchange: Exchange;
  readonly #shared: SharedReads;
  readonly #offset: ServerOffset;
  readonly #toUtc = (shown: number): EpochMs => this.#offset.utc(shown);

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#exchange = new Exchange({ ...options, name: `qkt-${options.magic}` });
    this.#shared = new SharedReads(options.clock);
    this.#offset = new ServerOffset(options.serverClock);
  }

  /** Requests sent so far, repetitions counted. */
  get requests(): number {
    return this.#exchange.requests;
  }

  async health(): Promise<Read<GatewayHealth>> {
    return readOf(await this.#exchange.once({ method: 'GET', path: '/health' }), healthIn);
  }

  async ready(): Promise<Read<Readiness>> {
    const reply = await this.#exchange.once({ method: 'GET', path: '/health/ready' });
    // A gateway that is not ready says so with 503; any other 503 is about something else.
    if (!reply.answered || reply.status !== 503) return readOf(reply, (body) => readinessIn(body, 200));
    const read = readOf({ ...reply, status: 200 }, (body) => readinessIn(body, 503));
    return read.known ? read : unknown(complaintOf(reply), 503);
  }

  account(): Promise<Read<Mt5AccountInfo>> {
    return this.#read('/account', accountIn, { keepMs: KEPT_MS });
  }

  symbol(name: string): Promise<Read<Mt5Symbol | undefined>> {
    return this.#read(`/symbol_info/${encodeURIComponent(name)}`, (body) => symbolIn(body, name), { none: undefined });
  }

  quote(name: string): Promise<Read<Mt5Quote | undefined>> {
    const { clock } = this.#options;
    const askedAt = clock.now();
    const decode = (body: unknown): Mt5Quote => {
      const quote = quoteIn(body, name);
      this.#offset.note(name, quote.serverTime, askedAt, clock.now());
      return quote;
    };
    return this.#read(`/symbol_info_tick/${encodeURIComponent(name)}`, decode, { none: undefined });
  }

  bars(name: string, timeframe: Timeframe, count: number): Promise<Read<readonly Mt5Bar[]>> {
    const path = withQuery('/fetch_data_pos', { symbol: name, timeframe, num_bars: count });
    return this.#read(path, barsIn, { none: [] });
  }

  positions(): Promise<Read<readonly Mt5Position[]>> {
    return this.#read('/get_positions', (body) => positionsIn(body, this.#toUtc), { keepMs: KEPT_MS });
  }

  positionsTotal(): Promise<Read<number>> {
    return this.#read('/positions_total', totalIn);
  }

  orders(): Promise<Read<readonly Mt5Order[]>> {
    return this.#read('/orders', ordersIn, { keepMs: KEPT_MS });
  }

  deals(from: EpochMs, to: EpochMs, positionId?: number): Promise<Read<readonly Mt5Deal[]>> {
    const path = withQuery('/history_deals_get', {
      from_date: iso(Math.max(0, from + this.#offset.at(from) - DAY_MS)),
      to_date: iso(to + this.#offset.at(to) + DAY_MS),
      ...(positionId !== undefined && { position: positionId }),
    });
    // The bounds are wider than what was asked for, and gateways before 0.3.17 ignore the position.
    return this.#read(path, (body) =>
      dealsIn(body, this.#toUtc).filter(
        (deal) => deal.at >= from && deal.at <= to && (positionId === undefined || deal.positionId === positionId),
      ),
    );
  }

  orderEnd(ticket: number): Promise<Read<OrderEnd | undefined>> {
    const path = withQuery('/history_orders_get', { ticket });
    return this.#read(path, (body) => orderEndIn(body, ticket), { none: undefined });
  }

  reconcile(): Promise<Read<Mt5Snapshot>> {
    return this.#read('/reconcile', (body) => snapshotIn(body, this.#toUtc));
  }

  place(order: Placement): Promise<TradeAnswer> {
    const headers = { 'idempotency-key': order.key };
    return this.#trade({ method: 'POST', path: '/order', body: toJson(orderBody(order, this.#options)), headers });
  }

  cancel(ticket: number): Promise<TradeAnswer> {
    return this.#trade({ method: 'DELETE', path: `/orders/${ticket}` }, { bare: ticket });
  }

  modify(ticket: number, change: { readonly price?: Decimal } & Partial<Stops>): Promise<TradeAnswer> {
    const { price } = change;
    const body = {
      ...(price !== undefined && { price }),
      ...('sl' in change && { sl: change.sl ?? 0 }),
      ...('tp' in change && { tp: change.tp ?? 0 }),
    };
    return this.#trade({ method: 'PUT', path: `/orders/${ticket}`, body: toJson(body) }, { bare: ticket });
  }

  close(ticket: number): Promise<TradeAnswer> {
    const body = toJson({ position: { ticket } });
    return this.#trade({ method: 'POST', path: '/close_position', body }, { hides: true });
  }

  closePart(ticket: number, volume: Decimal): Promise<TradeAnswer> {
    return this.#trade({ method: 'POST', path: '/position_close_partial', body: toJson({ ticket, volume }) });
  }

  setStops(position: number, { sl, tp }: Stops): Promise<TradeAnswer> {
    const body = {
      position,
      ...(sl === undefined ? { clear_sl: true } : { sl }),
      ...(tp === undefined ? { clear_tp: true } : { tp }),
    };
    return this.#trade({ method: 'POST', path: '/modify_sl_tp', body: toJson(body) }, { bare: position });
  }

  serverTime(): ServerTime {
    return this.#offset.reading(this.#options.clock.now());
  }

  utc(serverTime: number): EpochMs {
    return this.#offset.utc(serverTime);
  }

  async kill(flatten: boolean): Promise<Read<void>> {
    const path = flatten ? '/kill?flatten=true' : '/kill';
    return readOf(await this.#write({ method: 'POST', path, body: '{}' }), () => undefined);
  }

  async releaseKill(): Promise<Read<void>> {
    return readOf(await this.#write({ method: 'POST', path: '/kill/release', body: '{}' }), () => undefined);
  }

  /** Cuts off what is under way, and every connection. */
  dispose(): Promise<void> {
    return this.#exchange.close();
  }

  #read<T>(path: string, decode: (body: unknown) => T, how: HowToRead<T> = {}): Promise<Read<T>> {
    return this.#shared.get(path, how.keepMs ?? 0, async () => {
      const reply = await this.#exchange.read(path);
      if ('none' in how && reply.answered && isNotFound(reply)) return { known: true, value: how.none };
      return readOf(reply, decode);
    });
  }

  async #trade(asked: Asked, asking: Asking = {}): Promise<TradeAnswer> {
    return tradeAnswerOf(await this.#write(asked), asking);
  }

  /** What was read before, or is being read while this goes on, is old when it is done. */
  async #write(asked: Asked): Promise<Reply> {
    this.#shared.clear();
    const reply = await this.#exchange.once(asked);
    this.#shared.clear();
    return reply;
  }
}

interface HowToRead<T> {
  readonly keepMs?: number;
  /** What a 404 means. */
  readonly none?: T;
}

function readOf<T>(reply: Reply, decode: (body: unknown) => T): Read<T> {
  if (!reply.answered) return unknown(reply.reason);
  if (reply.status !== 200) return unknown(complaintOf(reply), reply.status);
  try {
    return { known: true, value: decode(jsonOf(reply)) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return unknown(error.message, reply.status);
  }
}

const unknown = (reason: string, status?: number): Read<never> => ({
  known: false,
  reason,
  ...(status !== undefined && { status }),
});

function withQuery(path: string, query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `${path}?${new URLSearchParams(pairs).toString()}`;
}
