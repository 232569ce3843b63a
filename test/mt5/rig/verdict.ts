/** Holds the books of strategies to the broker's own account. Both are plain data: it does not matter how they were read. */
import { dec, Decimal } from '../../../src/domain/decimal.ts';
import { tagOf } from '../../../src/venues/mt5/tag.ts';

/** A position, order or deal as the gateway writes it. */
export type Row = Readonly<Record<string, unknown>> & {
  readonly ticket: number;
  readonly type: number;
  readonly symbol: string;
  readonly magic: number;
  readonly comment: string;
};

/** `/sim/state`. */
export interface BrokerTruth {
  readonly positions: readonly Row[];
  readonly orders: readonly Row[];
  readonly deals: readonly Row[];
  /** In force. */
  readonly quotes: Readonly<Record<string, { readonly bid: number; readonly ask: number }>>;
}

export interface ToldOrder {
  readonly id: string;
  readonly symbol: string;
  readonly role: string;
  readonly type: string;
  readonly status: string;
  readonly parentId?: string;
  readonly price?: DecimalText;
  readonly qty: DecimalText;
  readonly side: 'BUY' | 'SELL';
}

export interface ToldFill {
  readonly fillId: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly qty: string;
  readonly price: string;
  readonly commission: string;
  readonly realized: string;
}

/** What a strategy says of itself. */
export interface Told {
  readonly name: string;
  readonly positions: readonly { readonly symbol: string; readonly qty: DecimalText }[];
  readonly orders: readonly ToldOrder[];
  /** All there have been, from its journal. */
  readonly fills: readonly ToldFill[];
  /** Every status that an order has had, oldest first, from its journal. */
  readonly statuses: readonly { readonly orderId: string; readonly status: string }[];
  /** Null: not known. */
  readonly realized: DecimalText | null;
  readonly unrealized: DecimalText | null;
}
type DecimalText = string | number;

export interface Case {
  readonly venue: string;
  readonly magic: number;
  /** Has it one position for a symbol? */
  readonly nets: boolean;
  /** The broker's name of one of our symbols. */
  readonly nameOf: (symbol: string) => string;
  readonly broker: BrokerTruth;
  readonly strategies: readonly Told[];
  /** Distances from the market, by the broker's names, within which it takes no stops. */
  readonly nearest: Readonly<Record<string, number>>;
  /** Bodies of every `POST /order` that arrived. */
  readonly sent: readonly string[];
}

const FINAL = new Set(['filled', 'cancelled', 'denied', 'rejected', 'expired']);
const UNSETTLED = new Set(['created', 'submitted', 'unknown']);
const BALANCE = 2;
/** Half a cent for each rounding of the trade server. */
const ROUNDING = dec('0.0051');

const number = (row: Row, name: string): Decimal => dec(row[name] as number);
const sum = <T>(items: readonly T[], of: (item: T) => Decimal): Decimal =>
  items.reduce((all, item) => all.plus(of(item)), Decimal.ZERO);
const signed = (row: Row): Decimal => (row.type === 0 ? number(row, 'volume') : number(row, 'volume').negated());
const costsOf = (row: Row): Decimal => number(row, 'commission').plus(number(row, 'swap')).plus(number(row, 'fee'));

/** Everything that does not agree, in words; empty: all does. */
export function shortfalls(scene: Case): readonly string[] {
  return [
    ...sentTwice(scene),
    ...ofPositions(scene),
    ...ofFills(scene),
    ...ofMoney(scene),
    ...ofOrders(scene),
    ...ofProtection(scene),
    ...untriggered(scene),
    ...ofStatuses(scene),
  ];
}

/** Our own: what another client has opened with our magic is not. */
export function ours({ magic, broker }: Case): BrokerTruth {
  const foreign = new Set(
    broker.deals.filter((deal) => deal['entry'] === 0 && !isOurs(deal, magic)).map((deal) => deal['position_id']),
  );
  const deals = broker.deals.filter((deal) => deal.type < BALANCE && !foreign.has(deal['position_id']));
  const positions = broker.positions.filter((position) => !foreign.has(position['identifier']));
  return { ...broker, positions, deals, orders: broker.orders.filter((order) => isOurs(order, magic)) };
}

const isOurs = (row: Row, magic: number): boolean => row.magic === magic && row.comment !== 'other-client';

