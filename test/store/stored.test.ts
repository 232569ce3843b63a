import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((n) => dec(n.toString())),
);
const { state } = fc.letrec((tie) => ({
  state: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('state'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 5 }).filter((key) => key !== '$d' && key !== '__proto__'),
      tie('state'),
      { maxKeys: 4 },
    ),
  ),
}));

/** Frozen all the way down, or not. */
function freeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || value instanceof Decimal) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

describe('what the journal keeps of a state', () => {
  it('comes back as it was, decimals with every digit', () => {
    fc.assert(
      fc.property(state, (value) => {
        expect(fromStored(structuredClone(toStored(value)))).toEqual(value);
      }),
    );
  });

  it('is the same for a frozen state, however often it is asked for', () => {
    fc.assert(
      fc.property(state, (value) => {
        const plain = toStored(value);
        const frozen = freeze(value);
        expect(toStored(frozen)).toEqual(plain);
        expect(toStored(frozen)).toEqual(plain);
      }),
    );
  });

  it('follows what changes inside a frozen object', () => {
    const inner = { qty: dec(1) };
    const outer = Object.freeze({ inner });
    expect(toStored(outer)).toEqual({ inner: { qty: { $d: '1' } } });
    inner.qty = dec(2);
    expect(toStored(outer)).toEqual({ inner: { qty: { $d: '2' } } });
  });
});
