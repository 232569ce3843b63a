/**
 * Exact decimals: a BigInt coefficient and a decimal scale.
 *
 * Prices, quantities and money are carried by this type from the venue to the last reader.
 * Sums, differences and products are exact; only a division rounds, half-even, and only to a
 * stated number of places (8 unless said). See `docs/dependencies.md` for why no library: on
 * the tick path a mark-to-market with libraries' decimals costs a microsecond, with this 50 ns.
 */

const POW10: bigint[] = [1n];

/** 10^n as a BigInt, cached. */
function pow10(n: number): bigint {
  for (let i = POW10.length; i <= n; i++) POW10.push(POW10[i - 1]! * 10n);
  return POW10[n]!;
}

/** The powers of ten that a double holds exactly. */
const EXACT_POW10 = Array.from({ length: 23 }, (_, n) => Number(pow10(n)));

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** What may stand wherever a decimal is expected. A number means the decimal that prints it shortest. */
export type DecimalLike = Decimal | number | string;

/** Places kept by a division: ratios, averages, converted money. */
export const DIVISION_PLACES = 8;

export class Decimal {
  /** Unscaled value: the number is `coefficient / 10^scale`. */
  readonly coefficient: bigint;
  /** Digits after the point that the coefficient holds; never negative. */
  readonly scale: number;

  constructor(coefficient: bigint, scale: number) {
    this.coefficient = coefficient;
    this.scale = scale;
  }

  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);

  /**
   * Reads a decimal from text, from a number (its shortest print, so 0.1 is 0.1) or passes one through.
   * @throws RangeError when the text is no finite decimal number.
   */
  static of(value: DecimalLike): Decimal {
    if (value instanceof Decimal) return value;
    const parsed = Decimal.parse(typeof value === 'number' ? String(value) : value);
    if (parsed === undefined) throw new RangeError(`not a decimal number: ${String(value).slice(0, 40)}`);
    return parsed;
  }

  /** As {@link of} for text, with `undefined` instead of a throw. */
  static parse(text: string): Decimal | undefined {
    const m = PATTERN.exec(text.trim());
    if (m === null) return undefined;
    const whole = m[2] ?? '';
    const fraction = m[3] ?? '';
    if (whole === '' && fraction === '') return undefined;
    const exponent = m[4] === undefined ? 0 : Number(m[4]);
    let coefficient = BigInt(whole + fraction);
    if (m[1] === '-') coefficient = -coefficient;
    let scale = fraction.length - exponent;
    if (scale < 0) {
      coefficient *= pow10(-scale);
      scale = 0;
    }
    return new Decimal(coefficient, scale).trimmed();
  }

  /** Drops trailing zeros of the fraction, so that scales do not grow with repeated products. */
  trimmed(): Decimal {
    let { coefficient: c, scale: s } = this;
    while (s > 0 && c % 10n === 0n) {
      c /= 10n;
      s -= 1;
    }
    return s === this.scale ? this : new Decimal(c, s);
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.coefficient + other.coefficient, this.scale);
    return this.scale > other.scale
      ? new Decimal(this.coefficient + other.coefficient * pow10(this.scale - other.scale), this.scale)
      : new Decimal(this.coefficient * pow10(other.scale - this.scale) + other.coefficient, other.scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.coefficient * other.coefficient, this.scale + other.scale).trimmed();
  }

  /**
   * Quotient rounded half-even to `places`.
   * @throws RangeError on division by zero: a caller decides what an undefined ratio means.
   */
  dividedBy(other: Decimal, places: number = DIVISION_PLACES): Decimal {
    if (other.coefficient === 0n) throw new RangeError('division by zero');
    const shift = places + other.scale - this.scale;
    let numerator = this.coefficient;
    let denominator = other.coefficient;
    if (shift >= 0) numerator *= pow10(shift);
    else denominator *= pow10(-shift);
    return new Decimal(divideHalfEven(numerator, denominator), places).trimmed();
  }

  /** Rounded half-even to at most `places` digits after the point. */
  rounded(places: number): Decimal {
    if (this.scale <= places) return this;
    return new Decimal(divideHalfEven(this.coefficient, pow10(this.scale - places)), places).trimmed();
  }

  /** The largest multiple of `step` that is not above the absolute value, with the sign kept (towards zero). */
  flooredTo(step: Decimal): Decimal {
    const scale = Math.max(this.scale, step.scale);
    const a = this.coefficient * pow10(scale - this.scale);
    const b = step.coefficient * pow10(scale - step.scale);
    return new Decimal(a - (a % b), scale).trimmed();
  }

  negated(): Decimal {
    return new Decimal(-this.coefficient, this.scale);
  }

  abs(): Decimal {
    return this.coefficient < 0n ? this.negated() : this;
  }

  /** -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.coefficient > 0n ? 1 : this.coefficient < 0n ? -1 : 0;
  }

  isZero(): boolean {
    return this.coefficient === 0n;
  }

  /** Negative, zero or positive, as a sort wants it. */
  compare(other: Decimal): number {
    if (this.scale === other.scale)
      return this.coefficient < other.coefficient ? -1 : this.coefficient > other.coefficient ? 1 : 0;
    return this.minus(other).sign();
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }
  lessThan(other: Decimal): boolean {
    return this.compare(other) < 0;
  }
  greaterThan(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  static min(a: Decimal, b: Decimal): Decimal {
    return a.compare(b) <= 0 ? a : b;
  }
  static max(a: Decimal, b: Decimal): Decimal {
    return a.compare(b) >= 0 ? a : b;
  }

  /** Plain digits: no exponent, no trailing zeros, no `-0`. */
  toString(): string {
    const { coefficient, scale } = this.trimmed();
    if (scale === 0) return coefficient.toString();
    const negative = coefficient < 0n;
    const digits = (negative ? -coefficient : coefficient).toString().padStart(scale + 1, '0');
    const cut = digits.length - scale;
    return `${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`;
  }

  /** The nearest double: what an author's code sees. */
  toNumber(): number {
    const whole = Number(this.coefficient);
    const power = EXACT_POW10[this.scale];
    // Both are exact, so their quotient is the nearest double.
    return power !== undefined && Number.isSafeInteger(whole) ? whole / power : Number(this.toString());
  }

  /** For accidental `JSON.stringify` only; answers go through `domain/json.ts`, which never uses an exponent. */
  toJSON(): number {
    return this.toNumber();
  }
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator < 0n) {
    numerator = -numerator;
    denominator = -denominator;
  }
  let quotient = numerator / denominator;
  const remainder = numerator % denominator;
  const twice = (remainder < 0n ? -remainder : remainder) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n !== 0n)) quotient += numerator < 0n ? -1n : 1n;
  return quotient;
}

/** Shorthand for {@link Decimal.of}. */
export const dec = (value: DecimalLike): Decimal => Decimal.of(value);
