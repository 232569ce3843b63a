/** Inputs of gate and rules with nothing wrong in them, to be spoilt one member at a time. */
import { Decimal, dec, type DecimalLike } from '../../src/domain/decimal.ts';
import type { GateInput } from '../../src/risk/gate-input.ts';
import { haltRule, type HaltRule, type RuleSettings } from '../../src/risk/halt-rule.ts';
import type { Counts } from '../../src/risk/halt-rules.ts';
import type { LookInputs } from '../../src/risk/monitor.ts';

/** A buy of 1 at the market, quoted 100, that every stage passes. */
export function order(change: Partial<GateInput> = {}): GateInput {
  return {
    now: 1_000_000,
    symbol: 'EURUSD',
    side: 'BUY',
    qty: dec(1),
    type: 'market',
    price: undefined,
    reduceOnly: false,
    position: Decimal.ZERO,
    reducingQty: Decimal.ZERO,
    workingQty: Decimal.ZERO,
    exposed: [],
    closed: undefined,
    gatewayReady: true,
    unknownOrder: undefined,
    warm: true,
    feed: undefined,
    reference: dec(100),
    contractSize: Decimal.ONE,
    toAccount: (native) => native,
    history: { entriesToday: 0, streak: 0, lastLossAt: undefined },
    margin: { level: Decimal.ZERO, unreadable: 0 },
    limits: {},
    ...change,
  };
}

export const counts = (losingStreak = 0, rejections = 0, closes = 0): Counts => ({
  losingStreak: () => losingStreak,
  rejections: () => rejections,
  closes: () => closes,
});

/** Money as numbers, for tests that are read. */
export interface Money {
  readonly equity?: DecimalLike | undefined;
  readonly balance?: DecimalLike;
  readonly start?: DecimalLike;
  readonly peak?: DecimalLike;
  readonly dayEquity?: DecimalLike | undefined;
  readonly dayBalance?: DecimalLike;
}

/** An account of 10000 that nothing has happened to, in session. */
export function inputs(money: Money = {}, change: Partial<LookInputs> = {}): LookInputs {
  const { start = 10_000 } = money;
  const of = (key: keyof Money): Decimal | undefined => {
    const value = key in money ? money[key] : start;
    return value === undefined ? undefined : dec(value);
  };
  return {
    now: 1_000_000,
    equity: of('equity'),
    balance: of('balance'),
    start: dec(start),
    peak: of('peak'),
    day: { equity: of('dayEquity'), balance: of('dayBalance') },
    counts: counts(),
    idle: false,
    clockRuns: true,
    ...change,
  };
}

export const rule = (name: string, limit: DecimalLike, more: Partial<RuleSettings> = {}): HaltRule =>
  haltRule({ rule: name, limit: dec(limit), ...more }, 'strategy');

export const bookRule = (name: string, limit: DecimalLike, more: Partial<RuleSettings> = {}): HaltRule =>
  haltRule({ rule: name, limit: dec(limit), ...more }, 'book');
