import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { eventLine } from '../../src/cli/event-line.ts';
import { memberText, parseExact, type Exact } from '../../src/cli/exact-json.ts';
import { paint, printable } from '../../src/cli/output.ts';
import { STRATEGY_COLUMNS } from '../../src/cli/strategy-table.ts';
import { renderTable } from '../../src/cli/table.ts';
import { ago, duration, orUnknown } from '../../src/cli/words.ts';
import { Decimal } from '../../src/domain/decimal.ts';
import { toJson } from '../../src/domain/json.ts';
import type { StrategyRow } from '../../src/domain/status-views.ts';

const TERMINAL = { isTTY: true };

describe('colour', () => {
  it('is for a terminal whose user has not refused it', () => {
    expect(paint('red', 'x', TERMINAL, {})).not.toBe('x');
    expect(paint('red', 'x', TERMINAL, { NO_COLOR: '1' })).toBe('x');
    expect(paint('red', 'x', TERMINAL, { NO_COLOR: '' })).not.toBe('x');
    expect(paint('red', 'x', {}, {})).toBe('x');
  });
});

describe('a table', () => {
  const columns = [
    { title: 'NAME', cell: (row: readonly string[]) => row[0]! },
    { title: 'EQUITY', cell: (row: readonly string[]) => row[1]!, right: true },
  ];
  const rows = [
    ['a', '1.5'],
    ['long-name', '10000.25'],
  ];

  it('is plain columns when it is piped', async () => {
    expect(await renderTable(columns, rows, {})).toBe(
      ['NAME         EQUITY', 'a               1.5', 'long-name  10000.25'].join('\n'),
    );
  });

  it('is drawn on a terminal', async () => {
    const drawn = await renderTable(columns, rows, TERMINAL);
    expect(drawn).toContain('│ long-name │ 10000.25 │');
  });

  it('goes on below with words that must not be cut', async () => {
    const wide = [{ title: 'WHY', cell: () => 'MT5 terminal is not connected', narrow: 'wrap' as const }, columns[1]!];
    const lines = (await renderTable(wide, [['', '10000.25']], { isTTY: true, columns: 34 })).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(34);
    expect(lines.slice(3, 5)).toEqual(['│ MT5 terminal is not │ 10000.25 │', '│ connected           │          │']);
  });

  it('goes on below at the seams of names and times, and loses nothing of them', async () => {
    const wide = ['TIME', 'ALERT', 'WHY'].map((title, index) => ({
      title,
      cell: (row: readonly string[]) => row[index]!,
      narrow: 'wrap' as const,
    }));
    const reason = 'drawdown -0.0521 over 0.05';
    const row = ['2026-11-23T00:26:05.607Z', 'strategy_halted:rsi-reversion', reason];
    const lines = async (width: number) => {
      const drawn = (await renderTable(wide, [row], { isTTY: true, columns: width })).split('\n');
      for (const line of drawn) expect(line.length).toBeLessThanOrEqual(width);
      return drawn.slice(3, -1).map((line) => line.split('│').slice(1, -1));
    };
    for (const width of [76, 60, 48, 46]) {
      const cells = await lines(width);
      const column = (index: number, glue: string) =>
        cells
          .map((line) => line[index]!.trim())
          .filter((part) => part !== '')
          .join(glue);
      expect([column(0, ''), column(1, ''), column(2, ' ')]).toEqual(row);
    }
    expect((await lines(46))[0]!.map((cell) => cell.trim())).toEqual(['2026-11-23T', 'strategy_', 'drawdown']);
  });

  it('breaks a word that is longer than its column, rather than lose its end', async () => {
    const word = 'x'.repeat(50);
    const wide = [{ title: 'WHY', cell: () => word, narrow: 'wrap' as const }, columns[1]!];
    const drawn = await renderTable(wide, [['', '1']], { isTTY: true, columns: 40 });
    for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(drawn.match(/x/g)).toHaveLength(50);
  });

  it('leaves out what is least telling where a terminal is narrow, then shortens words, and cuts no figure', async () => {
    const wide = [
      { ...columns[0]!, narrow: 'cut' as const },
      { title: 'PORT', cell: () => '47000', right: true, spare: 1 },
      { title: 'TRADES', cell: () => '123', right: true, spare: 2 },
      columns[1]!,
    ];
    const lines = async (sink: object) =>
      (await renderTable(wide, [['a-very-long-name-indeed', '10000.25']], sink)).split('\n');
    const titles = async (width: number) => (await lines({ isTTY: true, columns: width }))[1]!.match(/[A-Z]+/g);
    for (const [width, left] of [
      [60, ['NAME', 'PORT', 'TRADES', 'EQUITY']],
      [50, ['NAME', 'TRADES', 'EQUITY']],
      [40, ['NAME', 'EQUITY']],
      [30, ['NAME', 'EQUITY']],
    ] as const) {
      expect(await titles(width)).toEqual(left);
      for (const line of await lines({ isTTY: true, columns: width })) expect(line.length).toBeLessThanOrEqual(width);
    }
    expect((await lines({ isTTY: true, columns: 30 })).join('')).toContain('│ a-very-long-na… │ 10000.25 │');
    expect(await lines({ columns: 30 })).toEqual(await lines({}));
  });

  it('of strategies says to the last which are halted, however narrow the terminal', async () => {
    const strategy = { version: '1', restarts: '0', trades: '12', realized: '-0.5', port: '47000', uptimeMs: '61000' };
    const fleet = [
      {
        ...strategy,
        name: 'breakout-bracket',
        state: 'trading',
        halted: false,
        health: 'unhealthy',
        equity: '9996.78',
      },
      { ...strategy, name: 'rsi', state: 'halted', halted: true, health: 'ok', equity: '10001.49381939' },
    ].map((row) => ({ ...row, unrealized: '-0.205' })) as readonly Exact<StrategyRow>[];
    const titles = async (width: number) =>
      (await renderTable(STRATEGY_COLUMNS, fleet, { isTTY: true, columns: width })).split('\n')[1]!.match(/[A-Z]+/g);
    expect(await titles(80)).toEqual(['NAME', 'STATE', 'HALTED', 'HEALTH', 'EQUITY']);
    expect(await titles(60)).toEqual(['NAME', 'STATE', 'HALTED', 'HEALTH']);
    expect(await titles(40)).toEqual(['NAME', 'STATE', 'HALTED']);
  });

  it('cannot be broken by what stands in a cell', async () => {
    const text = await renderTable(columns, [['a\nb\u001b[31m', '1']], {});
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('a\\u000ab\\u001b[31m');
  });
});

