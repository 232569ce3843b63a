/** The simulator's own routes under `/sim`: quotes by hand, faults, acts by hand, and the truth. No fault touches them. */
import { Decimal } from '../domain/decimal.ts';
import { iso } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { FAULT_NAMES, FAULTS } from '../venues/mt5-sim/faults.ts';
import type { FaultRequest } from '../venues/mt5-sim/fault-board.ts';
import type { LoggedRequest } from '../venues/mt5-sim/request-log.ts';
import type { Terminal } from '../venues/mt5-sim/terminal.ts';
import type { Reason, TradeResult } from '../venues/mt5-sim/types.ts';
import { done, executed, invalid, notFound, type Answer } from './answers.ts';
import { usualFilling } from './by-hand.ts';
import { decimalOf, integerOf, neededDecimal, neededText, textOf, wordOf } from './fields.ts';
import type { Gateway } from './gateway.ts';
import { marketOf, volumeOf } from './order-rules.ts';
import type { Call, Route } from './route.ts';
import { dealRow, orderRow, positionRow, resultRow, tickRow } from './rows.ts';

function quote({ body }: Call, gateway: Gateway): Answer {
  const symbol = neededText(body, 'symbol');
  if (!gateway.terminal.symbols.has(symbol))
    throw invalid(`symbol ${symbol} is not offered; there are ${[...gateway.terminal.symbols.keys()].join(', ')}`);
  const [bid, ask] = [neededDecimal(body, 'bid'), neededDecimal(body, 'ask')];
  if (bid.sign() <= 0) throw invalid('bid must be positive');
  if (ask.lessThan(bid)) throw invalid('ask must not be less than bid');
  const ts = integerOf(body, 'time') ?? gateway.clock.now();
  gateway.takeQuote({ symbol, ts, bid: bid.toNumber(), ask: ask.toNumber() });
  const last = gateway.terminal.quoteOf(symbol);
  return done(last === undefined ? {} : tickRow(gateway, last));
}

const faultsOn = (gateway: Gateway): object[] =>
  gateway.faults.list().map(({ name, value, route, timesLeft, until, hits }) => ({
    name,
    value,
    route,
    hits,
    times_left: timesLeft,
    until: until === null ? null : iso(until),
  }));

function listFaults(_call: Call, gateway: Gateway): Answer {
  const catalogue = FAULT_NAMES.map((name) => ({ name, ...FAULTS[name] }));
  return done({ on: faultsOn(gateway), catalogue });
}

/** One fault, or several at once as `faults`; all of them or none. */
function turnOn({ body }: Call, gateway: Gateway): Answer {
  const several = body['faults'];
  const asked = Array.isArray(several) ? several : [body];
  if (!asked.every((one) => typeof one === 'object' && one !== null)) throw invalid('faults must be a list of objects');
  const requests = asked as readonly FaultRequest[];
  catalogued(() => {
    for (const request of requests) gateway.faults.check(request);
    for (const request of requests) gateway.faults.turnOn(request);
  });
  return done({ on: faultsOn(gateway) });
}

function turnOff({ parameter }: Call, gateway: Gateway): Answer {
  catalogued(() => gateway.faults.turnOff(parameter === '' ? undefined : parameter));
  return done({ on: faultsOn(gateway) });
}

/** The fault board's refusals as the gateway's own. */
function catalogued(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof QktError) throw invalid(error.message, error.extras.members);
    throw error;
  }
}

function requests({ query }: Call, { log }: Gateway): Answer {
  const route = textOf(query, 'route');
  const found = log.since(integerOf(query, 'since') ?? 0).filter((one) => route === undefined || one.route === route);
  return done({ total: log.total, requests: found.map(requestRow) });
}

const requestRow = ({ n, at, method, url, route, requestId, idempotencyKey, body, status }: LoggedRequest): object => ({
  n,
  at: iso(at),
  method,
  url,
  route,
  request_id: requestId,
  idempotency_key: idempotencyKey,
  body,
  status,
});

