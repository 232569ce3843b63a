/**
 * Rows of a replay file: from text to checked values, or to the fault that names what is wrong with
 * them and where. Lines are split by hand, at four times the pace of csv-parse and with one
 * more promise: a stray quotation mark spoils its own line only. A line with quoted fields goes
 * through csv-parse.
 */
import { parse } from 'csv-parse/sync';
import type { DropCause, FeedFault } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import { judgePrices } from '../streams/quote-faults.ts';
import type { Columns } from './replay-columns.ts';
import { readNumber, TimeReader } from './replay-values.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTATION_MARK = 34;

/** Names of symbols that are remembered; a file with more has something else in that column. */
const MOST_SYMBOLS = 1000;

/** What {@link RowReader.next} came upon. `other`: a row of a symbol that is not replayed. */
export type RowOutcome = 'row' | 'fault' | 'other' | 'end';

/** Reads rows one after the other; the values of the last one stand in its fields until the next call. */
export class RowReader {
  readonly #columns: Columns;
  readonly #only: string | undefined;
  readonly #delimiter: number;
  readonly #times = new TimeReader();
  readonly #symbols = new Set<string>();
  #text = '';
  #at = 0;
  /** Where the current line begins and ends (without its line end), and where its fields begin. */
  #from = 0;
  #to = 0;
  readonly #starts: Int32Array;
  #fields = 0;
  #quoted: readonly string[] | undefined;

  /** Line of the current row, from 1. */
  line: number;
  ts: EpochMs = 0;
  symbol: string;
  /** Bid and ask, or open, high, low and close. */
  readonly prices = new Float64Array(4);
  /** What was wrong, after the outcome `fault`. */
  fault: FeedFault | undefined;

  /**
   * @param line line of the header
   * @param only the symbol to replay; in a file without a symbol column, the symbol of all rows
   */
  constructor(columns: Columns, line: number, only: string | undefined) {
    this.#columns = columns;
    this.#only = only;
    this.#delimiter = columns.delimiter.charCodeAt(0);
    this.#starts = new Int32Array(columns.count + 1);
    this.line = line;
    this.symbol = only ?? '';
  }

  /** Symbols that the rows so far named; the first thousand. */
  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  /** Goes on with this text: whole lines, of which only the file's last may lack its line end. */
  load(text: string): void {
    this.#text = text;
    this.#at = 0;
  }

