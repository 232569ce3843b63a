/** What conditions look back on: how much a counter has grown, and how high a figure was, within a stretch of time. */
import type { HistogramView } from '../domain/histogram.ts';
import type { EpochMs } from '../domain/time.ts';

type Sample = readonly [ts: EpochMs, value: number];

/** Samples nearer than this to one another are one; in a short window they are nearer. */
const RESOLUTION_MS = 10_000;
const LEAST_SAMPLES = 30;

const resolutionOf = (windowMs: number): number => Math.min(RESOLUTION_MS, windowMs / LEAST_SAMPLES);

/** The growth of a counter within the last so many milliseconds. A counter that was seen first has not grown. */
export class GrowthWindow {
  readonly #windowMs: number;
  /** When the counter came to each value, oldest first; the first is the value before the window. */
  #samples: Sample[];

  constructor(windowMs: number, samples: readonly Sample[] = []) {
    this.#windowMs = windowMs;
    this.#samples = [...samples];
  }

  /** @returns the growth; 0 for a counter that fell, which then begins anew */
  take(now: EpochMs, value: number): number {
    const last = this.#samples.at(-1);
    if (last === undefined || value < last[1]) this.#samples = [[now, value]];
    else if (value > last[1]) this.#add(now, value);
    const from = now - this.#windowMs;
    while (this.#samples.length > 1 && this.#samples[1]![0] <= from) this.#samples.shift();
    return value - this.#samples[0]![1];
  }

  save(): readonly Sample[] {
    return this.#samples;
  }

  #add(now: EpochMs, value: number): void {
    const [ts] = this.#samples.at(-1)!;
    // The first is what the growth is counted from: it is never written over.
    if (this.#samples.length > 1 && now - ts < resolutionOf(this.#windowMs))
      this.#samples[this.#samples.length - 1] = [ts, value];
    else this.#samples.push([now, value]);
  }
}

/** The values that came to a distribution within the last so many milliseconds. */
export class HistogramWindow {
  readonly #windowMs: number;
  #buckets: readonly GrowthWindow[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  take(now: EpochMs, { bounds, counts }: HistogramView): Pick<HistogramView, 'bounds' | 'counts'> {
    if (this.#buckets.length !== counts.length) this.#buckets = counts.map(() => new GrowthWindow(this.#windowMs));
    return { bounds, counts: counts.map((count, bucket) => this.#buckets[bucket]!.take(now, count)) };
  }
}

/** The highest value within the last so many milliseconds. */
export class HighWindow {
  readonly #windowMs: number;
  /** Falling values, oldest first: what is older and lower than another is of no interest. */
  #samples: Sample[];

  constructor(windowMs: number, samples: readonly Sample[] = []) {
    this.#windowMs = windowMs;
    this.#samples = [...samples];
  }

  take(now: EpochMs, value: number): number {
    const newest = this.#samples.at(-1);
    while (this.#samples.length > 0 && this.#samples.at(-1)![1] <= value) this.#samples.pop();
    const last = this.#samples.at(-1);
    // Lower values between two looks of the resolution are told by the one that follows.
    if (last === undefined || newest === undefined || newest !== last || now - last[0] >= resolutionOf(this.#windowMs))
      this.#samples.push([now, value]);
    while (this.#samples.length > 1 && this.#samples[0]![0] < now - this.#windowMs) this.#samples.shift();
    return this.#samples[0]![1];
  }

  save(): readonly Sample[] {
    return this.#samples;
  }
}

/** For how long something has been so, by key. */
export class Durations {
  readonly #since: Map<string, EpochMs>;

  constructor(since: Readonly<Record<string, EpochMs>> = {}) {
    this.#since = new Map(Object.entries(since));
  }

  /** @param holds null: not known, so it stays as it was. @returns milliseconds; 0 while it does not hold */
  take(key: string, now: EpochMs, holds: boolean | null): number {
    if (holds === false) this.#since.delete(key);
    else if (holds === true && !this.#since.has(key)) this.#since.set(key, now);
    const since = this.#since.get(key);
    return since === undefined ? 0 : Math.max(0, now - since);
  }

  /** Forgets all keys that are not among these. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
  }

  save(): Readonly<Record<string, EpochMs>> {
    return Object.fromEntries(this.#since);
  }
}
