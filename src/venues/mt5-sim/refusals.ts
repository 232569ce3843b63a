/** Which request the trade server refuses, and with which code: one function for each kind of request. */
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import {
  areStops,
  distanceToTrigger,
  entryPrice,
  exitPrice,
  isExpiry,
  isFilling,
  isPendingPrice,
  isStoplimit,
  isVolume,
  pointsOf,
} from './order-checks.ts';
import type { Terminal } from './terminal.ts';
import {
  sideOf,
  type DealRequest,
  type ModifyRequest,
  type Order,
  type PendingRequest,
  type RemoveRequest,
  type StopsRequest,
  type SymbolTerms,
  type TradeRequest,
} from './types.ts';

interface Context {
  readonly terminal: Terminal;
  readonly now: EpochMs;
}

/** Name of a retcode; undefined: the request is good. */
type Refusal = string | undefined;

export function refusalOf(request: TradeRequest, context: Context): Refusal {
  switch (request.action) {
    case 'deal':
      return ofPlacement(request, context, ofDeal);
    case 'pending':
      return ofPlacement(request, context, ofPending);
    case 'stops':
      return ofStops(request, context);
    case 'modify':
      return ofModify(request, context);
    default:
      return ofRemove(request, context);
  }
}

type Terms = { readonly terms: SymbolTerms; readonly tick: Tick };

function ofPlacement<T extends DealRequest | PendingRequest>(
  request: T,
  context: Context,
  further: (request: T, found: Terms, context: Context) => Refusal,
): Refusal {
  const terms = context.terminal.symbols.get(request.symbol);
  if (terms === undefined) return 'INVALID';
  const tick = context.terminal.quoteOf(request.symbol);
  if (tick === undefined) return 'PRICE_OFF';
  const closes = request.action === 'deal' && request.position !== undefined;
  // A netting position may have become larger than any one order.
  if (!closes && !isVolume(terms, request.volume)) return 'INVALID_VOLUME';
  if (!isFilling(terms, request.type, request.filling)) return 'INVALID_FILL';
  return further(request, { terms, tick }, context);
}

function ofDeal(request: DealRequest, { terms, tick }: Terms, { terminal }: Context): Refusal {
  const { type, volume, position, sl = Decimal.ZERO, tp = Decimal.ZERO } = request;
  const side = sideOf(type);
  if (position !== undefined) return ofClosing(request, position, terminal);
  const market = exitPrice(side, tick);
  if (!areStops(side, market, { sl, tp }, pointsOf(terms, terms.stopsLevel))) return 'INVALID_STOPS';
  const price = entryPrice(side, tick);
  if (terminal.money.margin(terms, volume, price) === undefined) return 'PRICE_OFF';
  return terminal.account.affords(request, price) ? undefined : 'NO_MONEY';
}

function ofClosing({ symbol, type, volume }: DealRequest, ticket: number, terminal: Terminal): Refusal {
  const position = terminal.positions.get(ticket);
  if (position === undefined) return 'POSITION_CLOSED';
  if (position.symbol !== symbol || position.side === sideOf(type)) return 'INVALID';
  return volume.greaterThan(position.volume) ? 'INVALID_CLOSE_VOLUME' : undefined;
}

function ofPending(request: PendingRequest, { terms, tick }: Terms, { terminal, now }: Context): Refusal {
  const { type, price, stoplimit = Decimal.ZERO, sl = Decimal.ZERO, tp = Decimal.ZERO, expiresAt } = request;
  const least = pointsOf(terms, terms.stopsLevel);
  if (!isPendingPrice(type, price, tick, least) || !isStoplimit(type, price, stoplimit)) return 'INVALID_PRICE';
  const entry = type.endsWith('STOP_LIMIT') ? stoplimit : price;
  if (!areStops(sideOf(type), entry, { sl, tp }, least)) return 'INVALID_STOPS';
  if (!isExpiry(expiresAt, now)) return 'INVALID_EXPIRATION';
  return terminal.account.affords(request, price) ? undefined : 'NO_MONEY';
}

function ofStops({ position: ticket, sl, tp }: StopsRequest, { terminal }: Context): Refusal {
  const position = terminal.positions.get(ticket);
  if (position === undefined) return 'POSITION_CLOSED';
  if (position.sl.equals(sl) && position.tp.equals(tp)) return 'NO_CHANGES';
  const terms = terminal.symbols.get(position.symbol)!;
  const market = exitPrice(position.side, terminal.quoteOf(position.symbol)!);
  const frozen = pointsOf(terms, terms.freezeLevel);
  if (terms.freezeLevel > 0 && !areStops(position.side, market, position, frozen)) return 'FROZEN';
  return areStops(position.side, market, { sl, tp }, pointsOf(terms, terms.stopsLevel)) ? undefined : 'INVALID_STOPS';
}

function ofModify(request: ModifyRequest, { terminal, now }: Context): Refusal {
  const order = terminal.pending(request.order);
  if (order === undefined) return 'INVALID_ORDER';
  const { price = order.price, sl = order.sl, tp = order.tp, expiresAt = order.expiresAt } = request;
  const same = price.equals(order.price) && sl.equals(order.sl) && tp.equals(order.tp);
  if (same && expiresAt === order.expiresAt) return 'NO_CHANGES';
  if (isFrozen(order, terminal)) return 'FROZEN';
  const { terms, tick } = foundOf(order, terminal);
  const least = pointsOf(terms, terms.stopsLevel);
  if (!isPendingPrice(order.type, price, tick, least)) return 'INVALID_PRICE';
  if (!isStoplimit(order.type, price, order.stoplimit)) return 'INVALID_PRICE';
  const entry = order.stoplimit.isZero() ? price : order.stoplimit;
  if (!areStops(sideOf(order.type), entry, { sl, tp }, least)) return 'INVALID_STOPS';
  return isExpiry(expiresAt, now) ? undefined : 'INVALID_EXPIRATION';
}

function ofRemove({ order: ticket }: RemoveRequest, { terminal }: Context): Refusal {
  const order = terminal.pending(ticket);
  if (order === undefined) return 'INVALID_ORDER';
  return isFrozen(order, terminal) ? 'FROZEN' : undefined;
}

/** A symbol with orders has terms and a quote. */
const foundOf = ({ symbol }: Order, terminal: Terminal): Terms => ({
  terms: terminal.symbols.get(symbol)!,
  tick: terminal.quoteOf(symbol)!,
});

function isFrozen(order: Order, terminal: Terminal): boolean {
  const { terms, tick } = foundOf(order, terminal);
  if (terms.freezeLevel === 0) return false;
  return !distanceToTrigger(order.type, order.price, tick).greaterThan(pointsOf(terms, terms.freezeLevel));
}
