/** Profit, margin and swap in account money, rounded to its digits as a trade server does. */
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import { convert, type Rate } from '../../ledger/money.ts';
import { rateOf } from '../../ledger/rates.ts';
import type { Side, SymbolTerms } from './types.ts';

/** Digits of account money. */
export const CURRENCY_DIGITS = 2;

export interface MoneyOptions {
  readonly currency: string;
  readonly leverage: number;
  readonly symbols: ReadonlyMap<string, SymbolTerms>;
  readonly quote: (symbol: string) => Tick | undefined;
}

export class Money {
  readonly #options: MoneyOptions;
  readonly #leverage: Decimal;

  constructor(options: MoneyOptions) {
    this.#options = options;
    this.#leverage = Decimal.of(options.leverage);
  }

  /** Of a position of that volume between two prices; undefined while its currency has no rate. */
  profit(terms: SymbolTerms, side: Side, volume: Decimal, open: Decimal, close: Decimal): Decimal | undefined {
    const gain = side === 'buy' ? close.minus(open) : open.minus(close);
    return this.#inAccountMoney(terms, gain.times(volume).times(terms.contractSize), close);
  }

  /** What holding that volume at that price binds. */
  margin(terms: SymbolTerms, volume: Decimal, price: Decimal): Decimal | undefined {
    const notional = price.times(volume).times(terms.contractSize);
    const converted = convert(notional, this.#rate(terms, price));
    return converted?.dividedBy(this.#leverage).rounded(CURRENCY_DIGITS);
  }

  /** One night of swap. */
  swap(terms: SymbolTerms, side: Side, volume: Decimal, price: Decimal): Decimal | undefined {
    const points = side === 'buy' ? terms.swapLong : terms.swapShort;
    return this.#inAccountMoney(terms, points.times(terms.tickSize).times(volume).times(terms.contractSize), price);
  }

  #inAccountMoney(terms: SymbolTerms, amount: Decimal, price: Decimal): Decimal | undefined {
    return convert(amount, this.#rate(terms, price))?.rounded(CURRENCY_DIGITS);
  }

  #rate(terms: SymbolTerms, price: Decimal): Rate | undefined {
    const { currency, symbols, quote } = this.#options;
    return rateOf(terms, price, { currency, instruments: symbols, quote, configured: new Map() });
  }
}

/** Symbols whose money could never be told in that currency, for want of a pair. */
export function notConvertible(currency: string, symbols: ReadonlyMap<string, SymbolTerms>): readonly string[] {
  const all = [...symbols.values()];
  const known = new Set([currency, ...all.flatMap(({ base, quote }) => (quote === currency ? [base] : []))]);
  for (const { base, quote } of all) if (base === currency) known.add(quote);
  return all.filter(({ quote }) => !known.has(quote)).map(({ ours }) => ours);
}
