/** Positions, orders, deals and quotes as the terminal writes them, all times on the server's clock. */
import type { Tick } from '../domain/market.ts';
import { exitPrice, entryPrice } from '../venues/mt5-sim/order-checks.ts';
import {
  FILLINGS,
  ORDER_TYPES,
  sideOf,
  type Deal,
  type Order,
  type Position,
  type TradeResult,
} from '../venues/mt5-sim/types.ts';
import type { Gateway } from './gateway.ts';

/** MT5 numbers: till cancelled, till a stated time. */
const TIME_TYPE = { gtc: 0, specified: 2 } as const;
/** Bid and ask have changed. */
const TICK_FLAGS = 6;

/** Current price and profit are those of the quote in force; without one the price is that of the opening. */
export function positionRow(gateway: Gateway, position: Position): object {
  const { ticket, identifier, symbol, side, openedAt, updatedAt } = position;
  const tick = gateway.terminal.quoteOf(symbol);
  return {
    ticket,
    time: gateway.shownSeconds(openedAt),
    time_msc: gateway.shown(openedAt),
    time_update: gateway.shownSeconds(updatedAt),
    time_update_msc: gateway.shown(updatedAt),
    type: side === 'buy' ? 0 : 1,
    magic: position.magic,
    identifier,
    reason: position.reason,
    volume: position.volume,
    price_open: position.priceOpen,
    sl: position.sl,
    tp: position.tp,
    price_current: tick === undefined ? position.priceOpen : exitPrice(side, tick),
    swap: position.swap,
    profit: gateway.terminal.profitOf(position),
    symbol,
    comment: position.comment,
    external_id: '',
  };
}

/** For pending orders and for the history: what has not happened yet has a time of 0. */
export function orderRow(gateway: Gateway, order: Order): object {
  const { ticket, symbol, type, placedAt, doneAt, expiresAt } = order;
  const tick = gateway.terminal.quoteOf(symbol);
  return {
    ticket,
    time_setup: gateway.shownSeconds(placedAt),
    time_setup_msc: gateway.shown(placedAt),
    time_done: gateway.shownSeconds(doneAt),
    time_done_msc: doneAt === undefined ? 0 : gateway.shown(doneAt),
    time_expiration: gateway.shownSeconds(expiresAt),
    type: ORDER_TYPES.indexOf(type),
    type_str: type,
    type_time: expiresAt === undefined ? TIME_TYPE.gtc : TIME_TYPE.specified,
    type_filling: FILLINGS.indexOf(order.filling),
    state: order.state,
    magic: order.magic,
    position_id: order.positionId,
    position_by_id: 0,
    reason: order.reason,
    volume_initial: order.volume,
    volume_current: order.volumeLeft,
    price_open: order.price,
    sl: order.sl,
    tp: order.tp,
    price_current: tick === undefined ? order.price : entryPrice(sideOf(type), tick),
    price_stoplimit: order.stoplimit,
    symbol,
    comment: order.comment,
    external_id: '',
  };
}

/** Enumerations are MT5 numbers: 0 buys, 1 sells, 2 is a change of the balance. */
export function dealRow(gateway: Gateway, deal: Deal): object {
  return {
    ticket: deal.ticket,
    order: deal.order,
    time: gateway.shownSeconds(deal.at),
    time_msc: gateway.shown(deal.at),
    type: deal.type === 'balance' ? 2 : deal.type === 'buy' ? 0 : 1,
    entry: deal.entry,
    magic: deal.magic,
    position_id: deal.positionId,
    reason: deal.reason,
    volume: deal.volume,
    price: deal.price,
    commission: deal.commission,
    swap: deal.swap,
    profit: deal.profit,
    fee: deal.fee,
    symbol: deal.symbol,
    comment: deal.comment,
    external_id: '',
  };
}

/** Over-the-counter symbols have no last price and no volume. */
export function tickRow(gateway: Gateway, { ts, bid, ask }: Tick): object {
  const rest = { last: 0, volume: 0, time_msc: gateway.shown(ts), flags: TICK_FLAGS, volume_real: 0 };
  return { time: gateway.shownSeconds(ts), bid, ask, ...rest };
}

/** A trade result; the native request that a gateway echoes as a list says nothing that is not in it. */
export function resultRow({ requestId, ...result }: TradeResult): object {
  return { ...result, request_id: requestId, retcode_external: 0, request: [] };
}
