/** What `POST /order` takes: one step for each rule, in the order in which the gateway looks at them. */
import { Decimal, dec } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import { areStops, distanceToTrigger, entryPrice, pointsOf } from '../venues/mt5-sim/order-checks.ts';
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import {
  FILLINGS,
  isMarket,
  ORDER_TYPES,
  sideOf,
  type DealRequest,
  type OrderType,
  type PendingRequest,
  type SymbolTerms,
} from '../venues/mt5-sim/types.ts';
import { invalid } from './answers.ts';
import { usualFilling } from './by-hand.ts';
import { decimalOf, integerOf, neededDecimal, neededText, textOf, wordOf, type Members } from './fields.ts';
import type { Gateway } from './gateway.ts';

const FIELDS = new Set([
  'symbol',
  'volume',
  'type',
  'price',
  'stoplimit',
  'sl',
  'tp',
  'deviation',
  'magic',
  'comment',
  'type_filling',
  'expiration',
  'client_order_id',
]);
const MAX_ORDER_VOLUME = dec(100);
const MOST_DEVIATION = 1000;
const MOST_MAGIC = 2 ** 32 - 1;
/** What the gateway leaves of a comment. */
const COMMENT_LENGTH = 25;
const FARTHEST = dec('0.2');
const HALF = dec('0.5');

/** Before anything else, a repeated request too. */
export function checkFields(body: Members): void {
  const unknown = Object.keys(body).filter((name) => !FIELDS.has(name));
  if (unknown.length > 0) throw invalid(`Unknown order fields: ${unknown.join(', ')}`);
  if (decimalOf(body, 'volume')?.greaterThan(MAX_ORDER_VOLUME) === true)
    throw invalid(`volume exceeds the limit of ${MAX_ORDER_VOLUME.toString()}`);
}

