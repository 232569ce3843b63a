/**
 * The stages of the pre-trade gate, in order: the first refusal wins. This list is the policy. Each
 * stage is pure and says why not, or nothing; its code is stable, and what is counted by.
 */
import { Decimal } from '../domain/decimal.ts';
import type { GateInput } from './gate-input.ts';
import type { GateLimits } from './limits.ts';
import { plural } from '../domain/plural.ts';
import { ratio } from '../domain/ratio.ts';

/** Why an order is refused: the reason with its figures in words, and the figures where the stage compares any. */
export interface StageRefusal {
  readonly reason: string;
  readonly measured?: Decimal | number;
  readonly limit?: Decimal | number;
}

export interface Stage {
  readonly code: string;
  /** Risk-reducing orders pass this stage. */
  readonly sparesReducing: boolean;
  /** The cap that it holds orders to; while that is not set, every order passes. */
  readonly cap?: keyof GateLimits;
  /** Undefined when the order passes. */
  readonly refuses: (input: GateInput) => StageRefusal | undefined;
}

/** Unreadable margin levels in a row that are borne. */
const MARGIN_TOLERATED = 2;

export const STAGES = [
  { code: 'HALTED', sparesReducing: true, refuses: ({ closed }) => because(closed) },
  {
    code: 'GATEWAY_DOWN',
    sparesReducing: false,
    refuses: ({ gatewayReady, gatewayCause }) =>
      because(gatewayReady ? undefined : (gatewayCause ?? 'the gateway is not ready')),
  },
  {
    code: 'UNKNOWN_ORDER',
    sparesReducing: false,
    refuses: ({ unknownOrder }) =>
      because(unknownOrder === undefined ? undefined : `order ${unknownOrder} is not settled: its fate is unknown`),
  },
  {
    code: 'WARMUP',
    sparesReducing: true,
    refuses: ({ warm }) => because(warm ? undefined : 'the warm-up bars are not complete'),
  },
  { code: 'STALE_FEED', sparesReducing: true, refuses: ({ feed }) => because(feed) },
  { code: 'UNPRICEABLE', sparesReducing: false, refuses: unpriceable },
  { code: 'COOLDOWN', sparesReducing: true, cap: 'cooldown', refuses: coolingDown },
  {
    code: 'MAX_TRADES_PER_DAY',
    sparesReducing: true,
    cap: 'maxTradesPerDay',
    refuses: ({ history, limits: { maxTradesPerDay: cap } }) =>
      cap !== undefined && history.entriesToday >= cap
        ? {
            reason: `${history.entriesToday} entries today reach the cap of ${cap}`,
            measured: history.entriesToday,
            limit: cap,
          }
        : undefined,
  },
  {
    code: 'MAX_ORDER_QTY',
    sparesReducing: true,
    cap: 'maxOrderQty',
    refuses: ({ qty, limits }) => over('quantity', qty, limits.maxOrderQty),
  },
  {
    code: 'MAX_ORDER_NOTIONAL',
    sparesReducing: true,
    cap: 'maxOrderNotional',
    refuses: (input) => over('notional', notional(input), input.limits.maxOrderNotional),
  },
  { code: 'PRICE_COLLAR', sparesReducing: true, cap: 'priceCollar', refuses: outsideCollar },
  { code: 'MAX_POSITION', sparesReducing: true, cap: 'maxPosition', refuses: overPosition },
  {
    code: 'MAX_OPEN_POSITIONS',
    sparesReducing: true,
    cap: 'maxOpenPositions',
    refuses: ({ symbol, exposed, limits: { maxOpenPositions: cap } }) =>
      cap !== undefined && exposed.length >= cap && !exposed.includes(symbol)
        ? {
            reason: `${plural(exposed.length, 'open position')} (${exposed.join(', ')}) ${exposed.length === 1 ? 'reaches' : 'reach'} the cap of ${cap}`,
            measured: exposed.length,
            limit: cap,
          }
        : undefined,
  },
  { code: 'MARGIN_FLOOR', sparesReducing: true, cap: 'marginFloor', refuses: underMarginFloor },
] as const satisfies readonly Stage[];

