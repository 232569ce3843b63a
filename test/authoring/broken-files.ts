/** Strategy files that are wrong, each with the error that its author must get. */
import { strategyFile } from './strategy-files.ts';

export interface BrokenFile {
  readonly what: string;
  readonly text: string;
  readonly name?: string;
  readonly code: string;
  readonly message: string | RegExp;
  /** `line:column` of the author's file; absent where there is no such place. */
  readonly at?: string;
}

/** A definition with one member replaced or added; that member is on line 4. */
const withMember = (member: string): string => `import { defineStrategy, param } from 'qkt';
const base = { name: 'probe', version: 1, streams: { eur: { symbol: 'EURUSD', bars: '1m' } }, create: () => ({}) };
export default defineStrategy({ ...base,
  ${member}
} as any);
`;

const SYNTAX = 'QKT_E_STRATEGY_SYNTAX';
const SHAPE = 'QKT_E_STRATEGY_SHAPE';
const LOAD = 'QKT_E_STRATEGY_LOAD';

export const BROKEN_FILES: readonly BrokenFile[] = [
  { what: 'is empty', text: '', code: SHAPE, message: /no default export/ },
  {
    what: 'is not code at all',
    text: 'date,bid,ask\n1,2',
    code: LOAD,
    message: 'ReferenceError: date is not defined',
    at: '1:1',
  },
  {
    what: 'lacks a closing brace',
    text: 'export default {\n  name: 1,\n',
    code: SYNTAX,
    message: /end of file/,
    at: '3:1',
  },
  {
    what: 'has a misspelt keyword',
    text: 'cosnt a = 1;\n',
    code: SYNTAX,
    message: /Expected ";" but found "a"/,
    at: '1:7',
  },
  {
    what: 'is TypeScript in a .js file',
    text: 'let a: number = 1;\n',
    name: 'typed.js',
    code: SYNTAX,
    message: /Expected ";" but found ":"/,
    at: '1:6',
  },
  {
    what: 'has an unfinished text',
    text: 'const a = 1;\nconst b = "x;\n',
    code: SYNTAX,
    message: /Unterminated string/,
    at: '2:14',
  },
  {
    what: 'imports a file that is not there',
    text: 'import a from "./nowhere.ts";\nexport default a;',
    code: SYNTAX,
    message: /Could not resolve "\.\/nowhere\.ts"/,
    at: '1:15',
  },
  {
    what: 'imports a package that is not there',
    text: '\nimport a from "no-such-package";\nexport default a;',
    code: SYNTAX,
    message: /Could not resolve "no-such-package"/,
    at: '2:15',
  },
  {
    what: 'imports what qkt has not',
    text: 'import { strategy } from "qkt";\nexport default strategy;',
    code: SYNTAX,
    message: /No matching export .* for import "strategy"/,
    at: '1:10',
  },
  {
    what: 'has two default exports',
    text: 'export default 1;\nexport default 2;',
    code: SYNTAX,
    message: /Multiple exports with the same name "default"/,
    at: '2:8',
  },
  {
    what: 'has no default export',
    text: 'export const a = 1;',
    code: SHAPE,
    message: 'the file has no default export: export default defineStrategy({…})',
  },
  {
    what: 'exports a plain object',
    text: 'export default { name: "x", streams: {}, create() {} };',
    code: SHAPE,
    message: /the default export is an object that defineStrategy has not made/,
  },
  {
    what: 'exports a function',
    text: 'export default function strategy() {}',
    code: SHAPE,
    message: /the default export is a function/,
  },
  {
    what: 'throws while it is loaded',
    text: 'const limits = JSON.parse("{");\nexport default limits;',
    code: LOAD,
    message: /^SyntaxError: /,
    at: '1:21',
  },
  {
    what: 'uses a name before it is there',
    text: '\n  start();\nconst start = () => 1;',
    code: LOAD,
    message: /start is not a function|Cannot access 'start'/,
    at: '2:3',
  },
  {
    what: 'has no name',
    text: withMember('name: undefined,'),
    code: SHAPE,
    message: /^name must be letters.*it is missing$/,
    at: '4:3',
  },
  {
    what: 'has a path for a name',
    text: withMember('name: "../x",'),
    code: SHAPE,
    message: /^name must be letters.*it is "\.\.\/x"$/,
    at: '4:3',
  },
  { what: 'is called daemon', text: withMember('name: "daemon",'), code: SHAPE, message: /^name must be/, at: '4:3' },
  {
    what: 'has a text for a version',
    text: withMember('version: "1.0.0",'),
    code: SHAPE,
    message: 'version must be a whole number from 1 up, not "1.0.0"',
    at: '4:3',
  },
  {
    what: 'has a misspelt member',
    text: withMember('stream: {},'),
    code: SHAPE,
    message: 'the strategy has an unknown member "stream"; did you mean "streams"?',
    at: '4:3',
  },
  {
    what: 'has no streams',
    text: withMember('streams: {},'),
    code: SHAPE,
    message: 'streams must name at least one stream',
    at: '4:3',
  },
  {
    what: 'has a stream without a symbol',
    text: withMember('streams: { eur: { bars: "1m" } },'),
    code: SHAPE,
    message: 'streams.eur.symbol must be a name, not missing',
    at: '4:14',
  },
  {
    what: 'has bars of no length',
    text: withMember('streams: { eur: { symbol: "EURUSD", bars: "2w" } },'),
    code: SHAPE,
    message: 'streams.eur.bars must be a length from "1s" to "1d", not "2w"',
    at: '4:39',
  },
  {
    what: 'has bars that are too long',
    text: withMember('streams: { eur: { symbol: "EURUSD", bars: "2d" } },'),
    code: SHAPE,
    message: /^streams\.eur\.bars must be/,
    at: '4:39',
  },
  {
    what: 'has a warm-up without bars',
    text: withMember('streams: { eur: { symbol: "EURUSD", warmup: 5 } },'),
    code: SHAPE,
    message: 'streams.eur.warmup counts bars: give streams.eur.bars as well',
    at: '4:39',
  },
  {
    what: 'has a negative warm-up',
    text: withMember('streams: { eur: { symbol: "EURUSD", bars: "1m", warmup: -1 } },'),
    code: SHAPE,
    message: 'streams.eur.warmup must be a whole number of bars, not -1',
    at: '4:51',
  },
  {
    what: 'has an unknown key in a stream',
    text: withMember('streams: { eur: { symbol: "EURUSD", bar: "1m" } },'),
    code: SHAPE,
    message: 'streams.eur has an unknown member "bar"; did you mean "bars"?',
    at: '4:39',
  },
  {
    what: 'has a plain number as parameter',
    text: withMember('params: { fast: 9 },'),
    code: SHAPE,
    message: /^params\.fast must be made with param\.integer/,
    at: '4:13',
  },
  {
    what: 'has a fraction as an integer',
    text: withMember('params: { fast: param.integer(1.5) },'),
    code: SHAPE,
    message: 'param.integer: the default must be a whole number, not 1.5',
    at: '4:25',
  },
  {
    what: 'has a default out of its bounds',
    text: withMember('params: { fast: param.integer(1, { min: 2 }) },'),
    code: SHAPE,
    message: 'param.integer: the default 1 is below min 2',
    at: '4:25',
  },
  {
    what: 'has bounds the wrong way round',
    text: withMember('params: { fast: param.decimal(1, { min: 2, max: 0 }) },'),
    code: SHAPE,
    message: 'param.decimal: min 2 is above max 0',
    at: '4:25',
  },
  {
    what: 'has a text as a decimal',
    text: withMember('params: { qty: param.decimal("lots") },'),
    code: SHAPE,
    message: 'param.decimal: the default must be a number, not "lots"',
    at: '4:24',
  },
  {
    what: 'has a default that is no option',
    text: withMember('params: { m: param.oneOf("c", ["a", "b"]) },'),
    code: SHAPE,
    message: 'param.oneOf: the default "c" is none of "a", "b"',
    at: '4:22',
  },
  {
    what: 'has a timer without a time',
    text: withMember('timers: { soon: {} },'),
    code: SHAPE,
    message: 'timers.soon needs either every or at, and not both',
    at: '4:13',
  },
  {
    what: 'has a timer at no time of day',
    text: withMember('timers: { soon: { at: "25:00" } },'),
    code: SHAPE,
    message: 'timers.soon.at must be a time of day such as "16:55", not "25:00"',
    at: '4:21',
  },
  {
    what: 'has a timer in no zone',
    text: withMember('timers: { soon: { at: "12:00", zone: "Mars/Base" } },'),
    code: SHAPE,
    message: /^timers\.soon\.zone must be an IANA zone/,
    at: '4:34',
  },
  {
    what: 'has a function among its limits',
    text: withMember('risk: { gate: { maxOrderQty: () => 1 } },'),
    code: SHAPE,
    message: 'risk.gate.maxOrderQty must be plain data, not a function',
    at: '4:19',
  },
  {
    what: 'has rules that are no list',
    text: withMember('risk: { halt: { rule: "maxDrawdown" } },'),
    code: SHAPE,
    message: 'risk.halt must be a list of rules, not an object',
    at: '4:11',
  },
  {
    what: 'expects trades at no interval',
    text: withMember('expectTradesEvery: "often",'),
    code: SHAPE,
    message: /^expectTradesEvery must be a duration/,
    at: '4:3',
  },
  {
    what: 'has an unknown answer to a hang',
    text: withMember('onHang: "ignore",'),
    code: SHAPE,
    message: 'onHang must be "hold", "halt" or "flatten", not "ignore"',
    at: '4:3',
  },
  {
    what: 'has no create',
    text: withMember('create: undefined,'),
    code: SHAPE,
    message: 'create must be a function, not missing',
    at: '4:3',
  },
  {
    what: 'throws in create',
    text: strategyFile('    throw new Error("not today");'),
    code: LOAD,
    message: 'not today',
    at: '9:11',
  },
  {
    what: 'asks for an indicator of no length',
    text: strategyFile('    indicators.ema(0);\n    return {};'),
    code: LOAD,
    message: 'RangeError: ema length must be a whole number from 1 to 1000000, not 0',
    at: '9:16',
  },
  {
    what: 'returns nothing from create',
    text: strategyFile('    params;'),
    code: SHAPE,
    message: 'create must return an object of callbacks, not missing',
    at: '8:3',
  },
  {
    what: 'has an asynchronous create',
    text: strategyFile('    return Promise.resolve({});'),
    code: 'QKT_E_ASYNC_CALLBACK',
    message: /^create returned a promise/,
    at: '8:3',
  },
  {
    what: 'has a misspelt callback',
    text: strategyFile('    return { onTick() {}, onbar() {} };'),
    code: SHAPE,
    message: 'create returned an unknown callback onbar; did you mean "onBar"?',
    at: '9:27',
  },
  {
    what: 'has a callback that is no function',
    text: strategyFile('    return { onTick: true };'),
    code: SHAPE,
    message: 'onTick must be a function, not true',
    at: '9:14',
  },
  {
    what: 'has onTimer and no timers',
    text: withMember('create: () => ({ onTimer() {} }),'),
    code: SHAPE,
    message: 'onTimer is never called: the strategy has no timers',
    at: '4:20',
  },
];
