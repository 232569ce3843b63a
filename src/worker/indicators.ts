/** `indicators` of `create`: a thin, uniform face over `trading-signals`. */
import {
  ADX,
  ATR,
  BollingerBands,
  DonchianChannels,
  EMA,
  MACD,
  MOM,
  ROC,
  RSI,
  SMA,
  StochasticOscillator,
  WMA,
} from 'trading-signals';
import type { AdxValue, Candle, Indicator, Indicators } from './indicator-types.ts';

class Streaming<Input, Result> implements Indicator<Input, Result> {
  readonly #step: (input: Input) => Result | undefined;
  readonly #isSound: (input: Input) => boolean;
  value: Result | undefined = undefined;

  constructor(isSound: (input: Input) => boolean, step: (input: Input) => Result | undefined) {
    this.#isSound = isSound;
    this.#step = step;
  }

  update(input: Input): Result | undefined {
    if (!this.#isSound(input)) throw new RangeError('an indicator takes finite numbers only');
    return (this.value = this.#step(input));
  }
}

const isSoundCandle = (bar: Candle): boolean =>
  Number.isFinite(bar.high) && Number.isFinite(bar.low) && Number.isFinite(bar.close);

const ofNumbers = <Result>(step: (input: number) => Result | undefined): Indicator<number, Result> =>
  new Streaming<number, Result>(Number.isFinite, step);
const ofCandles = <Result>(step: (input: Candle) => Result | undefined): Indicator<Candle, Result> =>
  new Streaming<Candle, Result>(isSoundCandle, step);

/** @throws RangeError when it is no whole number from `least` up. */
function whole(what: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= 1_000_000) return value;
  throw new RangeError(`${what} must be a whole number from ${least} to 1000000, not ${String(value)}`);
}

const nullable =
  <Input, Result>(indicator: { add(input: Input): Result | null }): ((input: Input) => Result | undefined) =>
  (input) =>
    indicator.add(input) ?? undefined;

function ema(length: number): Indicator {
  const average = new EMA(whole('ema length', length));
  return ofNumbers((input) => {
    const value = average.update(input, false);
    return average.isStable ? value : undefined;
  });
}

/** Highest or lowest of a window, which Donchian channels over single values give. */
function extreme(what: 'highest' | 'lowest', length: number): Indicator {
  const channel = new DonchianChannels(whole(`${what} length`, length));
  return ofNumbers((input) => {
    const bands = channel.add({ high: input, low: input });
    return (what === 'highest' ? bands?.upper : bands?.lower) ?? undefined;
  });
}

function adx(length: number): Indicator<Candle, AdxValue> {
  const index = new ADX(whole('adx length', length, 2));
  let still: Candle | undefined;
  let hasMoved = false;
  return ofCandles((bar) => {
    if (!hasMoved) {
      // While nothing has moved the true range is 0, and dividing by it would spoil the index for good.
      hasMoved = bar.high > bar.low || (still !== undefined && bar.close !== still.close);
      if (hasMoved && still !== undefined) index.add(still);
      still = bar;
      if (!hasMoved) return undefined;
    }
    const value = index.add(bar);
    if (value === null) return undefined;
    return { adx: value, plusDi: Number(index.pdi) * 100, minusDi: Number(index.mdi) * 100 };
  });
}

export const indicators: Indicators = Object.freeze<Indicators>({
  sma: (length) => ofNumbers(nullable(new SMA(whole('sma length', length)))),
  ema,
  wma: (length) => ofNumbers(nullable(new WMA(whole('wma length', length)))),
  rsi: (length) => ofNumbers(nullable(new RSI(whole('rsi length', length, 2)))),
  macd: (fast = 12, slow = 26, signal = 9) => {
    if (whole('macd fast', fast) >= whole('macd slow', slow))
      throw new RangeError(`macd fast (${fast}) must be less than macd slow (${slow})`);
    const signalLine = new EMA(whole('macd signal', signal));
    const macd = new MACD(new EMA(fast), new EMA(slow), signalLine);
    return ofNumbers((input) => {
      const value = macd.add(input);
      return value !== null && signalLine.isStable ? value : undefined;
    });
  },
  bollinger: (length = 20, width = 2) => {
    if (!(width > 0 && Number.isFinite(width))) throw new RangeError(`bollinger width must be positive, not ${width}`);
    return ofNumbers(nullable(new BollingerBands(whole('bollinger length', length), width)));
  },
  roc: (length) => ofNumbers(nullable(new ROC(whole('roc length', length)))),
  momentum: (length) => ofNumbers(nullable(new MOM(whole('momentum length', length)))),
  highest: (length) => extreme('highest', length),
  lowest: (length) => extreme('lowest', length),
  atr: (length) => ofCandles(nullable(new ATR(whole('atr length', length)))),
  adx,
  stochastic: (length = 14, slowing = 3, signal = 3) => {
    const oscillator = new StochasticOscillator({
      kPeriod: whole('stochastic length', length),
      kSlowingPeriod: whole('stochastic slowing', slowing),
      dPeriod: whole('stochastic signal', signal),
    });
    return ofCandles((bar) => {
      const value = oscillator.add(bar);
      return value === null ? undefined : { k: value.stochK, d: value.stochD };
    });
  },
  donchian: (length) => ofCandles(nullable(new DonchianChannels(whole('donchian length', length)))),
});
