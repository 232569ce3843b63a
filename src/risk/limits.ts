/** The caps of the pre-trade gate, and how those of a strategy and of the daemon become one set. */
import { Decimal } from '../domain/decimal.ts';
import { Fields } from './fields.ts';

/** An absent cap caps nothing. Each is passed at exactly its value. */
export interface GateLimits {
  readonly maxOrderQty?: Decimal;
  /** Account currency. */
  readonly maxOrderNotional?: Decimal;
  /** Furthest distance of an order's price from the reference, as a share of the reference. */
  readonly priceCollar?: Decimal;
  /** Largest quantity held of a symbol, working entries included. */
  readonly maxPosition?: Decimal;
  readonly maxOpenPositions?: number;
  /** Entry orders a trading day. */
  readonly maxTradesPerDay?: number;
  readonly marginFloor?: Decimal;
  readonly cooldown?: Cooldown;
}

/** No entries for `forMs` after the last of at least `losses` losing closes in a row. */
export interface Cooldown {
  readonly losses: number;
  readonly forMs: number;
}

export const GATE_KEYS = [
  'maxOrderQty',
  'maxOrderNotional',
  'priceCollar',
  'maxPosition',
  'maxOpenPositions',
  'maxTradesPerDay',
  'marginFloor',
  'cooldown',
] as const satisfies readonly (keyof GateLimits)[];

/** Reads a `gate` map as written in a definition or a configuration; what is wrong with it goes to `problems`. */
export function readGateLimits(raw: unknown, member: string, problems: string[]): GateLimits {
  const fields = Fields.of(raw, member, GATE_KEYS, problems);
  if (fields === undefined) return {};
  const cooldown = fields.inner('cooldown', ['losses', 'for']);
  const losses = cooldown?.count('losses', 'required');
  const forMs = cooldown?.duration('for', 'required');
  return present({
    maxOrderQty: fields.positive('maxOrderQty'),
    maxOrderNotional: fields.positive('maxOrderNotional'),
    priceCollar: fields.positive('priceCollar'),
    maxPosition: fields.positive('maxPosition'),
    maxOpenPositions: fields.count('maxOpenPositions'),
    maxTradesPerDay: fields.count('maxTradesPerDay'),
    marginFloor: fields.notNegative('marginFloor'),
    cooldown: losses === undefined || forMs === undefined ? undefined : { losses, forMs },
  });
}

/** Both sets at once: of each cap the tighter one. A looser value of either side changes nothing. */
export function tighter(a: GateLimits, b: GateLimits): GateLimits {
  return present({
    maxOrderQty: both(a.maxOrderQty, b.maxOrderQty, least),
    maxOrderNotional: both(a.maxOrderNotional, b.maxOrderNotional, least),
    priceCollar: both(a.priceCollar, b.priceCollar, least),
    maxPosition: both(a.maxPosition, b.maxPosition, least),
    maxOpenPositions: both(a.maxOpenPositions, b.maxOpenPositions, Math.min),
    maxTradesPerDay: both(a.maxTradesPerDay, b.maxTradesPerDay, Math.min),
    marginFloor: both(a.marginFloor, b.marginFloor, greatest),
    cooldown: both(a.cooldown, b.cooldown, longerCooldown),
  });
}

const least = (a: Decimal, b: Decimal): Decimal => Decimal.min(a, b);
const greatest = (a: Decimal, b: Decimal): Decimal => Decimal.max(a, b);
const longerCooldown = (a: Cooldown, b: Cooldown): Cooldown => ({
  losses: Math.min(a.losses, b.losses),
  forMs: Math.max(a.forMs, b.forMs),
});

function both<T>(a: T | undefined, b: T | undefined, choose: (a: T, b: T) => T): T | undefined {
  return a === undefined ? b : b === undefined ? a : choose(a, b);
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without the members that are undefined. */
function present(limits: Optional<Required<GateLimits>>): GateLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
