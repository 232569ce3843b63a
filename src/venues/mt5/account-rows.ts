/** Positions, orders and deals as a gateway writes them, made into ours. */
import { Type, type Static } from 'typebox';
import type { Side } from '../../domain/orders.ts';
import type { EpochMs } from '../../domain/time.ts';
import {
  amount,
  decimal,
  integer,
  isoTime,
  magicOf,
  maybeAmount,
  maybeInteger,
  maybeText,
  maybeWhole,
  membersOf,
  present,
  shaped,
  text,
  Unreadable,
  whole,
  zeroIfNone,
} from './answer-shape.ts';
import type { DealReason, Mt5Deal, Mt5Order, Mt5Position, Mt5Snapshot, OrderEnd, PendingType } from './types.ts';

/** Makes a time of the server's clock one of UTC. */
export type ToUtc = (serverTime: number) => EpochMs;

const PositionRow = Type.Object({
  ticket: whole(),
  symbol: text(),
  type: whole(),
  volume: amount(),
  price_open: amount(),
  sl: amount(),
  tp: amount(),
  profit: amount(),
  magic: amount(),
  time: maybeWhole(),
  time_msc: maybeWhole(),
  swap: maybeAmount(),
  comment: maybeText(),
});
/** In the middle of a placement a row may lack its ticket and its price. */
const OrderRow = Type.Object({
  ticket: maybeWhole(),
  symbol: text(),
  type: whole(),
  volume_current: amount(),
  price_open: maybeAmount(),
  sl: amount(),
  tp: amount(),
  magic: amount(),
  comment: maybeText(),
});
/** Terminals that know no fee charge none. */
const DealRow = Type.Object({
  ticket: whole(),
  order: whole(),
  position_id: whole(),
  type: whole(),
  entry: whole(),
  reason: maybeWhole(),
  volume: amount(),
  price: amount(),
  commission: amount(),
  swap: amount(),
  fee: maybeAmount(),
  profit: amount(),
  magic: amount(),
  symbol: text(),
  comment: maybeText(),
  time: maybeWhole(),
  time_msc: maybeWhole(),
});
const EndRow = Type.Object({ ticket: whole(), state: whole() });

const positionRows = shaped(Type.Object({ positions: Type.Array(PositionRow) }));
const orderRows = shaped(Type.Object({ orders: Type.Array(OrderRow) }));
const dealRows = shaped(Type.Object({ deals: Type.Array(DealRow) }));
const endRows = shaped(Type.Object({ orders: Type.Array(EndRow) }));
const snapshotBody = shaped(
  Type.Object({
    as_of: text(),
    positions: Type.Array(PositionRow),
    orders: Type.Array(OrderRow),
    deals: Type.Array(DealRow),
  }),
);

/** `GET /get_positions` */
export function positionsIn(body: unknown, toUtc: ToUtc): readonly Mt5Position[] {
  const { positions } = positionRows({ positions: rowsIn(body) });
  return positions.map((row, index) => positionOf(row, index, toUtc));
}

/** `GET /orders`; orders of other types than pending ones are left out. */
export function ordersIn(body: unknown): readonly Mt5Order[] {
  return orderRows({ orders: orderRowsIn(body) }).orders.flatMap(orderOf);
}

/** `GET /history_deals_get`: oldest first; what is no trade is left out. */
export function dealsIn(body: unknown, toUtc: ToUtc): readonly Mt5Deal[] {
  return inOrder(dealRows({ deals: trades(rowsIn(body)) }).deals, toUtc);
}

/** `GET /reconcile`: all three lists must be there. */
export function snapshotIn(body: unknown, toUtc: ToUtc): Mt5Snapshot {
  const members = membersOf(body);
  const { as_of, positions, orders, deals } = snapshotBody({ ...members, deals: trades(members['deals']) });
  return {
    asOf: isoTime(as_of, 'as_of'),
    positions: positions.map((row, index) => positionOf(row, index, toUtc)),
    orders: orders.flatMap(orderOf),
    deals: inOrder(deals, toUtc),
  };
}

/** `GET /history_orders_get`; undefined when the ticket is not among them. */
export function orderEndIn(body: unknown, ticket: number): OrderEnd | undefined {
  const { orders } = endRows({ orders: orderRowsIn(body) });
  const found = orders.findLast((row) => integer(row.ticket) === ticket);
  return found === undefined ? undefined : (ENDS[integer(found.state)] ?? 'working');
}

/** A list as it is, as old gateways send it, or in an envelope. */
const rowsIn = (body: unknown): unknown => (Array.isArray(body) ? body : membersOf(body)['data']);

