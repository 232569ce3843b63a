/** CSV files that are broken, each with what its user must be told of it. */
import { gzipSync } from 'node:zlib';

export const HEADER = 'timestamp,symbol,bid,ask';
export const good = (i: number): string => `${1_700_000_000_000 + i * 100},EURUSD,1.1,1.2`;
export const goods = (n: number): string => Array.from({ length: n }, (_, i) => good(i)).join('\n');
export const csv = (...lines: string[]): string => `${lines.join('\n')}\n`;

/** A file that cannot be used at all, and what its user is told. */
export interface Refused {
  readonly content: string | Uint8Array;
  readonly symbol?: string;
  readonly detail: RegExp;
  readonly line?: number;
  readonly column?: number;
}

export const REFUSED_FILES: Readonly<Record<string, Refused>> = {
  'an empty file': { content: '', detail: /^it is empty$/ },
  'blank lines only': { content: '\n\r\n  \n', detail: /no header/ },
  'gzip of nothing': { content: gzipSync(''), detail: /no header/ },
  'a header only': { content: csv(HEADER), detail: /no row after the header/ },
  'no header': {
    content: csv('1700000000000,1.1,1.2', '1700000000100,1.1,1.2'),
    detail: /no column names/,
    line: 1,
    column: 1,
  },
  'no header, but ISO times': {
    content: csv('2024-01-10T00:00:00Z,1.1,1.2'),
    detail: /no column names/,
    line: 1,
    column: 1,
  },
  'columns of something else': {
    content: csv('id,name,city', '1,a,b'),
    detail: /no column for a time, nor for prices .* found: id, name, city/,
    line: 1,
    column: 1,
  },
  'no time column': {
    content: csv('symbol,bid,ask', 'EURUSD,1,2'),
    detail: /no column for a time; found: symbol, bid, ask/,
    line: 1,
    column: 1,
  },
  'no ask column': {
    content: csv('timestamp,symbol,bid', '1,EURUSD,1'),
    detail: /no column for ask; found/,
    line: 1,
    column: 1,
  },
  'no bid column, below a blank line': {
    content: csv('', 'timestamp,symbol,ask', '1,EURUSD,1'),
    detail: /no column for bid/,
    line: 2,
    column: 1,
  },
  'bars without low and close': {
    content: csv('time,symbol,open,high', '1,X,1,1'),
    detail: /no column for low, close/,
    line: 1,
    column: 1,
  },
  'a column that is there twice': {
    content: csv('timestamp,symbol,bid,ask,bid', '1,X,1,1,1'),
    detail: /"bid" is there twice/,
    line: 1,
    column: 26,
  },
  'a delimiter that we do not know': {
    content: csv('timestamp|symbol|bid|ask', '1|X|1|1'),
    detail: /found: timestamp\|symbol\|bid\|ask/,
    line: 1,
    column: 1,
  },
  'carriage returns as line ends': {
    content: [HEADER, good(1), good(2)].join('\r'),
    detail: /carriage return/,
    line: 1,
    column: 1,
  },
  'UTF-16 text': { content: Buffer.from(`\uFEFF${csv(HEADER, good(1))}`, 'utf16le'), detail: /UTF-16/ },
  'a zip archive': { content: Buffer.from('PK\x03\x04\x14\x00\x00\x00', 'latin1'), detail: /zip archive.*gzip/ },
  'a binary file': { content: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]), detail: /binary file/ },
  'a binary file in gzip': {
    content: gzipSync(Buffer.from([1, 2, 0, 3, 10, 0, 7])),
    detail: /binary data/,
    line: 1,
    column: 1,
  },
  'a first line without end': {
    content: 'x'.repeat(300_000),
    detail: /longer than 65536 characters/,
    line: 1,
    column: 1,
  },
  JSON: { content: '{"timestamp":1,"bid":1,"ask":2}\n', detail: /found: \{"?timestamp/, line: 1, column: 1 },
  HTML: {
    content: '<!doctype html>\n<html><body>404</body></html>\n',
    detail: /found: <!doctype html>/,
    line: 1,
    column: 1,
  },
  'gzip that is damaged from its start': {
    content: Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), Buffer.alloc(50, 0xff)]),
    detail: /gzip data is damaged/,
    line: 1,
    column: 1,
  },
  'gzip cut off in its header': {
    content: gzipSync(csv(HEADER)).subarray(0, 6),
    detail: /gzip data is damaged or ends early/,
    line: 1,
    column: 1,
  },
  'gzip cut off before its first whole row': {
    content: gzipSync(HEADER.padEnd(70_000, 'abcdefg')).subarray(0, 60),
    detail: /gzip data is damaged or ends early/,
    line: 1,
    column: 1,
  },
  'prices with a decimal comma': {
    content: csv(HEADER, '1700000000000,EURUSD,1,1,1,2', '1700000000100,EURUSD,1,1,1,2'),
    detail: /no row can be used; the first: there are 6 fields, and 4 columns/,
    line: 2,
    column: 1,
  },
  'dates that begin with the day': {
    content: csv(HEADER, '10.01.2024 00:00:03,EURUSD,1.1,1.2'),
    detail: /time "10.01.2024 00:00:03" is not a time/,
    line: 2,
    column: 1,
  },
  'rows of words': {
    content: csv(HEADER, ...Array.from({ length: 5000 }, () => '1700000000000,EURUSD,high,low')),
    detail: /none of the first \d+ rows can be used; the first: bid "high" is not a number/,
    line: 2,
    column: 22,
  },
  'only crossed quotes': {
    content: csv(HEADER, '1700000000000,EURUSD,1.2,1.1'),
    detail: /bid "1.2" is above ask "1.1"/,
    line: 2,
    column: 26,
  },
  'one bar only': {
    content: csv('time,symbol,open,high,low,close', '1700000000000,X,1,1,1,1'),
    detail: /length of its bars cannot be told/,
  },
  'bars that are milliseconds apart': {
    content: csv('time,symbol,open,high,low,close', '20240101,X,1,1,1,1', '20240102,X,1,1,1,1'),
    detail: /1 ms apart/,
  },
  'no row of the symbol that was asked for': {
    content: csv(HEADER, goods(3)),
    symbol: 'GBPUSD',
    detail: /no usable row of GBPUSD; the symbols in it are EURUSD/,
  },
};

