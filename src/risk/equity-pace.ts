/**
 * How fast equity moves lately. A projection is only made where the movement is more than chance:
 * the mean step of the last minutes must lie further than two standard errors from zero.
 */
import type { EpochMs } from '../domain/time.ts';

/** Samples come once a second: five minutes. */
const KEPT = 300;
const FEWEST = 60;
/** After a longer silence (a closed market, a restart) the past says nothing. */
const LONGEST_GAP_MS = 10_000;
const STANDARD_ERRORS = 2;

interface Sample {
  readonly at: EpochMs;
  readonly equity: number;
}

export class EquityPace {
  #samples: Sample[] = [];

  /** Once a second; an unknown equity begins anew. */
  sample(at: EpochMs, equity: number | undefined): void {
    const last = this.#samples.at(-1);
    if (equity === undefined || !Number.isFinite(equity)) this.#samples = [];
    else {
      if (last !== undefined && at - last.at > LONGEST_GAP_MS) this.#samples = [];
      this.#samples.push({ at, equity });
      if (this.#samples.length > KEPT) this.#samples.shift();
    }
  }

  /** Account money per millisecond, negative when it falls; undefined when nothing can be said. */
  perMs(): number | undefined {
    const steps = this.#samples.slice(1).map(({ equity }, index) => equity - this.#samples[index]!.equity);
    if (steps.length < FEWEST) return undefined;
    const total = steps.reduce((sum, step) => sum + step, 0);
    const mean = total / steps.length;
    const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (steps.length - 1);
    if (Math.abs(mean) <= STANDARD_ERRORS * Math.sqrt(variance / steps.length)) return undefined;
    return total / (this.#samples.at(-1)!.at - this.#samples[0]!.at);
  }
}
