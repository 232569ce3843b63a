/** What is open, what is pending, what has been, and all of it at once. */
import type { Deal, Position } from '../venues/mt5-sim/types.ts';
import { iso } from '../domain/time.ts';
import { connectionError, done, notFound, type Answer } from './answers.ts';
import { integerOf, neededInteger, neededSpan, textOf } from './fields.ts';
import type { Gateway } from './gateway.ts';
import type { Call, Route } from './route.ts';
import { dealRow, orderRow, positionRow } from './rows.ts';

const DAY_MS = 86_400_000;

function positions({ query, route }: Call, gateway: Gateway): Answer {
  if (gateway.faults.hit('empty-positions', route) !== undefined) return done([]);
  const magic = integerOf(query, 'magic');
  const found = gateway.positions().filter((position) => magic === undefined || position.magic === magic);
  const gone = flickering(gateway, found, route);
  return done(found.filter((position) => !gone.includes(position)).map((position) => positionRow(gateway, position)));
}

/** Those that are not there at every other look. */
function flickering(gateway: Gateway, found: readonly Position[], route: string): readonly Position[] {
  const ticket = gateway.faults.hit('ticket-flicker', route);
  if (ticket === undefined || !gateway.looksAway()) return [];
  return ticket === 0 ? found : found.filter((position) => position.ticket === ticket);
}

/** As the original, it takes no notice of a magic number. */
function orders({ query }: Call, gateway: Gateway): Answer {
  const symbol = textOf(query, 'symbol');
  const ticket = integerOf(query, 'ticket');
  gateway.terminal.expire();
  const found = gateway.terminal
    .pendings()
    .filter(
      (order) => (symbol === undefined || order.symbol === symbol) && (ticket === undefined || order.ticket === ticket),
    );
  return done({ total: found.length, orders: found.map((order) => orderRow(gateway, order)) });
}

/** Bounds are compared with what the server's clock showed. */
const dealsBetween = (gateway: Gateway, [from, to]: readonly [number, number]): readonly Deal[] =>
  gateway.deals().filter(({ at }) => gateway.shown(at) >= from && gateway.shown(at) <= to);

function dealsGet({ query, route }: Call, gateway: Gateway): Answer {
  const deals = dealsBetween(gateway, neededSpan(query, 'from_date', 'to_date', false));
  const position = integerOf(query, 'position');
  const ignored = !gateway.has('0.3.17') || gateway.faults.hit('ignore-position-filter', route) !== undefined;
  const found = position === undefined || ignored ? deals : deals.filter((deal) => deal.positionId === position);
  return done(found.map((deal) => dealRow(gateway, deal)));
}

function dealsRange({ query }: Call, gateway: Gateway): Answer {
  const deals = dealsBetween(gateway, neededSpan(query, 'from_date', 'to_date', true));
  const magic = integerOf(query, 'magic');
  const found = magic === undefined ? deals : deals.filter((deal) => deal.magic === magic);
  return done(found.map((deal) => dealRow(gateway, deal)));
}

function ordersOf({ query }: Call, gateway: Gateway): readonly object[] {
  const ticket = neededInteger(query, 'ticket');
  const all = [...gateway.terminal.history.orders, ...gateway.terminal.pendings()];
  return all.filter((order) => order.ticket === ticket).map((order) => orderRow(gateway, order));
}

function orderOf(call: Call, gateway: Gateway): Answer {
  const found = ordersOf(call, gateway)[0];
  if (found === undefined) throw notFound(`Order with ticket ${String(call.query['ticket'])} not found`);
  return done(found);
}

/** All deals of a position as one line. */
function positionSummary({ query }: Call, gateway: Gateway): Answer {
  const ticket = neededInteger(query, 'ticket');
  const deals = gateway.deals().filter((deal) => deal.positionId === ticket && deal.type !== 'balance');
  const [first] = deals;
  if (first === undefined) throw notFound(`Deal with ticket ${ticket} not found`);
  const last = deals.at(-1)!;
  const closed = !gateway.terminal.positions.all().some(({ identifier }) => identifier === ticket);
  const sum = (of: (deal: Deal) => Deal['profit']) =>
    deals.slice(1).reduce((all, deal) => all.plus(of(deal)), of(first));
  const shown = (at: number): string => iso(gateway.shown(at));
  return done({
    ticket,
    symbol: first.symbol,
    type: first.type === 'buy' ? 'BUY' : 'SELL',
    volume: first.volume,
    open_time: shown(first.at),
    close_time: closed ? shown(last.at) : null,
    open_price: first.price,
    close_price: closed ? last.price : null,
    profit: sum((deal) => deal.profit),
    commission: sum((deal) => deal.commission),
    swap: sum((deal) => deal.swap),
    comment: first.comment,
    closed,
  });
}

/** All or nothing: the one reading that cannot be flat by mistake. */
function reconcile({ query }: Call, gateway: Gateway): Answer {
  if (!gateway.isConnected()) throw connectionError('Reconcile');
  const magic = integerOf(query, 'magic');
  const ours = (row: { readonly magic: number }): boolean => magic === undefined || row.magic === magic;
  const now = gateway.clock.now();
  const recent = gateway.deals().filter((deal) => deal.at > now - DAY_MS && ours(deal));
  gateway.terminal.expire();
  return done({
    as_of: iso(now),
    magic: magic ?? null,
    positions: gateway
      .positions()
      .filter(ours)
      .map((position) => positionRow(gateway, position)),
    orders: gateway.terminal
      .pendings()
      .filter(ours)
      .map((order) => orderRow(gateway, order)),
    deals: recent.map((deal) => dealRow(gateway, deal)),
    discrepancies: [],
  });
}

export const POSITION_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/get_positions', handle: positions },
  {
    method: 'GET',
    path: '/positions_total',
    handle: (_call, gateway) => done({ total: gateway.positions().length }),
  },
  { method: 'GET', path: '/orders', handle: orders },
  { method: 'GET', path: '/history_deals_get', handle: dealsGet },
  { method: 'GET', path: '/history_deals_range', handle: dealsRange },
  { method: 'GET', path: '/history_orders_get', handle: (call, gateway) => done(ordersOf(call, gateway)) },
  { method: 'GET', path: '/get_order_from_ticket', handle: orderOf },
  { method: 'GET', path: '/get_deal_from_ticket', handle: positionSummary },
  { method: 'GET', path: '/reconcile', withoutMt5: true, handle: reconcile },
];
