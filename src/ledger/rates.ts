/** Which rate turns a symbol's quote currency into account money: the traded pair first, then another pair, then a configured one. */
import { Decimal, dec } from '../domain/decimal.ts';
import type { Instrument, Tick } from '../domain/market.ts';
import { SAME, type Rate } from './money.ts';

export interface RateSources {
  readonly currency: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly quote: (symbol: string) => Tick | undefined;
  /** `JPYUSD` → price; configured pairs that nobody quotes. */
  readonly configured: ReadonlyMap<string, Decimal>;
}

/**
 * The rate of `instrument`'s quote currency. `own` is the price at which the instrument itself
 * fills or is marked: where it is a pair with the account's currency, that price is the rate.
 * Undefined: not known, and so is every figure that depends on it.
 */
export function rateOf(instrument: Instrument, own: Decimal | undefined, sources: RateSources): Rate | undefined {
  const { currency } = sources;
  const from = instrument.quote;
  if (from === currency) return SAME;
  if (instrument.base === currency) return own === undefined ? undefined : { kind: 'inverse', price: own };
  for (const other of sources.instruments.values()) {
    const kind = pairKind(other, from, currency);
    const tick = kind === undefined ? undefined : sources.quote(other.symbol);
    if (kind !== undefined && tick !== undefined) return { kind, price: mid(tick) };
  }
  const direct = sources.configured.get(from + currency);
  if (direct !== undefined) return { kind: 'direct', price: direct };
  const inverse = sources.configured.get(currency + from);
  return inverse === undefined ? undefined : { kind: 'inverse', price: inverse };
}

function pairKind(pair: Instrument, from: string, to: string): 'direct' | 'inverse' | undefined {
  if (pair.base === from && pair.quote === to) return 'direct';
  return pair.base === to && pair.quote === from ? 'inverse' : undefined;
}

const TWO = new Decimal(2n, 0);

function mid({ bid, ask }: Tick): Decimal {
  return dec(bid).plus(dec(ask)).dividedBy(TWO);
}