/** A file some of whose rows cannot be used. */
export interface Faulty {
  readonly content: string | Uint8Array;
  readonly symbol?: string;
  /** How many ticks are left. */
  readonly ticks: number;
  readonly faults: readonly {
    readonly cause: string;
    readonly line?: number;
    readonly column?: number;
    readonly detail: RegExp;
  }[];
}

const rowFault = (row: string, cause: string, detail: RegExp, column = 1): Faulty => ({
  content: csv(HEADER, good(0), row, good(9)),
  ticks: 2,
  faults: [{ cause, line: 3, column, detail }],
});

export const FAULTY_FILES: Readonly<Record<string, Faulty>> = {
  'a row with too few fields': rowFault('1700000000100,EURUSD,1.1', 'malformed', /there are 3 fields, and 4 columns/),
  'a row with too many fields': rowFault(`${good(1)},5`, 'malformed', /there are 5 fields/),
  'a row without delimiters': rowFault('garbage', 'malformed', /there is 1 field/),
  'an empty price': rowFault('1700000000100,EURUSD,,1.2', 'malformed', /bid "" is not a number/, 22),
  'a price of letters': rowFault('1700000000100,EURUSD,1.1,abc', 'malformed', /ask "abc" is not a number/, 26),
  NaN: rowFault('1700000000100,EURUSD,NaN,1.2', 'malformed', /bid "NaN"/, 22),
  infinity: rowFault('1700000000100,EURUSD,1.1,Infinity', 'malformed', /ask "Infinity"/, 26),
  'a price too large for any number': rowFault('1700000000100,EURUSD,1.1,1e999', 'malformed', /ask "1e999"/, 26),
  'a hexadecimal price': rowFault('1700000000100,EURUSD,0x1,1.2', 'malformed', /bid "0x1"/, 22),
  'a time that is none': rowFault('yesterday,EURUSD,1.1,1.2', 'malformed', /time "yesterday" is not a time/),
  'an empty time': rowFault(',EURUSD,1.1,1.2', 'malformed', /time "" is not a time/),
  'a day that does not exist': rowFault('2023-02-29T00:00:00Z,EURUSD,1.1,1.2', 'malformed', /2023-02-29/),
  'an empty symbol': rowFault('1700000000100,,1.1,1.2', 'malformed', /symbol is empty/, 15),
  'a header in the middle': rowFault(HEADER, 'malformed', /time "timestamp" is not a time/),
  'a quotation mark without its pair': rowFault(
    '1700000000100,"EURUSD,1.1,1.2',
    'malformed',
    /quotation mark is not closed/,
  ),
  'control characters': rowFault(
    '1700000000100,EURUSD,1.\u0001\u001b[2J,1.2',
    'malformed',
    /bid "1\.\?\?\[2J" is not/,
    22,
  ),
  'bytes that are not UTF-8': {
    content: Buffer.concat([
      Buffer.from(csv(HEADER, good(0))),
      Buffer.from([0xff, 0xfe, 0x2c]),
      Buffer.from(csv('', good(2))),
    ]),
    ticks: 2,
    faults: [{ cause: 'malformed', line: 3, column: 1, detail: /2 fields/ }],
  },
  'a crossed quote (M-4)': rowFault(
    '1700000000100,EURUSD,100.5,99.5',
    'crossed',
    /bid "100.5" is above ask "99.5"/,
    28,
  ),
  'a price of zero': rowFault('1700000000100,EURUSD,0,1.2', 'nonPositive', /bid "0" is not positive/, 22),
  'a negative price': rowFault('1700000000100,EURUSD,-1.1,1.2', 'nonPositive', /bid "-1.1"/, 22),
  'time that runs backwards': rowFault(
    '1699999999999,EURUSD,1.1,1.2',
    'backwards',
    /2023-11-14T22:13:19.999Z is before the row above/,
  ),
  'a line as long as a book': rowFault('9'.repeat(500_000), 'malformed', /longer than 65536 characters/),
  'a single leap into the future': rowFault(
    '4000000000000,EURUSD,1.1,1.2',
    'malformed',
    /leaps ahead of the rows around it/,
  ),
  'a long text in a field': rowFault(
    `1700000000100,EURUSD,${'x'.repeat(5000)},1.2`,
    'malformed',
    /bid "x{40}…" is not a number/,
    22,
  ),
  'a last row that was cut off': {
    content: `${csv(HEADER, good(0))}1700000000100,EURU`,
    ticks: 1,
    faults: [{ cause: 'malformed', line: 3, column: 1, detail: /2 fields/ }],
  },
  'a good row without line end at the end': { content: `${HEADER}\n${good(0)}`, ticks: 1, faults: [] },
  'several faults in one file': {
    content: csv(HEADER, good(5), good(4), '1700000001000,EURUSD,2,1', '1700000001000,EURUSD,0,1', 'x', good(6)),
    ticks: 2,
    faults: [
      { cause: 'backwards', line: 3, column: 1, detail: /before/ },
      { cause: 'crossed', line: 4, column: 24, detail: /above/ },
      { cause: 'nonPositive', line: 5, column: 22, detail: /positive/ },
      { cause: 'malformed', line: 6, column: 1, detail: /field/ },
    ],
  },
};
