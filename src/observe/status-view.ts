/** From ledger, orders and marks to the figures of `/status`: one pure projection of one instant. */
import { Decimal } from '../domain/decimal.ts';
import type { Counts, TradingCounts } from '../domain/metrics.ts';
import type { Order } from '../domain/orders.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { HeadroomView, RiskStateView } from '../domain/risk-views.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { EvaluationsView, OrderView, PositionView, StackLayerView, TradeView } from '../domain/trading-views.ts';
import type { Ledger, MarkTerms } from '../ledger/ledger.ts';
import { unrealizedOf } from '../ledger/ledger.ts';
import { unitRate } from '../ledger/money.ts';
import { averagePrice, type Position } from '../ledger/position.ts';
import type { WaitingLayer } from '../streams/stacks.ts';

/** What a view is made of, all of the same instant. */
export interface StatusSources {
  readonly ledger: Ledger;
  readonly termsOf: (position: Position) => MarkTerms;
  readonly orders: readonly Order[];
  readonly waiting: readonly WaitingLayer[];
  readonly trades: readonly TradeView[];
  readonly tradesTotal: number;
  readonly evaluations: EvaluationsView;
  readonly drawdown: (equity: Decimal) => Decimal;
  readonly dailyLoss: (equity: Decimal) => Decimal | undefined;
  readonly headroom: () => readonly HeadroomView[];
  readonly counters: CountedView;
  /** Refusals of the venue by code. */
  readonly rejected: Counts;
  readonly restarts: number;
  readonly seq: number;
  readonly asOf: EpochMs;
}

/** What of the counts is kept beside the ledger. */
export type CountedView = Pick<
  TradingCounts,
  'highSlippageTrades' | 'submitted' | 'slippage' | 'improvement' | 'latency'
>;

/** The part of `/status` that belongs to one instant; identity, state and ages are added when it is asked for. */
export type Figures = Pick<
  StatusView,
  | 'seq'
  | 'asOf'
  | 'currency'
  | 'startingBalance'
  | 'balance'
  | 'equity'
  | 'realized'
  | 'unrealized'
  | 'positions'
  | 'trades'
  | 'tradesTotal'
  | 'orders'
  | 'pendingStackLayers'
  | 'evaluations'
> & {
  readonly drawdown: Decimal | null;
  readonly dailyLoss: Decimal | null;
  readonly headroom: readonly HeadroomView[];
  /** Of what only the metrics tell. */
  readonly counts: TradingCounts;
  readonly exposure: number | null;
  /** Names of the figures that are not known. */
  readonly unknown: readonly string[];
};

export function figures(sources: StatusSources): Figures {
  const { ledger } = sources;
  const held = ledger.positions().map((position) => ({ position, terms: sources.termsOf(position) }));
  const positions = held.map(({ position, terms }) => positionView(position, terms, sources.orders));
  const unrealized = sumOf(positions);
  // A swap that no rate could convert yet is part of both.
  const isExact = ledger.owing.length === 0;
  const balance = isExact ? ledger.balance.trimmed() : null;
  const realized = isExact ? ledger.realized.trimmed() : null;
  const equity = unrealized === null || balance === null ? null : balance.plus(unrealized).trimmed();
  const drawdown = equity === null ? null : sources.drawdown(equity);
  const dailyLoss = equity === null ? null : (sources.dailyLoss(equity) ?? null);
  return {
    seq: sources.seq,
    asOf: iso(sources.asOf),
    currency: ledger.currency,
    startingBalance: ledger.startingBalance,
    balance,
    equity,
    realized,
    unrealized,
    positions: frozen(positions),
    trades: sources.trades,
    tradesTotal: sources.tradesTotal,
    orders: frozen(sources.orders.map(orderView)),
    pendingStackLayers: frozen(sources.waiting.map(layerView)),
    evaluations: Object.freeze(sources.evaluations),
    drawdown,
    dailyLoss,
    headroom: frozen(sources.headroom()),
    counts: countsOf(sources),
    exposure: exposureOf(held, equity),
    unknown: namesOfUnknown({
      balance,
      equity,
      realized,
      unrealized,
      'riskState.drawdown': drawdown,
      'riskState.dailyLoss': dailyLoss,
    }),
  };
}

/** Frozen through: readers share it, and its text is made once. */
function frozen<T extends object>(rows: readonly T[]): readonly T[] {
  return Object.freeze(rows.map((row) => Object.freeze(row)));
}

function namesOfUnknown(values: Readonly<Record<string, Decimal | null>>): readonly string[] {
  return Object.keys(values).filter((name) => values[name] === null);
}

function sumOf(positions: readonly PositionView[]): Decimal | null {
  let sum = Decimal.ZERO;
  for (const { unrealized } of positions) {
    if (unrealized === null) return null;
    sum = sum.plus(unrealized);
  }
  return sum.trimmed();
}

function countsOf({ tradesTotal, evaluations, counters, rejected, restarts }: StatusSources): TradingCounts {
  const { signals, orders, blocked } = evaluations;
  return {
    ...counters,
    trades: tradesTotal,
    signals,
    outcomes: { order: orders, ...blocked },
    rejected: { ...rejected },
    restarts,
  };
}

