/**
 * What passes along the tick path, counted. None of it is in the journal, so after a crash it begins at
 * zero: a counter restored from an older state would read as a thousand ticks that never were. A run
 * that ends in order leaves it behind, and the next one goes on from there.
 */
import { Histogram, type HistogramView } from '../domain/histogram.ts';
import { OTHER, TICKS_TO_A_SAMPLE, type SymbolMetrics } from '../domain/metrics.ts';
import type { EpochMs } from '../domain/time.ts';

/** Seconds. */
const PROCESSING_BOUNDS = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1];

interface ActivityState {
  readonly symbols: Readonly<Record<string, { readonly ticks: number; readonly dropped: number }>>;
  readonly processing: HistogramView;
  readonly quiet: number;
}

/** One symbol's, written on the path of every tick. */
class SymbolActivity {
  ticks = 0;
  dropped = 0;
  lastTickTs: EpochMs | undefined;
  /** Quotes that the market had dropped before the counting began. */
  droppedBefore = 0;
}

export interface ActivitySources {
  /** Quotes of a symbol that the market itself has dropped. */
  readonly outliers: (symbol: string) => number;
  /** Evaluations that asked for nothing, with those of earlier runs. */
  readonly quiet: () => number;
}

export class TickActivity {
  readonly #sources: ActivitySources;
  readonly #symbols = new Map<string, SymbolActivity>();
  readonly #processing = new Histogram(PROCESSING_BOUNDS);
  #quietBefore = 0;
  #ended = false;

  constructor(sources: ActivitySources) {
    this.#sources = sources;
  }

  of(symbol: string): SymbolActivity {
    let activity = this.#symbols.get(symbol);
    if (activity === undefined) {
      activity = new SymbolActivity();
      if (symbol !== OTHER) activity.droppedBefore = this.#sources.outliers(symbol);
      this.#symbols.set(symbol, activity);
    }
    return activity;
  }

  /** A tick arrives. True for the one in so many that is timed. */
  tick(activity: SymbolActivity, ts: EpochMs): boolean {
    activity.lastTickTs = ts;
    return activity.ticks++ % TICKS_TO_A_SAMPLE === 0;
  }

  /** @param ms that a tick took, all that it caused included */
  timed(ms: number): void {
    this.#processing.observe(Math.max(0, ms) / 1000);
  }

  /** Only what is followed, and what could not be told of any symbol as `other`. */
  symbols(followed: Iterable<string>): readonly SymbolMetrics[] {
    return [...followed, OTHER].map((symbol) => {
      const activity = this.of(symbol);
      const { ticks, lastTickTs } = activity;
      const dropped = this.#dropped(symbol, activity);
      return { symbol, ticks, dropped, ...(lastTickTs !== undefined && { lastTickTs }) };
    });
  }

  get processing(): HistogramView {
    return this.#processing.view();
  }

  /** Evaluations that asked for nothing before the counting began. */
  get quietBefore(): number {
    return this.#quietBefore;
  }

  /** What the evaluations have brought back by now is of runs that are not counted, unless {@link restore} follows. */
  forget(): void {
    this.#quietBefore = this.#sources.quiet();
  }

  /** Nothing is counted any more: what there is may be kept. */
  end(): void {
    this.#ended = true;
  }

  /** Undefined while it is counted: a crash leaves no count behind. */
  save(): ActivityState | undefined {
    if (!this.#ended) return undefined;
    const symbols = [...this.#symbols].map(([symbol, activity]) => {
      return [symbol, { ticks: activity.ticks, dropped: this.#dropped(symbol, activity) }] as const;
    });
    return {
      symbols: Object.fromEntries(symbols),
      processing: this.processing,
      quiet: this.#sources.quiet() - this.#quietBefore,
    };
  }

  restore(state: unknown): void {
    const { symbols, processing, quiet } = state as ActivityState;
    for (const [symbol, { ticks, dropped }] of Object.entries(symbols)) {
      const activity = this.of(symbol);
      activity.ticks = ticks;
      activity.dropped = dropped;
    }
    this.#processing.restore(processing);
    this.#quietBefore = this.#sources.quiet() - quiet;
  }

  #dropped(symbol: string, { dropped, droppedBefore }: SymbolActivity): number {
    return symbol === OTHER ? dropped : dropped + this.#sources.outliers(symbol) - droppedBefore;
  }
}
