/**
 * Sums and midpoints of prices that are doubles standing for decimals (see `Tick`): the result is
 * the double nearest to the exact decimal, so it prints without a binary tail (0.1 + 0.2 is 0.3).
 *
 * Both numbers are brought to integers at a common power of ten. As long as these have at most 15
 * digits, the integer of a double is unique and the one closing division is correctly rounded, so
 * no step can lose anything. What does not fit goes through `Decimal`, slower and just as exact.
 */
import { dec } from './decimal.ts';

/** Integers below this have at most 15 digits: as many as every double tells apart. */
const LIMIT = 1e15;

/** Powers of ten that a double holds exactly, as it does their doubles. */
const POW10 = Array.from({ length: 22 }, (_, n) => Number(`1e${n}`));

const HALF = dec('0.5');

/** Exact arithmetic for the prices of one symbol; it remembers how many digits they need. */
export class ExactDoubles {
  #digits: number;
  #scale: number;

  /** @param digits digits after the point that are expected; finer prices are noticed and cost a moment once. */
  constructor(digits: number) {
    this.#digits = Math.max(0, Math.min(digits, POW10.length - 1));
    this.#scale = POW10[this.#digits]!;
  }

  /** The middle of two prices. */
  mid(a: number, b: number): number {
    const scale = this.#scale;
    const x = Math.round(a * scale);
    const y = Math.round(b * scale);
    // The quotients are the nearest doubles to the scaled integers: equal means that nothing was cut off.
    if (x / scale === a && y / scale === b && x < LIMIT && y < LIMIT && x > -LIMIT && y > -LIMIT)
      return (x + y) / (2 * scale);
    if (this.#grow(a, b)) return this.mid(a, b);
    return dec(a).plus(dec(b)).times(HALF).toNumber();
  }

  /** The sum of two prices or distances, either of which may be negative. */
  sum(a: number, b: number): number {
    const scale = this.#scale;
    const x = Math.round(a * scale);
    const y = Math.round(b * scale);
    if (x / scale === a && y / scale === b && x < LIMIT && y < LIMIT && x > -LIMIT && y > -LIMIT)
      return (x + y) / scale;
    if (this.#grow(a, b)) return this.sum(a, b);
    return dec(a).plus(dec(b)).toNumber();
  }

  /** Takes more digits if that makes both numbers fit; one that never fits leaves the digits as they are. */
  #grow(a: number, b: number): boolean {
    for (let digits = this.#digits + 1; digits < POW10.length; digits++) {
      const scale = POW10[digits]!;
      if (!fits(a, scale) || !fits(b, scale)) continue;
      this.#digits = digits;
      this.#scale = scale;
      return true;
    }
    return false;
  }
}

function fits(value: number, scale: number): boolean {
  const scaled = Math.round(value * scale);
  return scaled / scale === value && Math.abs(scaled) < LIMIT;
}