interface Held {
  readonly position: Position;
  readonly terms: MarkTerms;
}

/** Gross value of what is open as a share of equity; null where one of them is not known, or no share can be told. */
function exposureOf(held: readonly Held[], equity: Decimal | null): number | null {
  let value = 0;
  for (const { position, terms } of held) {
    const rate = unitRate(terms.rate);
    if (terms.mark === undefined || rate === null) return null;
    value += position.qty.abs().times(terms.mark).times(position.contractSize).toNumber() * rate;
  }
  return equity === null || equity.sign() <= 0 ? null : value / equity.toNumber();
}

function positionView(position: Position, terms: MarkTerms, orders: readonly Order[]): PositionView {
  const stopLoss = nearest(position, stopsOf(position, orders), 'stopLoss');
  const takeProfit = nearest(position, orders, 'takeProfit');
  return {
    symbol: position.symbol,
    venue: position.venue,
    qty: position.qty.trimmed(),
    avgPrice: averagePrice(position),
    markPrice: terms.mark ?? null,
    unrealized: unrealizedOf(position, terms)?.trimmed() ?? null,
    openedAt: iso(position.openedAt),
    ...(stopLoss !== undefined && { stopLoss }),
    ...(takeProfit !== undefined && { takeProfit }),
  };
}

/**
 * Protective orders, and the author's own stops as such where they cover the position with them: a strategy that
 * sets its stop as an order of its own is protected as well.
 */
function stopsOf(position: Position, orders: readonly Order[]): readonly Order[] {
  const side = position.qty.sign() > 0 ? 'SELL' : 'BUY';
  const isOwn = ({ role, type, price }: Order): boolean =>
    role === 'entry' && price !== undefined && (type === 'stop' || type === 'trailingStop');
  const stops = orders.flatMap((order) => {
    if (order.symbol !== position.symbol || order.side !== side) return [];
    if (isOwn(order)) return [{ ...order, role: 'stopLoss' } as const];
    return order.role === 'stopLoss' ? [order] : [];
  });
  const covered = stops.reduce((sum, { qty, filledQty }) => sum.plus(qty).minus(filledQty), Decimal.ZERO);
  return covered.lessThan(position.qty.abs()) ? orders : stops;
}

/** Of several protective orders the one that the market would reach first. */
function nearest(position: Position, orders: readonly Order[], role: 'stopLoss' | 'takeProfit'): Decimal | undefined {
  const highest = position.qty.sign() > 0 === (role === 'stopLoss');
  let found: Decimal | undefined;
  for (const order of orders) {
    if (order.role !== role || order.symbol !== position.symbol || order.price === undefined) continue;
    if (found === undefined || order.price.greaterThan(found) === highest) found = order.price;
  }
  return found;
}

function orderView(order: Order): OrderView {
  const { id, symbol, side, type, role, qty, filledQty, price, trail, tif, expiresAt, status } = order;
  return {
    id,
    symbol,
    side,
    type,
    role,
    qty,
    filledQty,
    ...(price !== undefined && { price }),
    ...(trail !== undefined && { trail }),
    tif,
    ...(expiresAt !== undefined && { expiresAt: iso(expiresAt) }),
    status,
    ...(order.parentId !== undefined && { parentId: order.parentId }),
    ...(order.stackId !== undefined && { stackId: order.stackId }),
    ...(order.tag !== undefined && { tag: order.tag }),
    createdAt: iso(order.createdAt),
  };
}

function layerView({ stackId, layer, symbol, side, trigger, qty, expiresAt }: WaitingLayer): StackLayerView {
  return {
    stackId,
    layer,
    symbol,
    side,
    triggerPrice: trigger ?? null,
    qty,
    expiresAt: expiresAt === undefined ? null : iso(expiresAt),
  };
}

/** What a halt refuses. */
const BLOCKED = 'every order that adds exposure; stops and targets stay, and orders that only reduce pass';

/**
 * Why it is halted, and how far each halt rule is from its limit. `undurable`: why nothing reaches the
 * disk, which keeps entries out without a halt.
 */
export function riskState(
  figuresNow: Figures,
  causes: RiskStateView['causes'],
  undurable: string | undefined,
): RiskStateView {
  const first = causes[0];
  return {
    halted: first !== undefined,
    causes,
    reason: first?.reason ?? null,
    rule: first?.rule ?? null,
    scope: first?.scope ?? null,
    since: first?.since ?? null,
    by: first?.by ?? null,
    ...(first !== undefined && {
      ...(first.formula !== undefined && { formula: first.formula }),
      ...(first.inputs !== undefined && { inputs: first.inputs }),
      ...(first.measured !== undefined && { measured: first.measured }),
      ...(first.limit !== undefined && { limit: first.limit }),
      blocked: BLOCKED,
    }),
    ...(undurable !== undefined && { durable: false, blocked: `${BLOCKED}: ${undurable}` }),
    drawdown: figuresNow.drawdown,
    dailyLoss: figuresNow.dailyLoss,
    headroom: figuresNow.headroom,
  };
}
