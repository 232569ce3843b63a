/** Between the main thread's types and those that cross to the guest. */
import { dec } from '../domain/decimal.ts';
import type { Intent, Order, ProtectiveLevel } from '../domain/orders.ts';
import type { Ledger, MarkTerms } from '../ledger/ledger.ts';
import { unitRate } from '../ledger/money.ts';
import { averagePrice, type Position } from '../ledger/position.ts';
import type { WireIntent, WireOrder, WirePosition, WireState } from '../worker/protocol.ts';

/** An author's intent with its numbers as exact decimals. The guest has checked its shape. */
export function readIntent(wire: WireIntent): Intent {
  if (wire.kind !== 'place') return wire;
  const { qty, price, trail, bracket, stack, ...rest } = wire;
  return {
    ...rest,
    qty: dec(qty),
    ...(price !== undefined && { price: dec(price) }),
    ...(trail !== undefined && { trail: dec(trail) }),
    ...(bracket !== undefined && {
      bracket: {
        ...(bracket.stopLoss !== undefined && { stopLoss: readLevel(bracket.stopLoss) }),
        ...(bracket.takeProfit !== undefined && { takeProfit: readLevel(bracket.takeProfit) }),
      },
    }),
    ...(stack !== undefined && {
      stack: {
        withinMs: stack.withinMs,
        layers: stack.layers.map((layer) => ({ offset: dec(layer.offset), qty: dec(layer.qty) })),
      },
    }),
  };
}

function readLevel({ by, at }: { readonly by?: string; readonly at?: string }): ProtectiveLevel {
  return { ...(by !== undefined && { by: dec(by) }), ...(at !== undefined && { at: dec(at) }) };
}

export interface WireStateSources {
  readonly ledger: Ledger;
  readonly orders: readonly Order[];
  readonly streamOf: (symbol: string) => string | undefined;
  readonly termsOf: (position: Position) => MarkTerms;
}

/** What the author's `ctx` answers from until something changes. */
export function wireState({ ledger, orders, streamOf, termsOf }: WireStateSources): WireState {
  return {
    balance: ledger.balance.toString(),
    realized: ledger.realized.toString(),
    positions: ledger.positions().flatMap((position) => {
      const stream = streamOf(position.symbol);
      return stream === undefined ? [] : [wirePosition(position, stream, termsOf(position))];
    }),
    orders: orders.flatMap((order) => {
      const stream = streamOf(order.symbol);
      return stream === undefined ? [] : [wireOrder(order, stream)];
    }),
  };
}

function wirePosition(position: Position, stream: string, terms: MarkTerms): WirePosition {
  return {
    stream,
    qty: position.qty.toString(),
    avgPrice: averagePrice(position).toNumber(),
    cost: position.cost.toString(),
    contractSize: position.contractSize.toString(),
    rate: wireRate(terms),
    openedAt: position.openedAt,
  };
}

/** Marked with its own pair, the rate moves with the mark. */
function wireRate({ rate, mark }: MarkTerms): WirePosition['rate'] {
  return rate?.kind === 'inverse' && mark !== undefined && rate.price.equals(mark) ? 'inverseOfMark' : unitRate(rate);
}

function wireOrder(order: Order, stream: string): WireOrder {
  return {
    id: order.id,
    stream,
    side: order.side,
    type: order.type,
    role: order.role,
    qty: order.qty.toString(),
    filledQty: order.filledQty.toString(),
    ...(order.price !== undefined && { price: order.price.toNumber() }),
    status: order.status,
    ...(order.tag !== undefined && { tag: order.tag }),
  };
}
