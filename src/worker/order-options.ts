/** The author's order options as an intent: checked at once, numbers as the decimals that print them shortest. */
import { Decimal } from '../domain/decimal.ts';
import { parseDuration, type EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import type { WireIntent } from './protocol.ts';
import { isPlainObject, show, suggest, type Fields } from './shape.ts';

type Place = Extract<WireIntent, { kind: 'place' }>;
/** The part of a `place` intent that the options decide. */
export type OrderTerms = Omit<Place, 'kind' | 'orderId' | 'signalId' | 'stream' | 'side'>;

const KEYS = ['qty', 'type', 'price', 'trail', 'tif', 'expiresAt', 'bracket', 'stack', 'tag'];
const TYPES: readonly unknown[] = ['market', 'limit', 'stop', 'trailingStop'];
const TIFS: readonly unknown[] = ['GTC', 'DAY', 'GTD'];
const MAX_LAYERS = 100;
const MAX_TAG = 100;
const DAY_MS = 86_400_000;
/** The last instant that a JavaScript date can name. */
const LAST_INSTANT = 8.64e15;

export const intentError = (text: string): QktError => new QktError('QKT_E_INTENT', text);

/** @throws QktError `QKT_E_INTENT` that names the option. */
export function orderTerms(action: string, options: unknown): OrderTerms {
  const given = checkedFields(`${action}: the options`, options, KEYS);
  const type = (given.type ?? 'market') as Place['type'];
  if (!TYPES.includes(type))
    throw intentError(`${action}: type must be market, limit, stop or trailingStop, not ${show(type)}`);
  const stack = given.stack === undefined ? undefined : stackTerms(`${action}: stack`, given.stack, given.qty);
  return {
    type,
    qty: stack === undefined ? positive(`${action}: qty`, given.qty) : stack.layers[0]!.qty,
    ...priceTerms(action, type, given),
    ...lifeTerms(action, given),
    ...(given.bracket === undefined ? {} : { bracket: bracketTerms(`${action}: bracket`, given.bracket) }),
    ...(stack === undefined ? {} : { stack }),
    ...(given.tag === undefined ? {} : { tag: tagText(action, given.tag) }),
  };
}

function checkedFields(member: string, value: unknown, known: readonly string[]): Fields {
  if (!isPlainObject(value)) throw intentError(`${member} must be an object, not ${show(value)}`);
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd !== undefined) throw intentError(`${member}: unknown key ${show(odd)}${suggest(odd, known)}`);
  return value;
}

function decimal(member: string, value: unknown): Decimal {
  const parsed =
    typeof value === 'number' && Number.isFinite(value)
      ? Decimal.of(value)
      : typeof value === 'string' && value.length <= 64
        ? Decimal.parse(value)
        : undefined;
  if (parsed === undefined || !Number.isFinite(parsed.toNumber()))
    throw intentError(`${member} must be a finite number or decimal text, not ${show(value)}`);
  return parsed;
}

function positive(member: string, value: unknown): string {
  const number = decimal(member, value);
  if (number.sign() <= 0) throw intentError(`${member} must be more than 0, not ${number.toString()}`);
  return number.toString();
}

function priceTerms(action: string, type: Place['type'], given: Fields): Pick<Place, 'price' | 'trail'> {
  const wantsPrice = type === 'limit' || type === 'stop';
  const wantsTrail = type === 'trailingStop';
  if (!wantsPrice && given.price !== undefined)
    throw intentError(`${action}: price has no meaning for a ${type} order`);
  if (!wantsTrail && given.trail !== undefined)
    throw intentError(`${action}: trail has no meaning for a ${type} order`);
  if (wantsPrice) return { price: positive(`${action}: price of a ${type} order`, given.price) };
  return wantsTrail ? { trail: positive(`${action}: trail of a trailingStop order`, given.trail) } : {};
}

function lifeTerms(action: string, given: Fields): Pick<Place, 'tif' | 'expiresAt'> {
  const tif = (given.tif ?? (given.expiresAt === undefined ? 'GTC' : 'GTD')) as Place['tif'];
  if (!TIFS.includes(tif)) throw intentError(`${action}: tif must be GTC, DAY or GTD, not ${show(tif)}`);
  if (tif !== 'GTD') {
    if (given.expiresAt !== undefined) throw intentError(`${action}: expiresAt belongs to tif GTD, not to ${tif}`);
    return { tif };
  }
  if (given.expiresAt === undefined) throw intentError(`${action}: tif GTD needs expiresAt`);
  return { tif, expiresAt: instant(`${action}: expiresAt`, given.expiresAt) };
}

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