/** The native request. @param magic where the body has none */
export function readOrder(gateway: Gateway, body: Members, magic: number): DealRequest | PendingRequest {
  const [name] = [neededText(body, 'symbol'), neededDecimal(body, 'volume'), neededText(body, 'type')];
  const type = wordOf(body, 'type', ORDER_TYPES)!;
  const found = marketOf(gateway, name);
  if (gateway.options.whitelist?.has(name) === false) throw invalid(`Symbol ${name} is not in the whitelist`);
  const volume = volumeOf(found.terms, body);
  const price = priceOf(found, type, body);
  const stoplimit = stoplimitOf(type, body);
  const stops = stopsOf(type, price, body);
  integerOf(body, 'deviation', 0, MOST_DEVIATION);
  const placement = {
    symbol: name,
    type,
    volume,
    ...stops,
    magic: integerOf(body, 'magic', 0, MOST_MAGIC) ?? magic,
    comment: (textOf(body, 'comment') ?? '').slice(0, COMMENT_LENGTH),
    filling: wordOf(body, 'type_filling', FILLINGS) ?? usualFilling(found.terms),
  };
  const expiresAt = expiryOf(body);
  if (isMarket(type)) return { action: 'deal', ...placement };
  return {
    action: 'pending',
    ...placement,
    price,
    ...(stoplimit !== undefined && { stoplimit }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** What the trade server would say, asked before it is sent. @throws Refused with its retcode */
export function nativeCheck(gateway: Gateway, request: DealRequest | PendingRequest): void {
  const retcode = gateway.check(request);
  if (retcode === 0) return;
  const { comment } = retcodeOf(retcode);
  throw invalid(`Order check failed: ${comment}`, { retcode, comment });
}

interface Found {
  readonly terms: SymbolTerms;
  readonly tick: Tick;
}

export function marketOf({ terminal }: Gateway, symbol: string): Found {
  const terms = terminal.symbols.get(symbol);
  if (terms === undefined) throw invalid(`Symbol ${symbol} not found`);
  const tick = terminal.quoteOf(symbol);
  if (tick === undefined) throw invalid(`No tick for ${symbol}`);
  return { terms, tick };
}

/** Floored to the step. */
export function volumeOf({ volumeMin, volumeMax, volumeStep }: SymbolTerms, body: Members): Decimal {
  const volume = neededDecimal(body, 'volume');
  if (volume.lessThan(volumeMin) || volume.greaterThan(volumeMax))
    throw invalid(`volume must be from ${volumeMin.toString()} to ${volumeMax.toString()}`);
  return volume.flooredTo(volumeStep);
}

/** A market order's is the market's, whatever was sent. */
function priceOf(found: Found, type: OrderType, body: Members): Decimal {
  const { terms, tick } = found;
  const market = entryPrice(sideOf(type), tick);
  if (isMarket(type)) return market;
  const asked = decimalOf(body, 'price');
  if (asked === undefined || asked.sign() <= 0) throw invalid(`price is required for ${type}`);
  const price = snapped(asked, terms);
  if (price.minus(market).abs().greaterThan(market.times(FARTHEST)))
    throw invalid(`price ${price.toString()} is more than 20% from the market ${market.toString()}`);
  checkPending(found, type, price);
  return price;
}

/** To the tick size, half up. */
export const snapped = (price: Decimal, { tickSize }: SymbolTerms): Decimal =>
  price.plus(tickSize.times(HALF)).flooredTo(tickSize);

/** A limit is better than the market, a stop worse; neither nearer than the freeze level. */
export function checkPending({ terms, tick }: Found, type: OrderType, price: Decimal): void {
  const away = distanceToTrigger(type, price, tick);
  const market = entryPrice(sideOf(type), tick).toString();
  if (away.sign() <= 0) {
    const below = (sideOf(type) === 'buy') === type.endsWith('_LIMIT') && !type.endsWith('STOP_LIMIT');
    throw invalid(`${type} price ${price.toString()} must be ${below ? 'below' : 'above'} the market ${market}`);
  }
  if (away.lessThan(pointsOf(terms, terms.freezeLevel)))
    throw invalid(`price ${price.toString()} is within the freeze level of the market ${market}`);
}

function stoplimitOf(type: OrderType, body: Members): Decimal | undefined {
  const stoplimit = decimalOf(body, 'stoplimit');
  if (!type.endsWith('STOP_LIMIT')) return undefined;
  if (stoplimit === undefined || stoplimit.sign() <= 0) throw invalid(`stoplimit is required for ${type}`);
  return stoplimit;
}

function stopsOf(type: OrderType, price: Decimal, body: Members): { readonly sl: Decimal; readonly tp: Decimal } {
  const sl = stopOf(body, 'sl');
  const tp = stopOf(body, 'tp');
  checkStops(type, price, sl, tp);
  return { sl, tp };
}

/** Zero when there is none. */
function stopOf(body: Members, name: 'sl' | 'tp'): Decimal {
  const price = decimalOf(body, name) ?? Decimal.ZERO;
  if (price.sign() < 0) throw invalid(`${name} must not be negative`);
  return price;
}

/** A buy has its stop below and its target above the price, a sell the other way round. */
export function checkStops(type: OrderType, price: Decimal, sl: Decimal, tp: Decimal): void {
  const side = sideOf(type);
  const [low, high] = side === 'buy' ? ['below', 'above'] : ['above', 'below'];
  const least = dec('1e-12');
  if (!areStops(side, price, { sl, tp: Decimal.ZERO }, least))
    throw invalid(`sl ${sl.toString()} must be ${low} the price ${price.toString()} for ${side.toUpperCase()}`);
  if (!areStops(side, price, { sl: Decimal.ZERO, tp }, least))
    throw invalid(`tp ${tp.toString()} must be ${high} the price ${price.toString()} for ${side.toUpperCase()}`);
}

/** Seconds since the epoch, UTC: the offset of the server's clock is known from its quotes. */
export function expiryOf(body: Members): number | undefined {
  const seconds = integerOf(body, 'expiration');
  return seconds === undefined || seconds === 0 ? undefined : seconds * 1000;
}
