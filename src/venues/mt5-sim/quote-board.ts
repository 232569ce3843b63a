/** The quotes in force, and what is remembered of those before. */
import type { Tick } from '../../domain/market.ts';
import { QuoteHistory } from './quote-history.ts';
import type { SymbolTerms } from './types.ts';

export class QuoteBoard {
  readonly #symbols: ReadonlyMap<string, SymbolTerms>;
  readonly #inForce = new Map<string, Tick>();
  readonly #past = new Map<string, QuoteHistory>();

  constructor(symbols: ReadonlyMap<string, SymbolTerms>) {
    this.#symbols = symbols;
  }

  get inForce(): ReadonlyMap<string, Tick> {
    return this.#inForce;
  }

  /** Undefined for a symbol that has had no quote yet. */
  pastOf(symbol: string): QuoteHistory | undefined {
    return this.#past.get(symbol);
  }

  /** A symbol that is not offered is passed over. */
  add(tick: Tick): void {
    const terms = this.#symbols.get(tick.symbol);
    if (terms === undefined) return;
    this.#inForce.set(tick.symbol, tick);
    let past = this.#past.get(tick.symbol);
    if (past === undefined) this.#past.set(tick.symbol, (past = new QuoteHistory(terms.tickSize.toNumber())));
    past.add(tick);
  }
}