/** Every order has a tag of its own, and went out once. */
function sentTwice({ sent }: Case): readonly string[] {
  const tags = sent.map((body) => String((JSON.parse(body) as { readonly comment?: unknown }).comment));
  return tags
    .filter((tag, index) => tags.indexOf(tag) !== index)
    .map((tag) => `the order tagged ${tag} was sent again`);
}

function ofPositions(scene: Case): readonly string[] {
  const { positions } = ours(scene);
  return symbolsOf(scene).flatMap((symbol) => {
    const held = sum(
      scene.strategies.flatMap((told) => told.positions.filter((position) => position.symbol === symbol)),
      ({ qty }) => dec(qty),
    );
    const there = sum(
      positions.filter((position) => position.symbol === scene.nameOf(symbol)),
      signed,
    );
    return held.equals(there) ? [] : [`${symbol}: the books hold ${text(held)}, the broker ${text(there)}`];
  });
}

function symbolsOf({ strategies }: Case): readonly string[] {
  const all = strategies.flatMap(({ positions, fills }) => [...positions, ...fills].map(({ symbol }) => symbol));
  return [...new Set(all)];
}

/** Each deal is in one fill, once, and there are no others; prices and costs are the deals'. */
function ofFills(scene: Case): readonly string[] {
  const { deals } = ours(scene);
  const fills = scene.strategies.flatMap((told) => told.fills);
  const found: string[] = [];
  const ids = fills.map(({ fillId }) => fillId);
  for (const id of ids.filter((one, index) => ids.indexOf(one) !== index)) found.push(`fill ${id} is there twice`);
  for (const fill of fills) {
    const deal = deals.find(({ ticket }) => fill.fillId === `${scene.venue}-${ticket}`);
    if (deal === undefined) found.push(`fill ${fill.fillId} of ${fill.orderId} has no deal`);
    else if (deal.symbol !== scene.nameOf(fill.symbol) || (deal.type === 0) !== (fill.side === 'BUY'))
      found.push(`fill ${fill.fillId} is not what its deal is`);
    if (dec(fill.price).sign() <= 0) found.push(`fill ${fill.fillId} is at ${fill.price}`);
  }
  for (const symbol of symbolsOf(scene))
    for (const side of ['BUY', 'SELL'] as const) {
      const booked = fills.filter((fill) => fill.symbol === symbol && fill.side === side);
      const dealt = deals.filter(
        (deal) => deal.symbol === scene.nameOf(symbol) && (deal.type === 0) === (side === 'BUY'),
      );
      const [qty, volume] = [sum(booked, (fill) => dec(fill.qty)), sum(dealt, (deal) => number(deal, 'volume'))];
      if (!qty.equals(volume)) found.push(`${side} ${symbol}: ${text(qty)} booked, ${text(volume)} dealt`);
      const worth = sum(booked, (fill) => dec(fill.qty).times(dec(fill.price)));
      const paid = sum(dealt, (deal) => number(deal, 'volume').times(number(deal, 'price')));
      if (!worth.equals(paid)) found.push(`${side} ${symbol}: booked for ${text(worth)}, dealt for ${text(paid)}`);
    }
  const costs = sum(fills, ({ commission }) => dec(commission));
  const charged = sum(deals, costsOf).negated();
  if (!costs.equals(charged)) found.push(`costs of ${text(costs)} booked, ${text(charged)} charged`);
  return found;
}

/** What was earned, open positions at the quotes in force included: the broker rounds each amount to cents. */
function ofMoney(scene: Case): readonly string[] {
  const { deals, positions } = ours(scene);
  const unknown = scene.strategies.filter(({ realized, unrealized }) => realized === null || unrealized === null);
  if (unknown.length > 0) return unknown.map(({ name }) => `${name} does not know what it has earned`);
  const told = sum(scene.strategies, ({ realized, unrealized }) => dec(realized!).plus(dec(unrealized!)));
  const open = sum(positions, (position) => number(position, 'profit'));
  const earned = sum(deals, (deal) => number(deal, 'profit').plus(costsOf(deal))).plus(open);
  const tolerance = ROUNDING.times(dec(deals.length + positions.length + 1));
  const off = told.minus(earned).abs();
  return off.greaterThan(tolerance) ? [`the books have earned ${text(told)}, the account ${text(earned)}`] : [];
}

