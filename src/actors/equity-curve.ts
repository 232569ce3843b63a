/** A strategy's equity over time, in memory and bounded: each second of ten minutes, each minute of a day. */
import type { Clock } from '../clock.ts';
import type { EquitySpan, EquityView } from '../domain/history.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { Figures } from '../observe/status-view.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const SECONDS_KEPT = 600;
const MINUTES_KEPT = 1440;

type Columns = Pick<EquityView, 'ts' | 'equity' | 'balance' | 'drawdown'>;

/** One resolution: the last figures of each step, its worst drawdown. NaN stands for what was not known. */
class Series {
  readonly stepMs: number;
  readonly #ts: Float64Array;
  readonly #equity: Float64Array;
  readonly #balance: Float64Array;
  readonly #drawdown: Float64Array;
  #count = 0;
  #step = Number.NaN;

  constructor(stepMs: number, kept: number) {
    this.stepMs = stepMs;
    this.#ts = new Float64Array(kept);
    this.#equity = new Float64Array(kept);
    this.#balance = new Float64Array(kept);
    this.#drawdown = new Float64Array(kept);
  }

  take(now: EpochMs, equity: number, balance: number, drawdown: number): void {
    const step = Math.floor(now / this.stepMs);
    const isNew = step !== this.#step;
    if (isNew) this.#count += 1;
    this.#step = step;
    const at = (this.#count - 1) % this.#ts.length;
    const before = isNew ? Number.NaN : this.#drawdown[at]!;
    this.#ts[at] = now;
    this.#equity[at] = equity;
    this.#balance[at] = balance;
    this.#drawdown[at] = worse(before, drawdown);
  }

  /** @param every takes only each so-manyeth point, counted from the newest */
  columns(every = 1): Columns {
    const kept = this.#ts.length;
    const length = Math.min(this.#count, kept);
    const ts: string[] = [];
    const equity: (number | null)[] = [];
    const balance: (number | null)[] = [];
    const drawdown: (number | null)[] = [];
    for (let n = this.#count - length; n < this.#count; n++) {
      if ((this.#count - 1 - n) % every !== 0) continue;
      const at = n % kept;
      ts.push(iso(this.#ts[at]!));
      equity.push(orNull(this.#equity[at]!));
      balance.push(orNull(this.#balance[at]!));
      drawdown.push(orNull(this.#drawdown[at]!));
    }
    return { ts, equity, balance, drawdown };
  }
}

/** What is not known now was known earlier in the step, or the other way round. */
function worse(before: number, now: number): number {
  if (Number.isNaN(before)) return now;
  return Number.isNaN(now) ? before : Math.max(before, now);
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

export class EquityCurve {
  readonly #name: string;
  readonly #seconds = new Series(SECOND_MS, SECONDS_KEPT);
  readonly #minutes = new Series(MINUTE_MS, MINUTES_KEPT);

  constructor(name: string) {
    this.#name = name;
  }

  /** Takes in the figures of now, each second; the returned function ends it. @param engine whose time the points have */
  follow(wall: Clock, engine: Clock, figures: () => Figures): () => void {
    const take = (): void => this.take(engine.now(), figures());
    take();
    return wall.every(SECOND_MS, take);
  }

  take(now: EpochMs, { equity, balance, drawdown }: Pick<Figures, 'equity' | 'balance' | 'drawdown'>): void {
    const figures = [equity, balance, drawdown].map((figure) => figure?.toNumber() ?? Number.NaN);
    for (const series of [this.#seconds, this.#minutes]) series.take(now, figures[0]!, figures[1]!, figures[2]!);
  }

  view(span: Exclude<EquitySpan, 'all'>, { currency, startingBalance }: Figures): EquityView {
    const series = span === '10m' ? this.#seconds : this.#minutes;
    const head = { strategy: this.#name, currency, startingBalance, span, stepMs: series.stepMs };
    return { ...head, ...series.columns(), incomplete: false };
  }

  /** Equities of the last ten minutes, for a curve of a few points. */
  recent(points: number): readonly (number | null)[] {
    return this.#seconds.columns(Math.ceil(SECONDS_KEPT / points)).equity;
  }
}
