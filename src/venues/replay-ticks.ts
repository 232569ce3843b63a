/** From checked rows to ticks in order of time: one for a quote, four for a bar. */
import type { DropCause, FeedFault, Tick } from '../domain/market.ts';
import { iso } from '../domain/time.ts';
import { BarUnfolder, inferBarLength, type BarRow } from './replay-bars.ts';
import { RowOrder, type Place, type Timed } from './replay-order.ts';
import type { RowReader } from './replay-rows.ts';

/** What a maker needs of the file it works for. */
export interface MakerHost {
  /** Counts and tells a dropped row. */
  drop(fault: FeedFault): void;
  /** Refuses the file as a whole; does not return. */
  refuse(detail: string): never;
  spreadOf(symbol: string): number;
}

/** Makes ticks of one layout. */
export interface TickMaker {
  /** Takes the reader's current row. */
  take(reader: RowReader): void;
  /** There are no more rows: gives up what was held. */
  end(): void;
  /** The ticks that are complete, each given once. */
  drain(): readonly Tick[];
  /** Length of the file's bars, once it is known. */
  readonly barMs: number | undefined;
}

function dropFault(host: MakerHost, row: Timed, place: Place, cause: DropCause, detail: string): void {
  host.drop({ cause, symbol: row.symbol, line: place.line, column: place.column, detail });
}

function dropTime(host: MakerHost, row: Timed, place: Place, cause: 'backwards' | 'malformed'): void {
  const what = cause === 'backwards' ? 'is before the row above it' : 'leaps ahead of the rows around it';
  dropFault(host, row, place, cause, `time ${iso(row.ts)} ${what}`);
}

const placeIn = (reader: RowReader) => (): Place => ({ line: reader.line, column: reader.timeColumn });

/** A file of quotes. */
export class QuoteTicks implements TickMaker {
  readonly barMs = undefined;
  readonly #order: RowOrder<Tick>;
  #out: Tick[] = [];

  constructor(host: MakerHost) {
    this.#order = new RowOrder(
      (tick) => this.#out.push(tick),
      (tick, place, cause) => dropTime(host, tick, place, cause),
    );
  }

  take(reader: RowReader): void {
    const { symbol, ts, prices } = reader;
    this.#order.push({ symbol, ts, bid: prices[0]!, ask: prices[1]! }, placeIn(reader));
  }

  end(): void {
    this.#order.end();
  }

  drain(): readonly Tick[] {
    const ticks = this.#out;
    this.#out = [];
    return ticks;
  }
}

/** Rows looked at before the length of the bars is settled. */
const ROWS_TO_INFER = 1000;
const SHORTEST_BAR_MS = 1000;
const LONGEST_BAR_MS = 7 * 86_400_000;

type PlacedBar = BarRow & { readonly place: Place };

/** A file of bars. */
export class BarTicks implements TickMaker {
  readonly #host: MakerHost;
  readonly #order: RowOrder<PlacedBar>;
  /** Rows held until the length of the bars is known. */
  #first: PlacedBar[] = [];
  #unfolder: BarUnfolder | undefined;
  #out: Tick[] = [];
  barMs: number | undefined;

  constructor(host: MakerHost) {
    this.#host = host;
    this.#order = new RowOrder(
      (row) => this.#pass(row),
      (row, place, cause) => dropTime(host, row, place, cause),
    );
  }

  take(reader: RowReader): void {
    const { symbol, ts, prices } = reader;
    const place = placeIn(reader);
    const [open, high, low, close] = prices as unknown as [number, number, number, number];
    this.#order.push({ symbol, ts, open, high, low, close, place: place() }, place);
  }

  #pass(row: PlacedBar): void {
    if (this.#unfolder !== undefined) {
      this.#unfold(this.#unfolder, row);
      return;
    }
    this.#first.push(row);
    if (this.#first.length === ROWS_TO_INFER) this.#settleLength();
  }

  #settleLength(): void {
    if (this.#first.length === 0) return;
    const length = inferBarLength(this.#first);
    if (length === undefined)
      this.#host.refuse('the length of its bars cannot be told: that takes two bars of one symbol');
    if (length < SHORTEST_BAR_MS || length > LONGEST_BAR_MS)
      this.#host.refuse(`its bars are ${length} ms apart; bars of 1 s to 7 d can be replayed`);
    this.barMs = length;
    this.#unfolder = new BarUnfolder(length, (symbol) => this.#host.spreadOf(symbol));
    for (const row of this.#first) this.#unfold(this.#unfolder, row);
    this.#first = [];
  }

  #unfold(unfolder: BarUnfolder, row: PlacedBar): void {
    const refusal = unfolder.add(row, this.#out);
    if (refusal === 'overlap')
      dropFault(this.#host, row, row.place, 'backwards', `bar at ${iso(row.ts)} begins before the last one has ended`);
    else if (refusal === 'nonPositive')
      dropFault(this.#host, row, row.place, 'nonPositive', `low ${row.low} less half the spread is not positive`);
  }

  end(): void {
    this.#order.end();
    if (this.#unfolder === undefined) this.#settleLength();
    this.#unfolder?.flush(this.#out);
  }

  drain(): readonly Tick[] {
    const ticks = this.#out;
    this.#out = [];
    return ticks;
  }
}
