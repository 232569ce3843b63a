import { describe, expect, it } from 'vitest';
import { QktError } from '../../src/errors.ts';
import { defineStrategy, param } from '../../src/worker/api.ts';
import { describe as describeDefinition } from '../../src/worker/describe.ts';
import { resolveParams } from '../../src/worker/params.ts';

const text = `// length: not this one
export default defineStrategy({
  name: 'probe',
  params: {
    "length": param.integer(3, { min: 1, max: 9 }),
    ratio: param.decimal('0.5', { min: '0.1' }),
  },
});`;
const source = { file: '/somewhere/probe.ts', text };

const definition = describeDefinition(
  defineStrategy({
    name: 'probe',
    params: {
      length: param.integer(3, { min: 1, max: 9 }),
      ratio: param.decimal('0.5', { min: '0.1' }),
      on: param.boolean(false),
      note: param.string('none'),
      mode: param.oneOf('fast', ['fast', 'slow']),
    },
    streams: { eur: { symbol: 'EURUSD' } },
    create: () => ({}),
  }),
);
const resolve = (overrides: Record<string, unknown>): Readonly<Record<string, unknown>> =>
  resolveParams(definition, overrides, source);

const located = (overrides: Record<string, unknown>): string => {
  try {
    resolve(overrides);
  } catch (thrown) {
    return (thrown as QktError).located;
  }
  return 'not refused';
};

describe('parameters', () => {
  it('are the defaults unless overridden', () => {
    expect(resolve({})).toEqual({ length: 3, ratio: 0.5, on: false, note: 'none', mode: 'fast' });
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it('are read from the text that a command line gives', () => {
    expect(resolve({ length: '9', ratio: '0.10', on: 'true', note: '12', mode: 'slow' })).toEqual({
      length: 9,
      ratio: 0.1,
      on: true,
      note: '12',
      mode: 'slow',
    });
    expect(resolve({ length: 1, ratio: 7, on: true })).toMatchObject({ length: 1, ratio: 7, on: true });
  });

  it.each([
    [{ length: '1.5' }, 'parameter length must be a whole number, not "1.5"'],
    [{ length: 1.5 }, 'parameter length must be a whole number, not 1.5'],
    [{ length: 'many' }, 'parameter length must be a number, not "many"'],
    [{ length: '' }, 'parameter length must be a number, not ""'],
    [{ length: '0x5' }, 'parameter length must be a number, not "0x5"'],
    [{ length: NaN }, 'parameter length must be a number, not NaN'],
    [{ length: true }, 'parameter length must be a number, not true'],
    [{ length: null }, 'parameter length must be a number, not null'],
    [{ length: 0 }, 'parameter length must be at least 1 (min), not 0'],
    [{ length: '10' }, 'parameter length must be at most 9 (max), not "10"'],
    [{ ratio: '0.09' }, 'parameter ratio must be at least 0.1 (min), not "0.09"'],
    [{ on: 'yes' }, 'parameter on must be true or false, not "yes"'],
    [{ on: 1 }, 'parameter on must be true or false, not 1'],
    [{ note: 5 }, 'parameter note must be text, not 5'],
    [{ mode: 'Fast' }, 'parameter mode must be one of fast, slow, not "Fast"'],
    [{ lenght: 5 }, 'strategy probe has no parameter lenght; did you mean length?'],
    [{ somethingElse: 5 }, 'strategy probe has no parameter somethingElse; it has length, ratio, on, note, mode'],
  ])('%j is refused', (overrides, message) => {
    expect(() => resolve(overrides)).toThrow(expect.objectContaining({ code: 'QKT_E_PARAM', message }));
  });

  it('are refused with the place of their declaration', () => {
    expect(located({ length: 0 })).toMatch(/^\/somewhere\/probe\.ts:5:5: /);
    expect(located({ ratio: 0 })).toMatch(/^\/somewhere\/probe\.ts:6:5: /);
  });

  it('take no name of an object’s own', () => {
    expect(() => resolve(JSON.parse('{"__proto__": 1}') as Record<string, unknown>)).toThrow(QktError);
    expect(() => resolve({ constructor: 1 })).toThrow(QktError);
  });
});