/** What waits at the broker is an order of ours that works. */
function ofOrders(scene: Case): readonly string[] {
  const working = scene.strategies.flatMap(({ orders }) => orders.filter(({ status }) => status !== 'unknown'));
  const waiting = ours(scene).orders;
  const able = working.filter(({ role, type }) => ['entry', 'stackLayer'].includes(role) && type !== 'market');
  return waiting.length > able.length
    ? [`${waiting.length} orders wait at the broker, ${able.length} entries work here`]
    : [];
}

/** Where the broker holds a stop or target for one of ours, it is at our level; a stop of several entries is at their farthest. */
function ofProtection(scene: Case): readonly string[] {
  const { positions } = ours(scene);
  return scene.strategies.flatMap(({ name, orders }) =>
    orders.flatMap((leg) => {
      const { id, symbol, role, parentId, price, qty } = leg;
      const side = role === 'stopLoss' ? 'sl' : role === 'takeProfit' ? 'tp' : undefined;
      const there = positions.filter((position) => position.symbol === scene.nameOf(symbol));
      const tag = parentId === undefined ? undefined : tagOf(scene.venue, name, parentId);
      const position = there.find(({ comment }) => comment === tag);
      if (side === undefined || position === undefined || price === undefined) return [];
      const isShared = there.length === 1 && !number(position, 'volume').equals(dec(qty));
      const common = scene.nets ? commonLevel(orders, leg, number(position, 'volume')) : undefined;
      const ours = isShared ? common : dec(price);
      const level = number(position, side);
      // Where entries have positions of their own, book and broker may close them in another order.
      if (ours === undefined) return [];
      const levels = [ours, number(position, 'sl'), number(position, 'tp')];
      if (level.isZero() || level.equals(ours) || isTooNear(scene, leg, levels)) return [];
      return [`${id} is at ${text(ours)}, and at ${text(level)} at the broker`];
    }),
  );
}

/** The farthest of the stops that a position of several entries has; undefined where a part of it has none. */
function commonLevel(
  orders: readonly ToldOrder[],
  { symbol, side, role }: ToldOrder,
  volume: Decimal,
): Decimal | undefined {
  const stops = orders.filter((order) => order.symbol === symbol && order.side === side && order.role === 'stopLoss');
  if (role !== 'stopLoss' || sum(stops, ({ qty }) => dec(qty)).lessThan(volume)) return undefined;
  const levels = stops.map(({ price }) => dec(price!));
  return levels.reduce((farthest, level) => (level.lessThan(farthest) === (side === 'SELL') ? level : farthest));
}

/** Is one of these prices so near to the market that the broker changes nothing? */
function isTooNear(
  { nearest, broker: { quotes }, nameOf }: Case,
  { symbol, side }: ToldOrder,
  prices: readonly Decimal[],
): boolean {
  const { bid, ask } = quotes[nameOf(symbol)]!;
  const market = dec(side === 'BUY' ? ask : bid);
  const least = dec(nearest[nameOf(symbol)] ?? 0);
  return prices.some((price) => !price.minus(market).abs().greaterThan(least));
}

/** At rest nothing works whose price the market has passed. */
function untriggered({ strategies, broker: { quotes }, nameOf }: Case): readonly string[] {
  return strategies.flatMap(({ orders }) =>
    orders.flatMap(({ id, symbol, side, type, status, price }) => {
      const quote = quotes[nameOf(symbol)];
      if (price === undefined || quote === undefined || status !== 'working') return [];
      const market = dec(side === 'BUY' ? quote.ask : quote.bid);
      const beyond = (side === 'BUY') === (type === 'limit') ? dec(price).minus(market) : market.minus(dec(price));
      return beyond.sign() > 0 ? [`${type} ${id} still works at ${price}, the market is at ${text(market)}`] : [];
    }),
  );
}

/** What was asked for has come to an end or works, and is shown; nothing is unknown any more. */
function ofStatuses({ strategies }: Case): readonly string[] {
  return strategies.flatMap(({ name, statuses, orders }) => {
    const last = new Map(statuses.map(({ orderId, status }) => [orderId, status]));
    const shown = new Set(orders.map(({ id }) => id));
    const lost = [...last].filter(([id, status]) => !FINAL.has(status) && !shown.has(id));
    const still = [...last].filter(([, status]) => UNSETTLED.has(status));
    return [
      ...lost.map(([id, status]) => `${name}: ${id} was ${status} and is shown no more`),
      ...still.map(([id, status]) => `${name}: ${id} is ${status} still`),
    ];
  });
}

const text = (value: Decimal): string => value.trimmed().toString();
