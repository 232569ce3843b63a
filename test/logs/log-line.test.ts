import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { authorFields, safeFields } from '../../src/observe/log-fields.ts';
import { jsonLine, LOG_LEVELS, parseLogLine, textLine, type LogRecord } from '../../src/observe/log-line.ts';
import { Scrubber } from '../../src/observe/scrub.ts';

const time = Date.parse('2026-11-22T07:28:33.123Z');
const line = (msg: string, fields: object = {}, strategy: string | undefined = 'ema-cross'): LogRecord => ({
  time,
  level: 'info',
  ...(strategy === undefined ? {} : { strategy }),
  msg,
  fields: safeFields(fields),
});
/** No control, format or separator character and no lone surrogate. */
const CLEAN = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;

describe('a text line', () => {
  it('reads as the contract shows it', () => {
    const fields = { side: 'BUY', qty: dec(10_000), price: dec('1.0973'), orderId: 'ema-cross-1-1' };
    expect(textLine(line('order filled', fields))).toBe(
      '2026-11-22T07:28:33.123Z INFO  strategy=ema-cross order filled side=BUY qty=10000 price=1.0973 orderId=ema-cross-1-1',
    );
  });

  it('keeps decimals exact and without an exponent', () => {
    const fields = { tiny: dec('0.00000012'), huge: dec('123456789012345678.000000001'), small: 1.5e-9 };
    expect(textLine(line('m', fields))).toContain(
      'tiny=0.00000012 huge=123456789012345678.000000001 small=0.0000000015',
    );
    expect(parseLogLine(textLine(line('m', fields)))?.fields).toEqual({
      tiny: dec('0.00000012'),
      huge: dec('123456789012345678.000000001'),
      small: dec('0.0000000015'),
    });
  });

  it('quotes what could be taken for something else', () => {
    expect(textLine(line('x=1', { a: 'two words', b: '7', c: '', d: 'a"b', e: 'true' }))).toContain(
      String.raw`strategy=ema-cross "x=1" a="two words" b="7" c="" d="a\"b" e="true"`,
    );
  });

  it('cannot be made to name another strategy', () => {
    const forged = parseLogLine(textLine({ ...line('strategy=other order filled'), fields: {} }));
    expect(forged).toMatchObject({ strategy: 'ema-cross', msg: 'strategy=other order filled' });
    const { strategy: _, ...daemons } = line('strategy=other order filled');
    expect(parseLogLine(textLine(daemons))?.strategy).toBeUndefined();
  });

  it.each([
    ['a newline', 'a\n2026-11-22T07:28:33.123Z ERROR forged'],
    ['a terminal sequence', '\u001b[2J\u001b]0;title\u0007'],
    ['a C1 control', '\u009b31m'],
    ['a line separator', 'a\u2028b\u2029c'],
    ['a bidi mark', 'safe\u202Etxt.exe'],
    ['a lone surrogate', 'a\ud800b'],
  ])('escapes %s', (_, text) => {
    for (const render of [textLine, jsonLine]) {
      const out = render(line(text, { field: text, [text]: text }));
      expect(out).toMatch(CLEAN);
      expect(parseLogLine(out)).toMatchObject({ msg: text, fields: { field: text } });
    }
  });
});

describe('fields', () => {
  it('of an author come out as log.<field> and never take a reserved name', () => {
    expect(authorFields({ fast: 1.1, level: 'fatal', time: 0, strategy: 'other', msg: 'x' })).toEqual({
      'log.fast': 1.1,
      'log.level': 'fatal',
      'log.time': 0,
      'log.strategy': 'other',
      'log.msg': 'x',
    });
    expect(safeFields({ msg: 'x', level: 1 })).toEqual({ 'field.msg': 'x', 'field.level': 1 });
  });

  it('survive whatever throws', () => {
    const hostile = {
      get getter(): never {
        throw new Error('no');
      },
      json: {
        toJSON: () => {
          throw new Error('no');
        },
      },
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
          getPrototypeOf: () => {
            throw new Error('no');
          },
        },
      ),
      fine: 1,
    };
    expect(safeFields(hostile)).toEqual({
      getter: '[unreadable]',
      json: '[unreadable]',
      proxy: '[unreadable]',
      fine: 1,
    });
  });

  it('are cut where they are cyclic, deep or huge', () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic['self'] = cyclic;
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const huge = { text: 'x'.repeat(10_000_000), list: Array.from({ length: 1_000_000 }, (_, i) => i) };
    expect(safeFields({ cyclic })).toEqual({ cyclic: { a: 1, self: '[circular]' } });
    expect(textLine(line('m', { deep, huge })).length).toBeLessThan(40_000);
  });

  it('carry an error with its message, code and stack', () => {
    const error = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    expect(safeFields({ error })).toMatchObject({
      error: 'disk full',
      'error.code': 'ENOSPC',
      'error.stack': error.stack,
    });
  });

  it('with a secret name are hidden, at any depth', () => {
    expect(safeFields({ apiKey: 'k', nested: { Authorization: 'Bearer x', token: 't' }, symbol: 's' })).toEqual({
      apiKey: '[redacted]',
      nested: { Authorization: '[redacted]', token: '[redacted]' },
      symbol: 's',
    });
  });
});

