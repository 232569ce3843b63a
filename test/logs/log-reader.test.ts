import { appendFile, mkdtemp, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { LogQuery, LogSource } from '../../src/domain/ports.ts';
import { jsonLine, textLine, type LogLevel, type LogRecord } from '../../src/observe/log-line.ts';
import { createLogReader } from '../../src/observe/log-reader.ts';

const NOON = Date.parse('2026-11-22T12:00:00.000Z');
const MINUTE = 60_000;
let dir: string;
let file: string;
let reader: LogSource;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qkt-reader-'));
  file = join(dir, 's.log');
  reader = createLogReader(file, new WallClock());
});
afterEach(() => rm(dir, { recursive: true }));

const record = (msg: string, minute = 0, level: LogLevel = 'info', fields: object = {}): LogRecord => ({
  time: NOON + minute * MINUTE,
  level,
  strategy: 's',
  msg,
  fields: { ...fields },
});
const ask = (query: Partial<LogQuery> = {}): LogQuery => ({ lines: 200, format: 'text', ...query });
async function took(source: LogSource): Promise<number> {
  const started = performance.now();
  expect(await source.tail(ask())).toHaveLength(200);
  return performance.now() - started;
}
const text = (...records: LogRecord[]): string => records.map((each) => `${textLine(each)}\n`).join('');

describe('the tail of a log', () => {
  it('is empty while there is no file, and of an empty file', async () => {
    expect(await reader.tail(ask())).toEqual([]);
    await writeFile(file, '');
    expect(await reader.tail(ask())).toEqual([]);
  });

  it('is the last lines, oldest first', async () => {
    const records = Array.from({ length: 1000 }, (_, i) => record(`line ${i}`));
    await writeFile(file, text(...records));
    expect(await reader.tail(ask({ lines: 3 }))).toEqual(records.slice(-3).map(textLine));
    expect(await reader.tail(ask({ lines: 10_000 }))).toHaveLength(1000);
  });

  it('holds a last line that has no newline yet', async () => {
    await writeFile(file, text(record('one')) + textLine(record('two')));
    expect(await reader.tail(ask({ lines: 1 }))).toEqual([textLine(record('two'))]);
    expect(await reader.tail(ask())).toHaveLength(2);
  });

  it('begins at the time asked for (CP-11)', async () => {
    await writeFile(file, text(record('10:00', -120), record('11:00', -60)));
    const since = Date.parse('2026-11-22T10:30:00Z');
    expect(await reader.tail(ask({ since }))).toEqual([textLine(record('11:00', -60))]);
  });

  it('holds what is at least as important as asked', async () => {
    await writeFile(
      file,
      text(record('a', 0, 'debug'), record('b', 1, 'warn'), record('c', 2, 'info'), record('d', 3, 'fatal')),
    );
    expect(await reader.tail(ask({ level: 'warn' }))).toEqual(
      [record('b', 1, 'warn'), record('d', 3, 'fatal')].map(textLine),
    );
  });

  it('is given in the format asked for, whatever is stored', async () => {
    const fields = { side: 'BUY', qty: 10_000, note: 'two words', tag: '7' };
    const stored = record('order filled', 0, 'info', fields);
    await writeFile(file, `${textLine(stored)}\n${jsonLine(stored)}\n`);
    expect(await reader.tail(ask({ format: 'json' }))).toEqual([jsonLine(stored), jsonLine(stored)]);
    expect(await reader.tail(ask({ format: 'text' }))).toEqual([textLine(stored), textLine(stored)]);
  });

  it('shows foreign lines without harm, and leaves them out where something is asked of them', async () => {
    await writeFile(file, `\u001b[2Jgarbage\n${text(record('fine'))}`);
    expect(await reader.tail(ask())).toEqual([String.raw`\u001b[2Jgarbage`, textLine(record('fine'))]);
    expect((await reader.tail(ask({ format: 'json' }))).map((line) => JSON.parse(line) as unknown)[0]).toEqual({
      msg: '\u001b[2Jgarbage',
    });
    expect(await reader.tail(ask({ level: 'trace' }))).toHaveLength(1);
  });

  it('equals the end of the whole file, wherever chunks and characters fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        fc.boolean(),
        async (lengths, lines, finished) => {
          const records = lengths.map((length, i) => record(`${i} ${'ä€😀'.repeat(length / 3)}`));
          const all = records.map(textLine);
          await writeFile(file, all.join('\n') + (finished && all.length > 0 ? '\n' : ''));
          expect(await reader.tail(ask({ lines }))).toEqual(all.slice(-lines));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('costs no more for a gigabyte than for a small file', async () => {
    const tail = text(...Array.from({ length: 300 }, (_, i) => record(`line ${i}`)));
    const handle = await open(file, 'w');
    await handle.write(`\n${tail}`, 1024 ** 3);
    await handle.close();
    const small = join(dir, 'small.log');
    await writeFile(small, tail);
    await took(reader);
    const large = await took(reader);
    expect(large).toBeLessThan(10 * (await took(createLogReader(small, new WallClock()))) + 50);
  });

  it('does not search a gigabyte for what is not there', async () => {
    const handle = await open(file, 'w');
    await handle.write(`\n${text(record('one'))}`, 1024 ** 3);
    await handle.close();
    const started = performance.now();
    expect(await reader.tail(ask({ level: 'fatal' }))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('following a log', () => {
  let stop: AbortController;
  let lines: AsyncIterator<string>;

  function follow(query: Partial<LogQuery> = {}): void {
    stop = new AbortController();
    lines = reader.follow(ask({ lines: 1, ...query }), stop.signal)[Symbol.asyncIterator]();
  }
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : value;
  };
  afterEach(async () => {
    stop.abort();
    await lines.return?.();
  });

  it('gives the tail, then what is added, each line once and whole', async () => {
    await writeFile(file, text(record('one'), record('two')) + textLine(record('three')).slice(0, 20));
    follow();
    expect(await next()).toBe(textLine(record('two')));
    await appendFile(file, `${textLine(record('three')).slice(20)}\n${text(record('four'))}`);
    expect([await next(), await next()]).toEqual([record('three'), record('four')].map(textLine));
  });

  it('waits for a file that is not there yet', async () => {
    follow();
    const first = next();
    await writeFile(file, text(record('one')));
    expect(await first).toBe(textLine(record('one')));
  });

  it('goes over to a new file of the same name without losing the end of the old one', async () => {
    await writeFile(file, text(record('one')));
    follow();
    await next();
    await appendFile(file, text(record('two')));
    await rename(file, `${file}.1`);
    await appendFile(`${file}.1`, text(record('three')));
    await writeFile(file, text(record('four')));
    expect([await next(), await next(), await next()]).toEqual(
      [record('two'), record('three'), record('four')].map(textLine),
    );
  });

  it('starts over when the file is truncated', async () => {
    await writeFile(file, text(record('one'), record('two')));
    follow();
    await next();
    const pending = next();
    await truncate(file, 0);
    await appendFile(file, text(record('new')));
    expect(await pending).toBe(textLine(record('new')));
  });

  it('filters what is added', async () => {
    follow({ level: 'error', format: 'json' });
    const first = next();
    await writeFile(file, text(record('a'), record('b', 0, 'error')));
    expect(await first).toBe(jsonLine(record('b', 0, 'error')));
  });

  it('ends when it is told to, also while nothing comes', async () => {
    follow();
    const pending = next();
    stop.abort();
    expect(await pending).toBeUndefined();
  });
});
