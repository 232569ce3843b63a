/** The shippers' configurations in docs/logging.md, on lines that the real sink has written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { LOG_LEVELS, parseLogLine, type LogLevel } from '../../src/observe/log-line.ts';
import { CONFIG, everyLine, scratch, sinkIn } from '../logs/support.ts';

const DOC = readFileSync(new URL('../../docs/logging.md', import.meta.url), 'utf8');
const START = Date.parse('2026-11-22T07:28:33.123Z');

/** Fenced blocks of a language, the one for JSON first, then the one for text. */
function blocks(language: string): readonly [string, string] {
  const found = [...DOC.matchAll(new RegExp(String.raw`^\`\`\`${language}\n([\s\S]*?)^\`\`\`$`, 'gm'))];
  expect(found).toHaveLength(2);
  return [found[0]![1]!, found[1]![1]!];
}

const HOSTILE = [
  'order filled',
  'a\nb',
  '\u001b[31mred',
  'x=1 strategy=other',
  '"quoted"',
  'ERROR forged',
  '\u2028',
  '{}',
];
interface Logged {
  readonly time: string;
  readonly level: LogLevel;
  readonly strategy: string | undefined;
  readonly msg: string;
}

/** What was logged, and the lines of daemon.log about it. */
async function logged(format: 'text' | 'json'): Promise<readonly (readonly [Logged, string])[]> {
  const dir = await scratch();
  const clock = new VirtualClock(START);
  const sink = sinkIn(dir, { clock, config: { ...CONFIG, level: 'trace', format } });
  const all: Logged[] = [];
  for (const strategy of [undefined, 'ema-cross', 'B_2'])
    for (const level of LOG_LEVELS)
      for (const msg of HOSTILE) {
        const log = sink.logger(strategy);
        const fields = { side: 'BUY', price: dec('1.0973'), text: msg, level: 'forged', time: 0, strategy: 'other' };
        if (strategy === undefined) log[level](msg, fields);
        else log.author(level, msg, fields);
        all.push({ time: new Date(clock.now()).toISOString(), level, strategy, msg });
        clock.advanceBy(1);
      }
  await sink.close();
  const lines = await everyLine(dir, 'daemon');
  expect(lines).toHaveLength(all.length);
  return all.map((each, index) => [each, lines[index]!] as const);
}

/** A pattern as its tool writes it, on every line of text; its message and fields are read as ours. */
async function expectTextParsed(pattern: string): Promise<void> {
  const regex = new RegExp(pattern.replaceAll('(?P<', '(?<'));
  for (const [{ time, level, strategy }, line] of await logged('text')) {
    const { msg, message, ...groups } = regex.exec(line)!.groups!;
    expect(groups).toEqual({ time, level: level.toUpperCase(), strategy });
    expect(line.endsWith((msg ?? message)!)).toBe(true);
  }
}

/** Names that a configuration takes out of a JSON line. */
async function expectJsonFields(names: readonly string[]): Promise<void> {
  for (const [expected, line] of await logged('json')) {
    const record = JSON.parse(line) as Record<string, unknown>;
    for (const name of names) expect(record[name]).toBe(expected[name as keyof Logged]);
    expect(record).toMatchObject({ msg: expected.msg, level: expected.level, time: expected.time });
  }
}

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name!);

describe('docs/logging.md', () => {
  it('shows lines of both formats as they are', () => {
    const [text, json] = /```\n(2026-.*)\n(\{.*\})\n```/.exec(DOC)!.slice(1);
    expect(parseLogLine(text!)).toEqual(parseLogLine(json!));
  });

  it('has a configuration for Loki that parses every line', async () => {
    const [json, text] = blocks('alloy');
    const names = namesIn(/expressions = \{(.*)\}/.exec(json)![1]!, /= "(\w+)"/g);
    expect(names).toEqual(['time', 'level', 'strategy']);
    await expectJsonFields(names);
    await expectTextParsed(/expression = `(.*)`/.exec(text)![1]!);
  });

  it('has one for Vector', async () => {
    const [json] = blocks('yaml');
    await expectJsonFields(namesIn(json, /(?:\(\.|del\(\.)(time|msg)\b/g));
    await expectTextParsed(/r'(.*)'/.exec(blocks('yaml')[1])![1]!);
  });

  it('has one for Logstash', async () => {
    const [json, text] = blocks('logstash');
    await expectJsonFields(namesIn(json, /(?:match => \[|rename => \{ )"(\w+)"/g));
    await expectTextParsed(fromGrok(/"message" => "(.*)"/.exec(text)![1]!));
  });

  it('names files that are there', () => {
    for (const [, path] of DOC.matchAll(/`((?:src|test)\/[\w/.-]+)`/g))
      expect(() => readFileSync(join(import.meta.dirname, '../..', path!))).not.toThrow();
  });
});

/** As logstash-patterns-core defines them, as far as they can match here. */
const GROK: Readonly<Record<string, string>> = {
  TIMESTAMP_ISO8601: String.raw`\d{4}-\d\d-\d\d[T ]\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?`,
  LOGLEVEL: '(?:TRACE|DEBUG|NOTICE|INFO|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|SEVERE)',
  NOTSPACE: String.raw`\S+`,
  GREEDYDATA: '.*',
};

const fromGrok = (pattern: string): string =>
  pattern.replace(/%\{(\w+):(\w+)\}/g, (_, name: string, field: string) => `(?<${field}>${GROK[name]!})`);