describe('known secrets', () => {
  it('are removed from a finished line in every form', () => {
    const secret = 's3cret/"token"+1';
    const scrubber = new Scrubber([secret, 'short']);
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    const out = scrubber.scrub(
      textLine(line(`tried ${forms.join(' ')}`, { url: `http://x/?k=${secret}`, w: 'short' })),
    );
    for (const form of forms) expect(out).not.toContain(form);
    expect(out).not.toContain('s3cret');
    expect(parseLogLine(out)).toMatchObject({ fields: { url: 'http://x/?k=[redacted]', w: 'short' } });
  });

  it.each([
    ['base64 of a text around it', (secret: string) => Buffer.from(`user:${secret}:x`).toString('base64')],
    ['base64 with other bytes before it', (secret: string) => Buffer.from(`u:${secret}`).toString('base64')],
    ['URL-safe base64', (secret: string) => Buffer.from(`ab${secret}`).toString('base64url')],
    ['hexadecimal', (secret: string) => Buffer.from(secret).toString('hex').toUpperCase()],
    ['percent-encoding in lower case', (secret: string) => encodeURIComponent(secret).toLowerCase()],
    ['JSON in JSON', (secret: string) => JSON.stringify(JSON.stringify({ secret }))],
  ])('are removed from %s', (_, encode) => {
    const secret = 's3cret/"token"+1?';
    const bare = encode('').length;
    for (const render of [textLine, jsonLine]) {
      const out = new Scrubber([secret]).scrub(render(line('m', { value: encode(secret) })));
      expect(out).toContain('[redacted]');
      const left = /value(?:=|":)"?(.*)/.exec(out)![1]!.replace('[redacted]', '');
      expect(left.length).toBeLessThan(bare + 16);
    }
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    'a=b',
    '"',
    '\\',
    ' ',
    '\n',
    '\u001b[0m',
    '\ud800',
    '\u2028',
    '\u202e',
    '12',
    'null',
    '{}',
    '=',
    '"x=" y=1',
  ),
);
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withNullPrototype: true,
  withObjectString: true,
  values: [text, fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined)],
});

describe('any record', () => {
  it('is one clean line that parses, in both formats, whatever is logged', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, anything), fc.constantFrom(...LOG_LEVELS), (msg, fields, level) => {
        for (const safe of [safeFields(fields), authorFields(fields)]) {
          const record: LogRecord = { time, level, strategy: 's', msg, fields: safe };
          for (const out of [textLine(record), jsonLine(record)]) {
            expect(out).toMatch(CLEAN);
            expect(parseLogLine(out)).toMatchObject({ time, level, strategy: 's', msg });
          }
          JSON.parse(jsonLine(record));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back from text as it was, for plain values', () => {
    const value = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const name = fc.stringMatching(/^[a-z][\w.-]{0,10}$/);
    fc.assert(
      fc.property(text, fc.dictionary(name, value), (msg, fields) => {
        const record: LogRecord = { time, level: 'warn', msg, fields: safeFields(fields) };
        const back = parseLogLine(textLine(record))!;
        expect(jsonLine(back)).toBe(jsonLine(record));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', 'plain words', '{"time":', '{"level":"info"}', '2026-11-22T07:28:33.123Z LOUD x', '{}', '[1]'])(
    'is not read from %j',
    (garbage) => {
      expect(parseLogLine(garbage)).toBeUndefined();
    },
  );
});