  /** Reads the next row; lines that are blank are passed over. */
  next(): RowOutcome {
    while (this.#at < this.#text.length) {
      this.#scan();
      if (this.#fields > 1 || this.#text.slice(this.#from, this.#to).trim() !== '') return this.#read();
    }
    return 'end';
  }

  /** The column, from 1, in which the time of the current row begins. */
  get timeColumn(): number {
    return this.#column(this.#columns.time);
  }

  /** Finds the fields of the next line. */
  #scan(): void {
    const text = this.#text;
    const starts = this.#starts;
    let i = this.#at;
    let fields = 1;
    let quoted = false;
    starts[0] = this.#from = i;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === this.#delimiter) {
        if (fields < starts.length) starts[fields] = i + 1;
        fields += 1;
      } else if (c === LINE_FEED) break;
      else if (c === QUOTATION_MARK) quoted = true;
    }
    this.#at = i + 1;
    this.#to = i > this.#from && text.charCodeAt(i - 1) === CARRIAGE_RETURN ? i - 1 : i;
    if (fields < starts.length) starts[fields] = this.#to + 1;
    this.#fields = fields;
    this.#quoted = quoted ? this.#unquote() : undefined;
    this.line += 1;
  }

  /** The fields of a line with quotation marks; none when they do not match. */
  #unquote(): readonly string[] {
    try {
      const [fields = []]: string[][] = parse(this.#text.slice(this.#from, this.#to), {
        delimiter: this.#columns.delimiter,
        relax_column_count: true,
        trim: true,
      });
      this.#fields = fields.length;
      return fields;
    } catch {
      this.#fields = 0;
      return [];
    }
  }

  #read(): RowOutcome {
    const { count, symbol, time } = this.#columns;
    if (this.#fields !== count) return this.#miscounted();
    if (symbol !== undefined && !this.#readSymbol(symbol)) return this.#rejectUnnamed(symbol, 'symbol is empty');
    if (this.#only !== undefined && this.symbol !== this.#only) return 'other';
    this.ts = this.#timeOf(time);
    if (Number.isNaN(this.ts)) return this.#reject('malformed', time, `time ${this.#shown(time)} is not a time`);
    return this.#readPrices();
  }

  #miscounted(): RowOutcome {
    if (this.#fields === 0) return this.#rejectUnnamed(0, 'a quotation mark is not closed on its line');
    const are = this.#fields === 1 ? 'is 1 field' : `are ${this.#fields} fields`;
    return this.#rejectUnnamed(0, `there ${are}, and ${this.#columns.count} columns in the header`);
  }

  #readPrices(): RowOutcome {
    const { prices, priceNames, layout } = this.#columns;
    for (let i = 0; i < prices.length; i++) {
      const column = prices[i]!;
      const value = this.#numberOf(column);
      if (!Number.isFinite(value))
        return this.#reject('malformed', column, `${priceNames[i]} ${this.#shown(column)} is not a number`);
      if (value <= 0)
        return this.#reject('nonPositive', column, `${priceNames[i]} ${this.#shown(column)} is not positive`);
      this.prices[i] = value;
    }
    return layout === 'quotes' ? this.#judgeQuote() : this.#judgeBar();
  }

  #judgeQuote(): RowOutcome {
    const cause = judgePrices(this.prices[0]!, this.prices[1]!);
    if (cause === undefined) return 'row';
    const [bid, ask] = this.#columns.prices;
    return this.#reject(cause, ask!, `bid ${this.#shown(bid!)} is above ask ${this.#shown(ask!)}`);
  }

  /** Open and close must lie between low and high. */
  #judgeBar(): RowOutcome {
    const [open, high, low, close] = this.prices as unknown as [number, number, number, number];
    const { prices } = this.#columns;
    if (high < low) return this.#reject('malformed', prices[1]!, `high ${high} is below low ${low}`);
    for (const [name, value, at] of [['open', open, 0] as const, ['close', close, 3] as const])
      if (value > high || value < low)
        return this.#reject('malformed', prices[at]!, `${name} ${value} is not between low ${low} and high ${high}`);
    return 'row';
  }

  /** False when the field is empty. Rows mostly repeat the symbol of the row before: no new string then. */
  #readSymbol(column: number): boolean {
    const from = this.#starts[column]!;
    const length = this.#starts[column + 1]! - 1 - from;
    const { symbol } = this;
    if (this.#quoted === undefined && length === symbol.length && length > 0 && this.#text.startsWith(symbol, from))
      return true;
    const text = this.#field(column);
    if (text === '') return false;
    if (this.#symbols.size < MOST_SYMBOLS) this.#symbols.add(text);
    this.symbol = text;
    return true;
  }

  #timeOf(column: number): EpochMs {
    if (this.#quoted === undefined)
      return this.#times.read(this.#text, this.#starts[column]!, this.#starts[column + 1]! - 1);
    const field = this.#field(column);
    return this.#times.read(field, 0, field.length);
  }

  #numberOf(column: number): number {
    if (this.#quoted === undefined) return readNumber(this.#text, this.#starts[column]!, this.#starts[column + 1]! - 1);
    const field = this.#field(column);
    return readNumber(field, 0, field.length);
  }

  #field(column: number): string {
    if (this.#quoted !== undefined) return this.#quoted[column]!;
    return this.#text.slice(this.#starts[column], this.#starts[column + 1]! - 1).trim();
  }

  /** A field as a message may show it. */
  #shown(column: number): string {
    const field = this.#field(column).replaceAll(/\p{C}/gu, '?');
    return `"${field.length > 40 ? `${field.slice(0, 40)}…` : field}"`;
  }

  #column(field: number): number {
    return this.#quoted === undefined && this.#fields === this.#columns.count
      ? this.#starts[field]! - this.#from + 1
      : 1;
  }

  #reject(cause: DropCause, field: number, detail: string): RowOutcome {
    this.fault = { cause, symbol: this.symbol, line: this.line, column: this.#column(field), detail };
    return 'fault';
  }

  /** As {@link #reject}, for a row that was malformed before its symbol could be read. */
  #rejectUnnamed(field: number, detail: string): RowOutcome {
    const symbol = this.#columns.symbol === undefined ? this.#only : undefined;
    this.fault = { cause: 'malformed', symbol, line: this.line, column: this.#column(field), detail };
    return 'fault';
  }
}
