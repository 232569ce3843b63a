/** Orders: placing, asking beforehand, changing and cancelling. */
import { Decimal, dec } from '../domain/decimal.ts';
import { entryPrice } from '../venues/mt5-sim/order-checks.ts';
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import { sideOf, type Order } from '../venues/mt5-sim/types.ts';
import { done, executed, invalid, notFound, type Answer } from './answers.ts';
import { decimalOf, neededDecimal, neededText, wordOf, type Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import {
  checkFields,
  checkPending,
  checkStops,
  expiryOf,
  marketOf,
  readOrder,
  snapped,
  volumeOf,
} from './order-rules.ts';
import { placeOrder } from './place-order.ts';
import type { Call, Route } from './route.ts';
import { resultRow } from './rows.ts';

const PERCENT = dec(100);

/** Would it be taken? Says what it would bind. */
function orderCheck({ body }: Call, gateway: Gateway): Answer {
  checkFields(body);
  if (String(body['type']).toUpperCase().endsWith('STOP_LIMIT')) throw invalid('type must not be a stop-limit');
  const request = readOrder(gateway, body, 0);
  const { terms, tick } = marketOf(gateway, request.symbol);
  const { balance, equity, profit, marginFree, margin: used } = gateway.terminal.account.figures();
  const price = request.action === 'pending' ? request.price : entryPrice(sideOf(request.type), tick);
  const margin = gateway.terminal.money.margin(terms, request.volume, price) ?? Decimal.ZERO;
  const margin_free = marginFree.minus(margin);
  const retcode = gateway.check(request);
  if (retcode !== 0) {
    const { comment } = retcodeOf(retcode);
    return { status: 400, body: { valid: false, retcode, comment, margin, margin_free } };
  }
  const margin_level = equity.times(PERCENT).dividedBy(used.plus(margin), 2);
  const figures = { balance, equity, profit, margin, margin_free, margin_level };
  return done({ valid: true, retcode, ...figures, comment: 'Done' });
}

const MARKET_TYPES = ['BUY', 'SELL'] as const;

function asked(gateway: Gateway, body: Members) {
  const { terms } = marketOf(gateway, neededText(body, 'symbol'));
  neededText(body, 'type');
  return { terms, volume: volumeOf(terms, body), side: sideOf(wordOf(body, 'type', MARKET_TYPES)!) };
}

function calcMargin({ body }: Call, gateway: Gateway): Answer {
  const { terms, volume } = asked(gateway, body);
  const margin = gateway.terminal.money.margin(terms, volume, neededDecimal(body, 'price'));
  return done({ margin: known(margin) });
}

function calcProfit({ body }: Call, gateway: Gateway): Answer {
  const { terms, volume, side } = asked(gateway, body);
  const [open, close] = [neededDecimal(body, 'price_open'), neededDecimal(body, 'price_close')];
  return done({ profit: known(gateway.terminal.money.profit(terms, side, volume, open, close)) });
}

function known(amount: Decimal | undefined): Decimal {
  if (amount === undefined) throw invalid('there is no rate into the account currency yet');
  return amount;
}

/** @throws Refused 404 */
function pendingOf({ parameter }: Call, { terminal }: Gateway): Order {
  terminal.expire();
  const order = /^\d{1,15}$/.test(parameter) ? terminal.pending(Number(parameter)) : undefined;
  if (order === undefined) throw notFound(`Order with ticket ${parameter} not found`);
  return order;
}

function cancel(call: Call, gateway: Gateway): Answer {
  const { ticket } = pendingOf(call, gateway);
  const result = executed('Cancel order', gateway.send({ action: 'remove', order: ticket }, call.route));
  return done({ message: 'Order cancelled successfully', result: resultRow(result) });
}

function modify(call: Call, gateway: Gateway): Answer {
  const order = pendingOf(call, gateway);
  const { body } = call;
  const found = marketOf(gateway, order.symbol);
  const price = decimalOf(body, 'price');
  const [sl, tp] = [decimalOf(body, 'sl'), decimalOf(body, 'tp')];
  if (price === undefined && sl === undefined && tp === undefined)
    throw invalid('at least one of price, sl and tp is required');
  const moved = price === undefined ? undefined : snapped(price, found.terms);
  const entry = moved ?? order.price;
  if (moved !== undefined) checkPending(found, order.type, moved);
  checkStops(order.type, entry, sl ?? order.sl, tp ?? order.tp);
  const expiresAt = expiryOf(body);
  const change = {
    ...(moved !== undefined && { price: moved }),
    ...(sl !== undefined && { sl }),
    ...(tp !== undefined && { tp }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const request = { action: 'modify', order: order.ticket, ...change } as const;
  const result = executed('Modify order', gateway.send(request, call.route));
  return done({ message: 'Order modified successfully', result: resultRow(result) });
}

export const ORDER_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/order', killable: true, handle: placeOrder },
  { method: 'POST', path: '/order_check', handle: orderCheck },
  { method: 'POST', path: '/order_calc_margin', handle: calcMargin },
  { method: 'POST', path: '/order_calc_profit', handle: calcProfit },
  { method: 'DELETE', path: '/orders/<ticket>', handle: cancel },
  { method: 'PUT', path: '/orders/<ticket>', handle: modify },
];
