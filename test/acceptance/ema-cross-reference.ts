/**
 * What the EMA cross makes of a day of EURUSD quotes, worked out a second time: plainly, exactly,
 * from the stated rules of trading alone, without a line of qkt.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Big } from 'big.js';

export interface ReferenceTrade {
  readonly ts: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  readonly realized: string;
}

export interface Reference {
  readonly trades: readonly ReferenceTrade[];
  readonly ticks: number;
  readonly bars: number;
  readonly realized: string;
  readonly unrealized: string;
  readonly equity: string;
  readonly maxDrawdown: string;
}

const BAR_MS = 60_000;
const QTY = 10_000;
const START = new Big(10_000);

/** Distances of the bracket from the fill, in price units. */
export interface Bracket {
  readonly stop: string;
  readonly target: string;
}

/** Weight 2 / (length + 1), seeded with the first input, stable after `length` inputs. */
function ema(length: number): (input: number) => number | undefined {
  let value: number | undefined;
  let seen = 0;
  return (input) => {
    const weight = 2 / (length + 1);
    value = value === undefined ? input : input * weight + value * (1 - weight);
    return ++seen < length ? undefined : value;
  };
}

export function emaCrossReference(file: string, { stop, target }: Bracket): Reference {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  const columns = header!.split(',');
  const [timeAt, bidAt, askAt] = ['timestamp', 'bid', 'ask'].map((name) => columns.indexOf(name)) as [
    number,
    number,
    number,
  ];

  const [fast, slow] = [ema(9), ema(21)];
  const trades: ReferenceTrade[] = [];
  let above: boolean | undefined;
  let entry: Big | undefined;
  let realized = new Big(0);
  let [bid, ask] = [new Big(0), new Big(0)];
  let [peak, maxDrawdown] = [START, new Big(0)];
  let bar: { readonly end: number; close: number } | undefined;
  let bars = 0;

  const trade = (ts: number, side: 'BUY' | 'SELL', price: Big): void => {
    const gain = side === 'BUY' ? new Big(0) : price.minus(entry!).times(QTY);
    realized = realized.plus(gain);
    entry = side === 'BUY' ? price : undefined;
    trades.push({ ts: new Date(ts).toISOString(), side, price: price.toFixed(), realized: gain.toFixed() });
  };
  const protect = (ts: number): void => {
    if (entry !== undefined && (bid.lte(entry.minus(stop)) || bid.gte(entry.plus(target)))) trade(ts, 'SELL', bid);
  };
  const unrealized = (): Big => (entry === undefined ? new Big(0) : bid.minus(entry).times(QTY));
  const mark = (): void => {
    const equity = START.plus(realized).plus(unrealized());
    if (equity.gt(peak)) peak = equity;
    const drawdown = peak.minus(equity).div(peak).round(8, Big.roundHalfEven);
    if (drawdown.gt(maxDrawdown)) maxDrawdown = drawdown;
  };
  const onBar = (end: number, close: number): void => {
    const [f, s] = [fast(close), slow(close)];
    if (f === undefined || s === undefined) return;
    const was = above;
    above = f > s;
    if (was === false && above && entry === undefined) {
      trade(end, 'BUY', ask);
      // With a spread wider than the stop's distance the quote in force is beyond the stop already.
      protect(end);
    } else if (was === true && !above && entry !== undefined) trade(end, 'SELL', bid);
    mark();
  };

  for (const line of lines) {
    const fields = line.split(',');
    const ts = Number(fields[timeAt]);
    if (bar !== undefined && bar.end <= ts) {
      bars += 1;
      onBar(bar.end, bar.close);
      bar = undefined;
    }
    [bid, ask] = [new Big(fields[bidAt]!), new Big(fields[askAt]!)];
    const mid = Number(bid.plus(ask).div(2).toFixed());
    bar ??= { end: (Math.floor(ts / BAR_MS) + 1) * BAR_MS, close: mid };
    bar.close = mid;
    protect(ts);
    mark();
  }
  return {
    trades,
    ticks: lines.length,
    bars,
    realized: realized.toFixed(),
    unrealized: unrealized().toFixed(),
    equity: START.plus(realized).plus(unrealized()).toFixed(),
    maxDrawdown: maxDrawdown.toFixed(),
  };
}