function because(reason: string | undefined): StageRefusal | undefined {
  return reason === undefined ? undefined : { reason };
}

function over(what: string, measured: Decimal | undefined, limit: Decimal | undefined): StageRefusal | undefined {
  if (limit === undefined || measured === undefined || !measured.greaterThan(limit)) return undefined;
  return { reason: `${what} ${measured.toString()} is over the cap of ${limit.toString()}`, measured, limit };
}

function unpriceable({ symbol, reference, toAccount }: GateInput): StageRefusal | undefined {
  if (reference === undefined) return because(`no price reference for ${symbol}`);
  return because(
    toAccount(reference) === undefined ? `no rate from the currency of ${symbol} to the account's` : undefined,
  );
}

function coolingDown({ now, history, limits: { cooldown } }: GateInput): StageRefusal | undefined {
  const { streak, lastLossAt } = history;
  if (cooldown === undefined || lastLossAt === undefined || streak < cooldown.losses) return undefined;
  const left = lastLossAt + cooldown.forMs - now;
  if (left <= 0) return undefined;
  const reason = `${streak} losing closes in a row: no entries for another ${left} ms`;
  return { reason, measured: streak, limit: cooldown.losses };
}

/** Account value at the worst price that the order can fill at, as far as it can be told now. */
function notional(input: GateInput): Decimal | undefined {
  const { qty, contractSize, toAccount } = input;
  const price = worstPrice(input);
  return price === undefined ? undefined : toAccount(qty.times(contractSize).times(price));
}

/** A buy limit and a sell stop never fill above their price; the others may, so the quote counts as well. */
function worstPrice({ side, type, price, reference }: GateInput): Decimal | undefined {
  if (price === undefined || reference === undefined) return reference;
  const capped = (type === 'limit' && side === 'BUY') || (type === 'stop' && side === 'SELL');
  return capped ? price : Decimal.max(price, reference);
}

function outsideCollar({ price, reference, limits: { priceCollar: cap } }: GateInput): StageRefusal | undefined {
  if (cap === undefined || price === undefined || reference === undefined) return undefined;
  const distance = ratio(price.minus(reference).abs(), reference);
  if (!distance.greaterThan(cap)) return undefined;
  const reason = `price ${price.toString()} is ${distance.toString()} away from ${reference.toString()}, over the collar of ${cap.toString()}`;
  return { reason, measured: distance, limit: cap };
}

/** The position if everything that works in the order's direction filled, and nothing else did. */
function overPosition({
  side,
  qty,
  position,
  workingQty,
  limits: { maxPosition: cap },
}: GateInput): StageRefusal | undefined {
  if (cap === undefined) return undefined;
  const held = side === 'BUY' ? position : position.negated();
  const worst = held.plus(workingQty).plus(qty);
  if (!worst.greaterThan(cap)) return undefined;
  const working = workingQty.isZero() ? '' : ` with ${workingQty.toString()} working`;
  const reason = `position would be ${worst.trimmed().toString()}${working}, over the cap of ${cap.toString()}`;
  return { reason, measured: worst.trimmed(), limit: cap };
}

function underMarginFloor({ margin: { level, unreadable }, limits }: GateInput): StageRefusal | undefined {
  const floor = limits.marginFloor;
  if (floor === undefined) return undefined;
  if (level === undefined)
    return because(
      unreadable > MARGIN_TOLERATED ? `the margin level could not be read ${unreadable} times in a row` : undefined,
    );
  if (level.isZero() || !level.lessThan(floor)) return undefined;
  const reason = `margin level ${level.toString()} is under the floor of ${floor.toString()}`;
  return { reason, measured: level, limit: floor };
}
