/** A naive ledger on fractions of BigInts: nothing is ever rounded. Written to be obviously right, not fast. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export function fraction(text: string): Fraction {
  const [whole, part = ''] = text.split('.');
  return { n: BigInt(`${whole}${part}`), d: 10n ** BigInt(part.length) };
}
const ZERO: Fraction = { n: 0n, d: 1n };
export const add = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const sub = (a: Fraction, b: Fraction): Fraction => add(a, { n: -b.n, d: b.d });
export const mul = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
export const div = (a: Fraction, b: Fraction): Fraction =>
  b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
export const sign = (a: Fraction): number => (a.n > 0n ? 1 : a.n < 0n ? -1 : 0);
export const equal = (a: Fraction, b: Fraction): boolean => sign(sub(a, b)) === 0;
export const abs = (a: Fraction): Fraction => ({ n: a.n < 0n ? -a.n : a.n, d: a.d });

interface Held {
  qty: Fraction;
  average: Fraction;
  openedAt: number;
}

export interface OracleFill {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly qty: string;
  readonly price: string;
  readonly commission: string;
  readonly ts: number;
}

/** Positions by average price, realized net of commission, all in one currency. */
export class OracleLedger {
  readonly held = new Map<string, Held>();
  readonly #sizeOf: (symbol: string) => string;
  realized: Fraction = ZERO;

  constructor(sizeOf: (symbol: string) => string) {
    this.#sizeOf = sizeOf;
  }

  book({ symbol, side, qty, price, commission, ts }: OracleFill): void {
    this.realized = sub(this.realized, fraction(commission));
    const at = fraction(price);
    let delta = side === 'BUY' ? fraction(qty) : sub(ZERO, fraction(qty));
    const before = this.held.get(symbol);
    if (before !== undefined && sign(before.qty) !== sign(delta)) {
      const closed = sign(sub(abs(delta), abs(before.qty))) > 0 ? abs(before.qty) : abs(delta);
      const perUnit = sign(before.qty) > 0 ? sub(at, before.average) : sub(before.average, at);
      this.realized = add(this.realized, mul(mul(perUnit, closed), fraction(this.#sizeOf(symbol))));
      const left = add(before.qty, delta);
      if (sign(left) === sign(before.qty)) {
        before.qty = left;
        return;
      }
      this.held.delete(symbol);
      delta = left;
    }
    if (sign(delta) === 0) return;
    const held = this.held.get(symbol);
    if (held === undefined) {
      this.held.set(symbol, { qty: delta, average: at, openedAt: ts });
      return;
    }
    const qtyNow = add(held.qty, delta);
    held.average = div(add(mul(held.average, held.qty), mul(at, delta)), qtyNow);
    held.qty = qtyNow;
  }

  unrealized(marks: ReadonlyMap<string, string>): Fraction {
    let sum = ZERO;
    for (const [symbol, { qty, average }] of this.held)
      sum = add(sum, mul(mul(sub(fraction(marks.get(symbol)!), average), qty), fraction(this.#sizeOf(symbol))));
    return sum;
  }
}
