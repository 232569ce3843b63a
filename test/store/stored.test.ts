import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import { decodeRecord, encodeRecord } from '../../src/store/record-codec.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';

const KEY = Buffer.from('state');
/** What a record of it brings back. */
const recalled = (value: unknown): unknown => fromStored(decodeRecord(KEY, encodeRecord(KEY, toStored(value))));

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
        expect(recalled(value)).toEqual(value);
      }),
    );
  });

  it('comes back the same from a frozen state, whose parts are packed once, however often it is kept', () => {
    fc.assert(
      fc.property(state, (value) => {
        const plain = structuredClone(toStored(value));
        const frozen = freeze(value);
        expect(recalled(frozen)).toEqual(fromStored(plain));
        expect(recalled(frozen)).toEqual(fromStored(plain));
      }),
    );
  });

  it('holds a frozen part as the same bytes each time', () => {
    const trade = Object.freeze({ id: 'f1', price: dec('1.0973') });
    const [first, second] = [1, 2].map(() => toStored([trade]) as readonly unknown[]);
    expect(first![0]).toBeInstanceOf(Uint8Array);
    expect(second![0]).toBe(first![0]);
  });

  it('reads a state in which every part was written out', () => {
    const state = { trades: [{ id: 'f1', price: { $d: '1.0973' } }] };
    expect(fromStored(state)).toEqual({ trades: [{ id: 'f1', price: dec('1.0973') }] });
  });

  it('follows what changes inside a frozen object', () => {
    const inner = { qty: dec(1) };
    const outer = Object.freeze({ inner });
    expect(toStored(outer)).toEqual({ inner: { qty: { $d: '1' } } });
    inner.qty = dec(2);
    expect(toStored(outer)).toEqual({ inner: { qty: { $d: '2' } } });
  });
});
