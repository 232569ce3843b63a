/** What the strategies of a session trade, and prices of it that wander about where they began. */
import type { Instrument } from '../../../src/domain/market.ts';
import type { Prng } from '../../../src/domain/prng.ts';
import type { Mt5Simulator } from '../../../src/mt5-sim/simulator.ts';
import { instrument } from '../../doubles/engine.ts';
import type { Traded } from './trader.ts';

export const TRADED: readonly Traded[] = [
  { symbol: 'XAUUSD', price: 2400, digits: 3, reach: 1.5, lot: 0.01 },
  { symbol: 'EURUSD', price: 1.1, digits: 5, reach: 0.0006, lot: 0.01 },
];
const CONTRACTS: Readonly<Record<string, number>> = { XAUUSD: 100, EURUSD: 100_000 };

export const INSTRUMENTS: ReadonlyMap<string, Instrument> = new Map(
  TRADED.map(({ symbol, digits }) => {
    const steps = { tickSize: `1e-${digits}`, volumeMin: '0.01', volumeStep: '0.01' };
    return [symbol, instrument(symbol, { contractSize: CONTRACTS[symbol]!, base: symbol.slice(0, 3), ...steps })];
  }),
);

/** The broker's name. */
export const nameOf = (symbol: string): string => `${symbol}m`;

/** Shares of the reach: how far a price goes at most with a quote, and the spread. */
const STEP = 0.25;
const SPREAD = 0.1;
/** Share of the way home that a price goes with each quote. */
const PULL = 0.01;
/** Beyond stops and targets. */
const JUMP = 3;

export class Prices {
  readonly #prng: Prng;
  readonly #prices = new Map(TRADED.map(({ symbol, price }) => [symbol, price]));

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  move(): void {
    for (const { symbol, reach, price: home } of TRADED) {
      const before = this.#prices.get(symbol)!;
      const drift = (this.#prng.next() * 2 - 1) * reach * STEP + (home - before) * PULL;
      this.#prices.set(symbol, before + drift);
    }
  }

  /** All of them to one side. */
  jump(up: boolean): void {
    for (const { symbol, reach } of TRADED)
      this.#prices.set(symbol, this.#prices.get(symbol)! + (up ? JUMP : -JUMP) * reach);
  }

  /** As they are now. @param simulator none is told while it is dead */
  quote(simulator: Mt5Simulator | undefined): void {
    for (const { symbol, digits, reach } of TRADED) {
      const bid = Number(this.#prices.get(symbol)!.toFixed(digits));
      simulator?.quote(nameOf(symbol), bid, Number((bid + reach * SPREAD).toFixed(digits)));
    }
  }
}