/** `{ orders }` as well; an object that counts none has none. */
function orderRowsIn(body: unknown): unknown {
  const { orders, data, total } = membersOf(body);
  const none = total === undefined || Number(total) === 0 ? [] : undefined;
  return Array.isArray(body) ? body : (orders ?? data ?? (isObject(body) ? none : undefined));
}

const isObject = (body: unknown): boolean => typeof body === 'object' && body !== null;

/** From 2 on a deal moves money and is no trade; its other members mean nothing. */
function trades(rows: unknown): unknown {
  return Array.isArray(rows) ? rows.filter((row) => !(Number(membersOf(row)['type']) >= 2)) : rows;
}

function inOrder(rows: readonly Static<typeof DealRow>[], toUtc: ToUtc): readonly Mt5Deal[] {
  const deals = rows.map((row, index) => dealOf(row, index, toUtc));
  return deals.toSorted((a, b) => a.at - b.at || a.ticket - b.ticket);
}

function positionOf(row: Static<typeof PositionRow>, index: number, toUtc: ToUtc): Mt5Position {
  const openedAt = shownTime(row);
  return {
    ticket: integer(row.ticket),
    symbol: row.symbol,
    side: sideOf(row.type, `positions.${index}`),
    volume: decimal(row.volume),
    openPrice: decimal(row.price_open),
    sl: present(row.sl),
    tp: present(row.tp),
    profit: decimal(row.profit),
    swap: zeroIfNone(row.swap),
    magic: magicOf(row.magic),
    comment: row.comment ?? '',
    openedAt: openedAt === undefined ? 0 : toUtc(openedAt),
  };
}

/** By their native number; what is not here is not pending. */
const PENDING_TYPES: Readonly<Record<number, PendingType>> = {
  2: 'BUY_LIMIT',
  3: 'SELL_LIMIT',
  4: 'BUY_STOP',
  5: 'SELL_STOP',
  6: 'BUY_STOP_LIMIT',
  7: 'SELL_STOP_LIMIT',
};

function orderOf(row: Static<typeof OrderRow>): readonly Mt5Order[] {
  const type = PENDING_TYPES[integer(row.type)];
  if (type === undefined) return [];
  return [
    {
      ticket: maybeInteger(row.ticket) ?? 0,
      symbol: row.symbol,
      type,
      volume: decimal(row.volume_current),
      price: zeroIfNone(row.price_open),
      sl: present(row.sl),
      tp: present(row.tp),
      magic: magicOf(row.magic),
      comment: row.comment ?? '',
    },
  ];
}

const ENTRIES: Readonly<Record<number, Mt5Deal['entry']>> = { 0: 'in', 1: 'out', 2: 'inOut', 3: 'outBy' };
const REASONS: Readonly<Record<number, DealReason>> = {
  0: 'desktop',
  3: 'expert',
  4: 'stopLoss',
  5: 'takeProfit',
  6: 'stopOut',
};
const ENDS: Readonly<Record<number, OrderEnd>> = {
  2: 'cancelled',
  3: 'partial',
  4: 'filled',
  5: 'rejected',
  6: 'expired',
};

function dealOf(row: Static<typeof DealRow>, index: number, toUtc: ToUtc): Mt5Deal {
  const name = `deals.${index}`;
  const entry = ENTRIES[integer(row.entry)];
  if (entry === undefined) throw new Unreadable(`${name}.entry is not 0 to 3: ${row.entry}`);
  const shown = shownTime(row);
  if (shown === undefined) throw new Unreadable(`${name}.time_msc is missing`);
  return {
    ticket: integer(row.ticket),
    order: integer(row.order),
    positionId: integer(row.position_id),
    symbol: row.symbol,
    side: sideOf(row.type, name),
    entry,
    reason: REASONS[maybeInteger(row.reason) ?? -1] ?? 'other',
    volume: decimal(row.volume),
    price: decimal(row.price),
    commission: decimal(row.commission),
    swap: decimal(row.swap),
    fee: zeroIfNone(row.fee),
    profit: decimal(row.profit),
    magic: magicOf(row.magic),
    comment: row.comment ?? '',
    at: toUtc(shown),
  };
}

function sideOf(type: number | string, name: string): Side {
  const side = integer(type);
  if (side !== 0 && side !== 1) throw new Unreadable(`${name}.type is not 0 or 1: ${side}`);
  return side === 0 ? 'BUY' : 'SELL';
}

type Timed = Pick<Static<typeof DealRow>, 'time' | 'time_msc'>;

/** On the server's clock, in milliseconds. */
function shownTime({ time_msc, time }: Timed): number | undefined {
  const seconds = maybeInteger(time);
  return maybeInteger(time_msc) ?? (seconds === undefined ? undefined : seconds * 1000);
}