describe('text from elsewhere', () => {
  it('can neither move the cursor, nor start a line, nor turn the direction of text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('is left alone where it is harmless', () => expect(printable('größer → 10 €')).toBe('größer → 10 €'));
});

describe('reading figures', () => {
  const money = fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(12))
    .map(([coefficient, scale]) => new Decimal(coefficient, scale));
  const document = fc.dictionary(fc.string(), fc.oneof(money, fc.string(), fc.boolean(), fc.array(money)));

  it('keeps every digit and every text', () => {
    fc.assert(
      fc.property(document, (view) => {
        const read = parseExact<Record<string, unknown>>(toJson({ view }))['view'] as Record<string, unknown>;
        for (const [key, value] of Object.entries(view)) {
          const expected = Array.isArray(value) ? value.map(String) : value instanceof Decimal ? String(value) : value;
          expect(read[key]).toEqual(expected);
        }
      }),
    );
  });

  it('takes a member out of a document byte for byte', () => {
    fc.assert(
      fc.property(document, (result) => {
        expect(memberText(toJson({ id: 1, result, done: true }), 'result')).toBe(toJson(result));
      }),
    );
  });
});

describe('words', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [42_000, '42s'],
    [812_345, '13m 32s'],
    [18_420_000, '5h 07m'],
    [273_600_000, '3d 4h'],
  ])('say %d ms as %s', (ms, words) => expect(duration(ms)).toBe(words));

  it('say how long ago something was', () => {
    const now = Date.parse('2026-11-22T08:00:00Z');
    expect(ago('2026-11-22T07:59:00.000Z', now)).toBe('1m 00s ago');
    expect(ago('2026-11-22T08:00:00.500Z', now)).toBe('just now');
  });

  it('say that a figure is unknown', () => expect([orUnknown(null), orUnknown('0')]).toEqual(['unknown', '0']));

  it('tell an event on one line', () => {
    const line =
      '{"seq":7,"journalSeq":3,"ts":"T","type":"fill","strategy":"s","price":1.0973000000000000001,"reason":"a b\\nc"}';
    expect(eventLine(line)).toBe('T #7 fill s price=1.0973000000000000001 reason="a b\\nc"');
    expect(eventLine('{"type":"gap","from":1,"to":5}')).toBe('gap from=1 to=5');
  });
});