function instant(member: string, value: unknown): EpochMs {
  let ms = NaN;
  if (typeof value === 'number') ms = value;
  else if (value instanceof Date) ms = value.getTime();
  else if (typeof value === 'string' && ISO_WITH_ZONE.test(value)) ms = Date.parse(value);
  if (!(ms >= 0 && ms <= LAST_INSTANT))
    throw intentError(`${member} must be epoch ms, a Date or ISO-8601 text with its zone, not ${show(value)}`);
  return Math.floor(ms);
}

function bracketTerms(member: string, value: unknown): NonNullable<Place['bracket']> {
  const given = checkedFields(member, value, ['stopLoss', 'takeProfit']);
  const stopLoss = given.stopLoss === undefined ? undefined : level(`${member}.stopLoss`, given.stopLoss);
  const takeProfit = given.takeProfit === undefined ? undefined : level(`${member}.takeProfit`, given.takeProfit);
  if (stopLoss === undefined && takeProfit === undefined)
    throw intentError(`${member} needs stopLoss, takeProfit or both`);
  return { ...(stopLoss === undefined ? {} : { stopLoss }), ...(takeProfit === undefined ? {} : { takeProfit }) };
}

function level(member: string, value: unknown): { readonly by?: string; readonly at?: string } {
  const given = checkedFields(member, value, ['by', 'at']);
  if ((given.by === undefined) === (given.at === undefined))
    throw intentError(`${member} needs either by (a distance) or at (a price), and not both`);
  return given.by === undefined
    ? { at: positive(`${member}.at`, given.at) }
    : { by: positive(`${member}.by`, given.by) };
}

function stackTerms(member: string, value: unknown, qty: unknown): NonNullable<Place['stack']> {
  const isListed = isPlainObject(value) && Array.isArray(value.layers);
  const given = checkedFields(
    member,
    value,
    isListed ? ['layers', 'within'] : ['layers', 'spacing', 'direction', 'within'],
  );
  const layers = isListed
    ? listedLayers(`${member}.layers`, given.layers as readonly unknown[], qty)
    : evenLayers(member, given, positive('qty of each stack layer', qty));
  return { layers, withinMs: windowMs(`${member}.within`, given.within) };
}

type Layers = NonNullable<Place['stack']>['layers'];

function evenLayers(member: string, given: Fields, qty: string): Layers {
  const count = given.layers;
  if (!(Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MAX_LAYERS))
    throw intentError(`${member}.layers must be a whole number from 1 to ${MAX_LAYERS} or a list, not ${show(count)}`);
  if (given.direction !== 'with' && given.direction !== 'against')
    throw intentError(`${member}.direction must be "with" or "against", not ${show(given.direction)}`);
  const spacing = Decimal.of(positive(`${member}.spacing`, given.spacing));
  const step = given.direction === 'with' ? spacing : spacing.negated();
  return Array.from({ length: count as number }, (_, k) => ({ offset: step.times(Decimal.of(k)).toString(), qty }));
}

function listedLayers(member: string, list: readonly unknown[], orderQty: unknown): Layers {
  if (list.length === 0 || list.length > MAX_LAYERS)
    throw intentError(`${member} must hold 1 to ${MAX_LAYERS} layers, not ${list.length}`);
  return list.map((item, k) => {
    const name = `${member}[${k}]`;
    const given = checkedFields(name, item, ['offset', 'qty']);
    const offset = k === 0 && given.offset === undefined ? Decimal.ZERO : decimal(`${name}.offset`, given.offset);
    if (k === 0 && !offset.isZero())
      throw intentError(`${name}.offset must be 0: layer 1 goes at once and is the anchor of the others`);
    return { offset: offset.toString(), qty: positive(`${name}.qty`, given.qty ?? orderQty) };
  });
}

function windowMs(member: string, value: unknown): number {
  if (value === undefined) return DAY_MS;
  const ms = typeof value === 'string' ? parseDuration(value) : typeof value === 'number' ? value : undefined;
  if (ms === undefined || !(ms > 0 && ms <= LAST_INSTANT))
    throw intentError(`${member} must be a duration such as "30m", or milliseconds, not ${show(value)}`);
  return Math.ceil(ms);
}

function tagText(action: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_TAG) return value;
  throw intentError(`${action}: tag must be text of at most ${MAX_TAG} characters, not ${show(value)}`);
}
