import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import { toJson, toPlain } from '../../src/domain/json.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 24 }))
  .map(([coefficient, scale]) => new Decimal(coefficient, scale));

describe('JSON', () => {
  it('writes decimals with all their digits and never an exponent', () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const printed = toJson({ value });
        expect(printed).toBe(`{"value":${value.toString()}}`);
        expect(printed).not.toMatch(/\d[eE]/);
        expect(JSON.parse(printed)).toEqual({ value: value.toNumber() });
      }),
    );
    expect(toJson([dec('0.00000001'), dec('12345678901234567890.12345678')])).toBe(
      '[0.00000001,12345678901234567890.12345678]',
    );
  });

  it('writes numbers that parse back equal, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const printed = toJson(value);
        expect(printed).not.toMatch(/[eE]/);
        expect(JSON.parse(printed)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('writes anything else as JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('leaves out members that are undefined and writes null for what is no number', () => {
    expect(toJson({ a: undefined, b: null, c: NaN, d: [undefined, Infinity], e: 5n })).toBe(
      '{"b":null,"c":null,"d":[null,null],"e":5}',
    );
    expect(toJson(undefined)).toBe('null');
  });

  it('escapes what a line of NDJSON must not hold', () => {
    expect(toJson({ 'a"b': 'line\nbreak\u0007' })).toBe('{"a\\"b":"line\\nbreak\\u0007"}');
  });

  it('gives decimals as text where a message cannot carry them', () => {
    expect(toPlain({ a: dec('1.50'), b: [dec(2), undefined], c: { d: 'x', e: undefined } })).toEqual({
      a: '1.5',
      b: ['2', undefined],
      c: { d: 'x' },
    });
  });
});
