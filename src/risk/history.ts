/**
 * What rules and gate count: entries today, losing closes in a row, rejections and closes in a
 * window. Fed with facts in the order in which they happen; plain data between restarts.
 */
import type { Decimal } from '../domain/decimal.ts';
import type { EpochMs } from '../domain/time.ts';
import type { GateHistory } from './gate-input.ts';
import type { Counts } from './halt-rules.ts';

export interface HistoryState {
  /** When the trading day that is counted began. */
  readonly dayStart: EpochMs;
  readonly today: { readonly entries: number; readonly rejections: number; readonly closes: number };
  readonly streak: number;
  readonly lastLossAt: EpochMs | null;
  /** Of the streak, newest last. */
  readonly losses: readonly EpochMs[];
  readonly rejections: readonly EpochMs[];
  readonly closes: readonly EpochMs[];
}

const NOTHING_TODAY: HistoryState['today'] = { entries: 0, rejections: 0, closes: 0 };

export class RiskHistory implements GateHistory, Counts {
  #keep: number;
  #dayStart: EpochMs;
  #today = NOTHING_TODAY;
  #streak = 0;
  #lastLossAt: EpochMs | undefined;
  #losses: EpochMs[] = [];
  #rejections: EpochMs[] = [];
  #closes: EpochMs[] = [];

  /** `keep`: how many times are remembered of each kind; the largest count that a rule asks for. */
  constructor(dayStart: EpochMs, keep: number) {
    this.#dayStart = dayStart;
    this.#keep = keep;
  }

  /** From now on at least `keep` times of each kind: a rule that counts further would never trip. */
  remember(keep: number): void {
    this.#keep = Math.max(this.#keep, keep);
  }

  /** An entry order was sent. */
  entry(): void {
    this.#today = { ...this.#today, entries: this.#today.entries + 1 };
  }

  /** A fill that reduced a position; `realized` is net of costs. A close without a loss ends the streak. */
  close(ts: EpochMs, realized: Decimal): void {
    this.#today = { ...this.#today, closes: this.#today.closes + 1 };
    this.#remember(this.#closes, ts);
    if (realized.sign() >= 0) {
      this.#streak = 0;
      this.#losses = [];
      return;
    }
    this.#streak += 1;
    this.#lastLossAt = ts;
    this.#remember(this.#losses, ts);
  }

  /** The venue refused an order. */
  rejection(ts: EpochMs): void {
    this.#today = { ...this.#today, rejections: this.#today.rejections + 1 };
    this.#remember(this.#rejections, ts);
  }

  /** A new trading day begins; the same one again changes nothing. */
  rollDay(dayStart: EpochMs): void {
    if (dayStart <= this.#dayStart) return;
    this.#dayStart = dayStart;
    this.#today = NOTHING_TODAY;
  }

  /** A person has looked: what halt rules count begins anew. The day's entries stay used. */
  rebase(): void {
    this.#today = { ...NOTHING_TODAY, entries: this.#today.entries };
    this.#streak = 0;
    this.#losses = [];
    this.#rejections = [];
    this.#closes = [];
  }

  get entriesToday(): number {
    return this.#today.entries;
  }

  /** Not bounded by a window; the losing closes in a row. */
  get streak(): number {
    return this.#streak;
  }

  get lastLossAt(): EpochMs | undefined {
    return this.#lastLossAt;
  }

  losingStreak(now: EpochMs, windowMs?: number): number {
    return windowMs === undefined ? this.#streak : within(this.#losses, now, windowMs);
  }

  rejections(now: EpochMs, windowMs?: number): number {
    return windowMs === undefined ? this.#today.rejections : within(this.#rejections, now, windowMs);
  }

  closes(now: EpochMs, windowMs?: number): number {
    return windowMs === undefined ? this.#today.closes : within(this.#closes, now, windowMs);
  }

  save(): HistoryState {
    return {
      dayStart: this.#dayStart,
      today: this.#today,
      streak: this.#streak,
      lastLossAt: this.#lastLossAt ?? null,
      losses: [...this.#losses],
      rejections: [...this.#rejections],
      closes: [...this.#closes],
    };
  }

  /** As it was before a restart; a day that has ended since is rolled by {@link rollDay}. */
  restore(from: HistoryState): void {
    this.#dayStart = from.dayStart;
    this.#today = from.today;
    this.#streak = from.streak;
    this.#lastLossAt = from.lastLossAt ?? undefined;
    this.#losses = from.losses.slice(-this.#keep);
    this.#rejections = from.rejections.slice(-this.#keep);
    this.#closes = from.closes.slice(-this.#keep);
  }

  #remember(times: EpochMs[], ts: EpochMs): void {
    times.push(ts);
    if (times.length > this.#keep) times.shift();
  }
}

/** How many of the times, oldest first, are less than the window ago. */
function within(times: readonly EpochMs[], now: EpochMs, windowMs: number): number {
  let first = times.length;
  while (first > 0 && now - times[first - 1]! < windowMs) first -= 1;
  return times.length - first;
}
