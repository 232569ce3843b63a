/**
 * A synthetic market: quotes that look alive within a minute, the same for the same seed.
 *
 * The mid price moves on the grid of the tick size through regimes of some seconds: trends up
 * and down, and ranges that pull back to where they began. Trends lean back to the start price, so
 * that a market left running for weeks stays where prices of that symbol are. Each symbol draws from
 * a generator of its own: adding a symbol changes nothing for the others. Only sums, products and
 * comparisons are used, so the series does not depend on a machine's logarithm.
 */
import type { Decimal } from '../domain/decimal.ts';
import type { Instrument, Tick } from '../domain/market.ts';
import { createPrng, type Prng } from '../domain/prng.ts';
import type { EpochMs } from '../domain/time.ts';

export interface SyntheticSymbol {
  readonly instrument: Instrument;
  /** Price units; see {@link defaultStartPrice}. */
  readonly startPrice: number;
}

export interface SyntheticOptions {
  readonly seed: number;
  readonly symbols: readonly SyntheticSymbol[];
  /** The first quotes come shortly after; the series of prices does not depend on it. */
  readonly start: EpochMs;
}

const SHORTEST_INTERVAL_MS = 40;
/** The square of a uniform draw times this is added: 260 ms on average in all, about four quotes a second. */
const INTERVAL_RANGE_MS = 660;
const SHORTEST_REGIME_MS = 3_000;
const REGIME_RANGE_MS = 9_000;
/** Share of regimes that are ranges. */
const RANGE_SHARE = 0.3;
/** Standard deviation of one step as a share of the price: about 8 % a year at four quotes a second. */
const STEP_SHARE = 7.5e-6;
/** But never less than this many tick sizes, or a coarse grid would stand still. */
const LEAST_STEP = 0.7;
/** A trend's pull per step, in standard deviations of a step. */
const TREND = 0.45;
/** How much likelier than even a trend turns against the one before it. */
const TURN_BIAS = 0.25;
/** A range's pull per step, as a share of the distance to where it began. */
const RANGE_PULL = 0.05;
/** At this distance from the start price, as a share of it, nearly every trend leads back. */
const WIDEST = 0.02;

/** Quotes of all symbols in order of time, without end. */
export function* syntheticTicks(options: SyntheticOptions): Generator<Tick, never> {
  const markets = options.symbols.map((symbol) => new SyntheticMarket(symbol, options.seed, options.start));
  if (markets.length === 0) throw new RangeError('a synthetic market needs a symbol');
  for (;;) {
    let next = markets[0]!;
    for (const market of markets) if (market.nextTs < next.nextTs) next = market;
    yield next.step();
  }
}

/** One symbol's prices, in tick sizes as long as they are calculated with. */
class SyntheticMarket {
  readonly #symbol: string;
  readonly #prng: Prng;
  readonly #grid: PriceGrid;
  readonly #spread: number;
  readonly #home: number;
  readonly #deviation: number;
  /** Bid, not yet rounded to the grid. */
  #price: number;
  #anchor: number;
  #isRange = true;
  /** Direction of the last trend; none yet. */
  #trend: 0 | 1 | -1 = 0;
  #regimeEnds: EpochMs;
  nextTs: EpochMs;

  constructor({ instrument, startPrice }: SyntheticSymbol, seed: number, start: EpochMs) {
    const tickSize = instrument.tickSize.toNumber();
    this.#symbol = instrument.symbol;
    this.#prng = createPrng(`${seed}:${instrument.symbol}`);
    this.#grid = new PriceGrid(instrument.tickSize);
    this.#spread = Math.round(instrument.spread.toNumber() / tickSize);
    this.#home = Math.max(1, Math.round(startPrice / tickSize));
    this.#deviation = Math.max(LEAST_STEP, this.#home * STEP_SHARE);
    this.#price = this.#anchor = this.#home;
    this.#regimeEnds = start;
    this.nextTs = start + this.#interval();
  }

  /** The quote at {@link nextTs}. */
  step(): Tick {
    const ts = this.nextTs;
    if (ts >= this.#regimeEnds) this.#turn(ts);
    this.#price = Math.max(1, this.#price + this.#drift() + this.#deviation * this.#bell());
    this.nextTs = ts + this.#interval();
    const bid = Math.round(this.#price);
    return { symbol: this.#symbol, ts, bid: this.#grid.price(bid), ask: this.#grid.price(bid + this.#spread) };
  }

  #drift(): number {
    if (this.#isRange) return (this.#anchor - this.#price) * RANGE_PULL;
    return this.#trend * TREND * this.#deviation;
  }

  /** Begins another regime. The farther the price is from home, the likelier a trend leads back. */
  #turn(now: EpochMs): void {
    const away = (this.#price - this.#home) / (this.#home * WIDEST);
    this.#isRange = this.#prng.next() < RANGE_SHARE;
    const up = this.#prng.next() < 0.5 - away / 2 - this.#trend * TURN_BIAS;
    if (!this.#isRange) this.#trend = up ? 1 : -1;
    this.#anchor = this.#price;
    this.#regimeEnds = now + SHORTEST_REGIME_MS + this.#prng.next() * REGIME_RANGE_MS;
  }

  #interval(): number {
    const u = this.#prng.next();
    return Math.round(SHORTEST_INTERVAL_MS + INTERVAL_RANGE_MS * u * u);
  }

  /** Nearly normal with mean 0 and deviation 1: the sum of three uniform draws (each of variance 1/12), doubled. */
  #bell(): number {
    return 2 * (this.#prng.next() + this.#prng.next() + this.#prng.next() - 1.5);
  }
}

/** Whole multiples of a tick size as the doubles nearest to them. */
class PriceGrid {
  readonly #coefficient: number;
  readonly #scale: number;

  constructor(tickSize: Decimal) {
    const { coefficient, scale } = tickSize.trimmed();
    this.#coefficient = Number(coefficient);
    this.#scale = 10 ** scale;
  }

  price(ticks: number): number {
    return (ticks * this.#coefficient) / this.#scale;
  }
}

/** Where a synthetic market of these symbols begins; others begin at 100. */
const START_PRICES = new Map(
  Object.entries({
    EURUSD: 1.0925,
    GBPUSD: 1.2715,
    AUDUSD: 0.664,
    NZDUSD: 0.618,
    USDJPY: 147.25,
    USDCHF: 0.871,
    USDCAD: 1.352,
    EURGBP: 0.8592,
    EURJPY: 160.85,
    GBPJPY: 187.2,
    XAUUSD: 2035,
    XAGUSD: 23.1,
    BTCUSD: 43_250,
    ETHUSD: 2_310,
    US500: 4_780,
  }),
);

/** A start price that suits the symbol. */
export function defaultStartPrice(symbol: string): number {
  return START_PRICES.get(symbol) ?? 100;
}
