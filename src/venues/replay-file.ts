/**
 * Replay of a CSV file of quotes or bars, plain or gzip (`docs/replay-files.md`). Rows that cannot
 * be used are counted and told, and never end the replay; a file that cannot be used at all is
 * refused when it is opened.
 */
import { Subject, type Observable } from 'rxjs';
import type { FeedFault, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { noDrops, type DropCounts } from '../streams/quote-faults.ts';
import { readHeader, type Columns, type ReplayLayout } from './replay-columns.ts';
import { RowReader } from './replay-rows.ts';
import { openText, type ReplayText, type TextBlock } from './replay-text.ts';
import { BarTicks, QuoteTicks, type TickMaker } from './replay-ticks.ts';

export interface ReplayOptions {
  /** The one symbol to replay; needed where the file has no symbol column. */
  readonly symbol?: string;
  /** Full spread of a symbol in price units, for files of bars; asked once for each, and must not throw. */
  spreadOf(symbol: string): number;
}

/** A replay file that was found usable; it can be read once. */
export interface ReplaySource {
  readonly layout: ReplayLayout;
  /** Length of the bars of a bar file. */
  readonly barMs: number | undefined;
  /** Time of the first tick. */
  readonly firstTs: EpochMs;
  /** The symbols that are replayed, as far as the file has been read. */
  readonly symbols: readonly string[];
  /** The ticks in order of time, some thousand at a time; ends with the file, or when it is closed. */
  batches(): AsyncGenerator<readonly Tick[]>;
  /** Share of the file's bytes read, 0 to 1. */
  progress(): number;
  /** Dropped rows by cause, from the opening on. */
  readonly counts: Readonly<DropCounts>;
  /**
   * Every dropped row but those of other symbols, which are only counted. Rows dropped while the
   * file was opened are told when {@link batches} begins.
   */
  readonly faults$: Observable<FeedFault>;
  /** Lets go of the file; idempotent. */
  close(): Promise<void>;
}

/** So many bad rows at the start, and not one good: the file is something else. */
const HOPELESS_ROWS = 1000;
/** Faults kept from the opening until somebody listens; all are counted. */
const MOST_EARLY_FAULTS = 50_000;

/**
 * Opens a replay file and reads up to its first ticks.
 * @throws QktError QKT_E_REPLAY_FILE with file, line and column when it cannot be used at all,
 *   QKT_E_REPLAY_SYMBOL when it has no symbol column and no symbol was given.
 */
export async function openReplay(file: string, options: ReplayOptions): Promise<ReplaySource> {
  const text = await openText(file);
  try {
    return await ReplayFile.open(file, text, options);
  } catch (error) {
    text.close();
    throw error;
  }
}

class ReplayFile implements ReplaySource {
  readonly layout: ReplayLayout;
  firstTs: EpochMs = 0;
  readonly counts = noDrops();
  readonly #file: string;
  readonly #text: ReplayText;
  readonly #blocks: AsyncGenerator<TextBlock>;
  readonly #only: string | undefined;
  readonly #reader: RowReader;
  readonly #maker: TickMaker;
  readonly #faults = new Subject<FeedFault>();
  readonly faults$: Observable<FeedFault> = this.#faults.asObservable();
  #early: FeedFault[] | undefined = [];
  #good = 0;
  #first: readonly Tick[] = [];
  #done = false;
  #closed = false;

  private constructor(file: string, text: ReplayText, start: Start, options: ReplayOptions) {
    this.#file = file;
    this.#text = text;
    this.#blocks = start.blocks;
    this.#only = options.symbol;
    this.layout = start.columns.layout;
    this.#reader = new RowReader(start.columns, start.line, options.symbol);
    const host = {
      drop: (fault: FeedFault) => this.#drop(fault),
      refuse: (detail: string) => this.#refuse(detail),
      spreadOf: (symbol: string) => options.spreadOf(symbol),
    };
    this.#maker = this.layout === 'quotes' ? new QuoteTicks(host) : new BarTicks(host);
  }

  static async open(file: string, text: ReplayText, options: ReplayOptions): Promise<ReplayFile> {
    const start = await readStart(file, text.blocks());
    if (start.columns.symbol === undefined && options.symbol === undefined)
      throw new QktError('QKT_E_REPLAY_SYMBOL', 'the rows do not say of which symbol they are', {
        location: { file, line: start.line },
      });
    const replay = new ReplayFile(file, text, start, options);
    await replay.#prime(start.rest);
    return replay;
  }

  get barMs(): number | undefined {
    return this.#maker.barMs;
  }

  get symbols(): readonly string[] {
    return this.#only === undefined ? [...this.#reader.symbols] : [this.#only];
  }

  progress(): number {
    return this.#done ? 1 : this.#text.progress();
  }

  /** Reads until there are ticks, or it is clear that there will be none. */
  async #prime(rest: TextBlock): Promise<void> {
    this.#consume(rest);
    while (this.#first.length === 0) {
      const ticks = this.#maker.drain();
      if (ticks.length > 0) this.#first = ticks;
      else if (this.#done) this.#refuseWhole();
      else if (this.#good === 0 && this.#bad >= HOPELESS_ROWS && this.counts.otherSymbol === 0) this.#refuseWhole();
      else await this.#advance();
    }
    this.firstTs = this.#first[0]!.ts;
  }

  /** Works through the next block, or ends. */
  async #advance(): Promise<void> {
    const { value, done } = await this.#blocks.next();
    // Closing cuts the text off, perhaps inside a row.
    if (this.#closed) this.#done = true;
    else if (done === true) {
      this.#done = true;
      this.#maker.end();
    } else this.#consume(value);
  }

  #consume(block: TextBlock): void {
    const reader = this.#reader;
    reader.load(block.text);
    for (let outcome = reader.next(); outcome !== 'end'; outcome = reader.next()) {
      if (outcome === 'row') {
        this.#good += 1;
        this.#maker.take(reader);
      } else if (outcome === 'fault') this.#drop(reader.fault!);
      else this.counts.otherSymbol += 1;
    }
    if (block.damage === undefined) return;
    reader.line += 1;
    this.#drop({ cause: 'malformed', symbol: undefined, line: reader.line, column: 1, detail: block.damage });
  }

  get #bad(): number {
    const { malformed, crossed, nonPositive } = this.counts;
    return malformed + crossed + nonPositive;
  }

  #drop(fault: FeedFault): void {
    this.counts[fault.cause] += 1;
    if (this.#early === undefined) this.#faults.next(fault);
    else if (this.#early.length < MOST_EARLY_FAULTS) this.#early.push(fault);
  }

  #refuse(detail: string, fault?: FeedFault): never {
    const { line, column } = fault ?? {};
    throw new QktError('QKT_E_REPLAY_FILE', detail, {
      location: {
        file: this.#file,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      },
    });
  }

  #refuseWhole(): never {
    const first = this.#early?.[0];
    if (this.counts.otherSymbol > 0) {
      const has = [...this.#reader.symbols].slice(0, 12).join(', ');
      return this.#refuse(`it has no usable row of ${this.#only}; the symbols in it are ${has}`);
    }
    if (first === undefined) return this.#refuse('there is no row after the header');
    const rows = this.#done ? 'no row can be used' : `none of the first ${this.#bad} rows can be used`;
    return this.#refuse(`${rows}; the first: ${first.detail}`, first);
  }

  async *batches(): AsyncGenerator<readonly Tick[]> {
    try {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const fault of early) this.#faults.next(fault);
      yield this.#first;
      this.#first = [];
      while (!this.#done) {
        await this.#advance();
        const ticks = this.#maker.drain();
        if (ticks.length > 0) yield ticks;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#text.close();
    this.#faults.complete();
    await this.#blocks.return(undefined);
  }
}

/** What the beginning of a file says. */
interface Start {
  readonly columns: Columns;
  /** Line of the header. */
  readonly line: number;
  readonly blocks: AsyncGenerator<TextBlock>;
  /** What the first block has after the header. */
  readonly rest: TextBlock;
}

/** Reads the header: the first line that is not blank. */
async function readStart(file: string, blocks: AsyncGenerator<TextBlock>): Promise<Start> {
  let line = 0;
  // Not `for await`: leaving that early would end the blocks.
  for (let next = await blocks.next(); next.done !== true; next = await blocks.next()) {
    const { text, damage } = next.value;
    for (let from = 0; from < text.length;) {
      const end = text.indexOf('\n', from);
      const to = end < 0 ? text.length : end;
      const header = text.slice(from, to).replace(/\r$/, '');
      from = to + 1;
      line += 1;
      if (header.trim() === '') continue;
      const columns = readHeader(header, file, line);
      return { columns, line, blocks, rest: { ...next.value, text: text.slice(from) } };
    }
    if (damage !== undefined)
      throw new QktError('QKT_E_REPLAY_FILE', damage, { location: { file, line: line + 1, column: 1 } });
  }
  throw new QktError('QKT_E_REPLAY_FILE', 'it has no header line', { location: { file } });
}
