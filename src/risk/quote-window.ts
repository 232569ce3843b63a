/** The last quotes of a symbol, and whether the next one lies far outside them. */

const SIZE = 64;
const FEWEST = 16;
const SIGMAS = 6;
/** The least that one σ counts for, as a share of the price. */
const LEAST_SIGMA = 0.002;
/** So close to the mean nothing is an outlier, whatever σ is. */
const NEAR = SIGMAS * LEAST_SIGMA;

export class QuoteWindow {
  readonly #quotes = new Float64Array(SIZE);
  #count = 0;
  #next = 0;
  #sum = 0;

  add(quote: number): void {
    const full = this.#count === SIZE;
    this.#sum += full ? quote - this.#quotes[this.#next]! : quote;
    this.#quotes[this.#next] = quote;
    if (!full) this.#count += 1;
    this.#next += 1;
    if (this.#next < SIZE) return;
    this.#next = 0;
    // Once a round the sum is taken anew, so that what doubles round off does not pile up.
    this.#sum = 0;
    for (let i = 0; i < SIZE; i++) this.#sum += this.#quotes[i]!;
  }

  /** More than 6 σ from the mean; never while there are fewer than 16 quotes. */
  isOutlier(quote: number): boolean {
    if (this.#count < FEWEST) return false;
    const mean = this.#sum / this.#count;
    const distance = Math.abs(quote - mean);
    return distance > NEAR * mean && distance > SIGMAS * this.#sigma(mean);
  }

  /** Are two quotes so close that neither is an outlier beside the other? */
  agree(a: number, b: number): boolean {
    return Math.abs(a - b) <= NEAR * Math.min(a, b);
  }

  /** Forgets what was, and begins with these. */
  restart(quotes: readonly number[]): void {
    this.#count = 0;
    this.#next = 0;
    this.#sum = 0;
    for (const quote of quotes) this.add(quote);
  }

  /** Far quotes are rare: the spread of the window is only worked out for them. */
  #sigma(mean: number): number {
    let squares = 0;
    for (let i = 0; i < this.#count; i++) squares += (this.#quotes[i]! - mean) ** 2;
    return Math.sqrt(squares / this.#count);
  }
}
