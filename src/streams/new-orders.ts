/** Orders as they are created, before the gate has seen them: one maker for each reason to trade. */
import type { Clock } from '../clock.ts';
import { Decimal, dec } from '../domain/decimal.ts';
import { layerId } from '../domain/ids.ts';
import type { Tick } from '../domain/market.ts';
import type { Order, OrderRole, OrderType, PlaceIntent, Side } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ExternalReport, VenueOrder } from '../domain/venue.ts';
import { mayOpen } from './order-store.ts';
import type { Leg } from './protection.ts';
import type { Stack, WaitingLayer } from './stacks.ts';

export interface NewOrdersDependencies {
  readonly strategy: string;
  readonly venue: string;
  readonly clock: Clock;
  readonly quote: (symbol: string) => Tick | undefined;
  readonly dayEnd: (now: EpochMs) => EpochMs;
}

interface Basics {
  readonly id: string;
  readonly role: OrderRole;
  readonly type: OrderType;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
}

export interface Closing {
  readonly id: string;
  readonly role: 'close' | 'flatten';
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly signalId?: string;
}

export class NewOrders {
  readonly #deps: NewOrdersDependencies;

  constructor(dependencies: NewOrdersDependencies) {
    this.#deps = dependencies;
  }

  /** What an author asks for; with a stack it is the stack's first layer. */
  entry(intent: PlaceIntent, symbol: string): Order {
    const { orderId: id, side, type, qty, tif, signalId, price, trail, bracket, stack, tag } = intent;
    const expiresAt = tif === 'DAY' ? this.#deps.dayEnd(this.#deps.clock.now()) : intent.expiresAt;
    return {
      ...this.#create({ id, role: 'entry', type, symbol, side, qty }),
      tif,
      signalId,
      ...this.#signalPrice(symbol, side),
      ...(price !== undefined && { price }),
      ...(trail !== undefined && { trail }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(bracket !== undefined && { bracket }),
      ...(stack !== undefined && { stackId: id, layer: 1 }),
      ...(tag !== undefined && { tag }),
    };
  }

  /** A waiting layer whose trigger was touched. */
  layer({ id: stackId, signalId, bracket, tag }: Stack, { layer, symbol, side, qty }: WaitingLayer): Order {
    return {
      ...this.#create({ id: layerId(stackId, layer), role: 'stackLayer', type: 'market', symbol, side, qty }),
      parentId: stackId,
      stackId,
      layer,
      ...(signalId !== undefined && { signalId }),
      ...(bracket !== undefined && { bracket }),
      ...(tag !== undefined && { tag }),
      ...this.#signalPrice(symbol, side),
    };
  }

  closing({ signalId, ...basics }: Closing): Order {
    return {
      ...this.#create({ ...basics, type: 'market' }),
      ...(signalId !== undefined && { signalId }),
      ...this.#signalPrice(basics.symbol, basics.side),
    };
  }

  /** A protective order: its level is the price that the strategy decided on. */
  leg({ price, parentId, signalId, ...basics }: Leg): Order {
    const ids = { parentId, ...(signalId !== undefined && { signalId }) };
    return { ...this.#create(basics), ...ids, price, signalPrice: price };
  }

  /** Of a fill that the venue has made without us; one that only closes belongs to the entry that it closes. */
  external({ fill, role, cause, closes, bracket }: ExternalReport): Order {
    const { orderId: id, symbol, side, qty } = fill;
    return {
      ...this.#create({ id, role, type: 'market', symbol, side, qty }),
      status: 'working',
      cause,
      ...(closes !== undefined && { parentId: closes }),
      ...(bracket !== undefined && { bracket }),
    };
  }

  #create({ id, role, type, symbol, side, qty }: Basics): Order {
    return {
      id,
      strategy: this.#deps.strategy,
      venue: this.#deps.venue,
      symbol,
      side,
      type,
      role,
      qty,
      filledQty: Decimal.ZERO,
      tif: 'GTC',
      status: 'created',
      createdAt: this.#deps.clock.now(),
    };
  }

  #signalPrice(symbol: string, side: Side): { signalPrice?: Decimal } {
    const quote = this.#deps.quote(symbol);
    return quote === undefined ? {} : { signalPrice: dec(side === 'BUY' ? quote.ask : quote.bid) };
  }
}

/** The part of an order that its venue is told. */
export function venueOrder(order: Order): VenueOrder {
  const { id, symbol, side, type, role, qty, price, trail, tif, reduceOnly, expiresAt, bracket, parentId } = order;
  const isLeg = role === 'stopLoss' || role === 'takeProfit';
  return {
    id,
    symbol,
    side,
    type,
    qty,
    tif,
    ...((reduceOnly === true || !mayOpen(role)) && { reduceOnly: true }),
    ...(price !== undefined && { price }),
    ...(trail !== undefined && { trail }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(mayOpen(role) && bracket !== undefined && { bracket }),
    ...(order.stackId !== undefined && { inStack: true }),
    ...(isLeg && { protects: { entryId: parentId!, role } }),
  };
}
