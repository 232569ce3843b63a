/** A distribution as Prometheus keeps it: how many values were at most each of some bounds, and their sum. */

/** As it was at one instant. */
export interface HistogramView {
  /** Upper bounds, ascending; one more bucket holds what is above the last. */
  readonly bounds: readonly number[];
  /** Values in each bucket by itself, the last one's above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  #counts: number[];
  #sum = 0;
  #view: HistogramView | undefined;

  /** @param bounds ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0).concat(0);
  }

  /** @param value a finite number, not negative: a sum never falls */
  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum += value;
    this.#view = undefined;
  }

  /** The same frozen object until there is another value. */
  view(): HistogramView {
    return (this.#view ??= Object.freeze({
      bounds: this.#bounds,
      counts: Object.freeze([...this.#counts]),
      sum: this.#sum,
    }));
  }

  /** Goes on from an earlier run; one that was kept in other buckets cannot be, and begins at zero. */
  restore({ bounds, counts, sum }: HistogramView): void {
    const same = bounds.length === this.#bounds.length && bounds.every((bound, i) => bound === this.#bounds[i]);
    if (!same) return;
    this.#counts = [...counts];
    this.#sum = sum;
    this.#view = undefined;
  }
}

/**
 * The value that a share of all values is at most, as Prometheus tells it: within its bucket taken for evenly spread,
 * above the last bound that bound. Null without a value.
 */
export function quantileOf(share: number, { bounds, counts }: Pick<HistogramView, 'bounds' | 'counts'>): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [bucket, bound] of bounds.entries()) {
    const count = counts[bucket]!;
    if (count > 0 && below + count >= rank) {
      const from = bucket === 0 ? 0 : bounds[bucket - 1]!;
      return from + ((bound - from) * (rank - below)) / count;
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