/** As it is, whatever faults are on; times are written as the terminal writes them. */
function state(_call: Call, gateway: Gateway): Answer {
  const { terminal, options } = gateway;
  terminal.expire();
  const { mode, currency, leverage } = terminal.account;
  return done({
    now: iso(gateway.clock.now()),
    server_offset_ms: gateway.offsetMs(gateway.clock.now()),
    kill_switch: gateway.kill.active,
    account: { login: options.login, server: options.server, mode, currency, leverage, ...terminal.account.figures() },
    quotes: Object.fromEntries([...terminal.quotes()].map(([symbol, tick]) => [symbol, tickRow(gateway, tick)])),
    positions: terminal.positions.all().map((position) => positionRow(gateway, position)),
    orders: terminal.pendings().map((order) => orderRow(gateway, order)),
    deals: terminal.history.deals.map((deal) => dealRow(gateway, deal)),
    history_orders: terminal.history.orders.map((order) => orderRow(gateway, order)),
    faults: faultsOn(gateway),
    requests: gateway.log.total,
  });
}

/** A position of somebody else's on the account. */
function openByHand({ body }: Call, gateway: Gateway): Answer {
  const { terms } = marketOf(gateway, neededText(body, 'symbol'));
  const side = wordOf(body, 'side', ['buy', 'sell']) ?? 'buy';
  const result = gateway.terminal.send({
    action: 'deal',
    symbol: terms.symbol,
    type: side === 'buy' ? 'BUY' : 'SELL',
    volume: volumeOf(terms, body),
    sl: decimalOf(body, 'sl') ?? Decimal.ZERO,
    tp: decimalOf(body, 'tp') ?? Decimal.ZERO,
    magic: integerOf(body, 'magic') ?? 0,
    comment: textOf(body, 'comment') ?? '',
    filling: usualFilling(terms),
    reason: 0,
  });
  return done({ result: resultRow(executed('Open position', result)) });
}

const MOST_REASON = 6;

function closeByHand(call: Call, { terminal }: Gateway): Answer {
  const ticket = ticketOf(call);
  const position = terminal.positions.get(ticket);
  if (position === undefined) throw notFound(`Position ${ticket} not found`);
  const volume = decimalOf(call.body, 'volume');
  if (volume !== undefined && (volume.sign() <= 0 || volume.greaterThan(position.volume)))
    throw invalid(`volume must be positive and at most ${position.volume.toString()}`);
  const reason = integerOf(call.body, 'reason', 0, MOST_REASON) as Reason | undefined;
  return acted(terminal.closeByHand(ticket, volume, reason));
}

/** Zero removes. */
function stopsByHand(call: Call, gateway: Gateway): Answer {
  const [sl, tp] = [decimalOf(call.body, 'sl'), decimalOf(call.body, 'tp')];
  if (sl === undefined && tp === undefined) throw invalid('sl or tp is required; 0 removes it');
  const stops = { ...(sl !== undefined && { sl }), ...(tp !== undefined && { tp }) };
  const position = gateway.terminal.setStopsByHand(ticketOf(call), stops);
  if (position === undefined) throw notFound(`Position ${call.parameter} not found`);
  return done({ position: positionRow(gateway, position) });
}

const cancelByHand = (call: Call, { terminal }: { readonly terminal: Terminal }): Answer =>
  acted(terminal.cancelByHand(ticketOf(call)));

function acted(result: TradeResult | undefined): Answer {
  if (result === undefined) throw notFound('there is nothing of that ticket');
  return done({ result: resultRow(result) });
}

const ticketOf = ({ parameter }: Call): number => (/^\d{1,15}$/.test(parameter) ? Number(parameter) : 0);

function restart(_call: Call, gateway: Gateway): Answer {
  gateway.restart();
  return done({ restarted: true });
}

export const SIM_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/sim/state', handle: state },
  { method: 'GET', path: '/sim/requests', handle: requests },
  { method: 'GET', path: '/sim/faults', handle: listFaults },
  { method: 'POST', path: '/sim/faults', handle: turnOn },
  { method: 'DELETE', path: '/sim/faults', handle: turnOff },
  { method: 'DELETE', path: '/sim/faults/<name>', handle: turnOff },
  { method: 'POST', path: '/sim/quote', handle: quote },
  { method: 'POST', path: '/sim/positions', handle: openByHand },
  { method: 'POST', path: '/sim/positions/<ticket>/close', handle: closeByHand },
  { method: 'POST', path: '/sim/positions/<ticket>/stops', handle: stopsByHand },
  { method: 'POST', path: '/sim/orders/<ticket>/cancel', handle: cancelByHand },
  { method: 'POST', path: '/sim/restart', handle: restart },
];
