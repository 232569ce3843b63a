/** The indicators that `create({ indicators })` offers. */

/** A streaming indicator: one input a bar (or tick), `undefined` until it has seen enough of them. */
export interface Indicator<Input = number, Result = number> {
  /**
   * Takes the next input and gives the value at it.
   * @throws RangeError on an input that is not finite: it would spoil every value after it.
   */
  update(input: Input): Result | undefined;
  /** The value at the last input. */
  readonly value: Result | undefined;
}

/** What candle indicators read; a `Bar` is one. */
export interface Candle {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface MacdValue {
  readonly macd: number;
  readonly signal: number;
  readonly histogram: number;
}
export interface BandsValue {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
}
export interface AdxValue {
  readonly adx: number;
  /** Directional indicators, 0 to 100. */
  readonly plusDi: number;
  readonly minusDi: number;
}
export interface StochasticValue {
  readonly k: number;
  readonly d: number;
}

/** Each makes a new indicator; lengths are whole numbers of inputs, 1 or more unless said. @throws RangeError otherwise. */
export interface Indicators {
  /** Simple moving average. */
  sma(length: number): Indicator;
  /** Exponential moving average, weight 2 / (length + 1), seeded with the first input; stable after `length` inputs. */
  ema(length: number): Indicator;
  /** Linearly weighted moving average: the newest input weighs `length`, the oldest 1. */
  wma(length: number): Indicator;
  /** Wilder's relative strength index, 0 to 100 (100 without any loss); length 2 or more, stable after length + 1 inputs. */
  rsi(length: number): Indicator;
  /** EMA(fast) − EMA(slow), the EMA of that over `signal`, and their difference; 12, 26, 9 unless said. */
  macd(fast?: number, slow?: number, signal?: number): Indicator<number, MacdValue>;
  /** SMA ± `width` population standard deviations; 20 and 2 unless said. */
  bollinger(length?: number, width?: number): Indicator<number, BandsValue>;
  /** Rate of change over `length` inputs as a fraction: 0.01 is one per cent. */
  roc(length: number): Indicator;
  /** Difference to the input `length` ago. */
  momentum(length: number): Indicator;
  /** Highest of the last `length` inputs, the newest included. */
  highest(length: number): Indicator;
  /** Lowest of the last `length` inputs, the newest included. */
  lowest(length: number): Indicator;
  /** Wilder's average true range. */
  atr(length: number): Indicator<Candle>;
  /** Wilder's average directional index with +DI and −DI; length 2 or more. */
  adx(length: number): Indicator<Candle, AdxValue>;
  /** Stochastic oscillator: %K over `length` smoothed by `slowing`, %D its SMA over `signal`; 14, 3, 3 unless said. */
  stochastic(length?: number, slowing?: number, signal?: number): Indicator<Candle, StochasticValue>;
  /** Donchian channel: highest high and lowest low of the last `length` bars, the newest included, and their middle. */
  donchian(length: number): Indicator<Candle, BandsValue>;
}
