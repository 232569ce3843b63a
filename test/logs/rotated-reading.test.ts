/** Tails and followers over rotated, compressed, cut and removed files. */
import { appendFileSync, writeFileSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  open,
  readdir,
  rename,
  rm,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { LogQuery } from '../../src/domain/ports.ts';
import { linesBackwards } from '../../src/observe/lines-backwards.ts';
import { jsonLine, parseLogLine, textLine, type LogLevel } from '../../src/observe/log-line.ts';
import { createLogReader } from '../../src/observe/log-reader.ts';
import { CONFIG, scratch, sinkIn, until } from './support.ts';

const NOON = Date.parse('2026-11-22T12:00:00.000Z');
const DAY = 86_400_000;
const line = (msg: string, day = 0, level: LogLevel = 'info'): string =>
  textLine({ time: NOON + day * DAY, level, strategy: 's', msg, fields: {} });
const text = (...lines: readonly string[]): string => lines.map((each) => `${each}\n`).join('');
const ask = (query: Partial<LogQuery> = {}): LogQuery => ({ lines: 200, format: 'text', ...query });
const readerOf = (dir: string) => createLogReader(join(dir, 's.log'), new WallClock());

/** Two days back compressed, yesterday as it was rotated, today live. */
async function threeDays(): Promise<string> {
  const dir = await scratch();
  await writeFile(join(dir, 's.log.2026-11-20.9.gz'), gzipSync(text(line('a', -2, 'error'), line('b', -2))));
  await writeFile(join(dir, 's.log.2026-11-21.10'), text(line('c', -1), line('d', -1, 'warn')));
  await writeFile(join(dir, 'ss.log.2026-11-21.3'), text(line('of another log', -1)));
  await writeFile(join(dir, 's.log'), text(line('e'), line('f')));
  return dir;
}
const messages = (lines: readonly string[]): string => lines.map((each) => parseLogLine(each)?.msg).join(' ');

describe('a tail', () => {
  it.each([
    [{}, 'a b c d e f'],
    [{ lines: 2 }, 'e f'],
    [{ lines: 3 }, 'd e f'],
    [{ lines: 5 }, 'b c d e f'],
    [{ level: 'warn' }, 'a d'],
    [{ level: 'warn', lines: 1 }, 'd'],
    [{ since: NOON - DAY }, 'c d e f'],
    [{ since: NOON - DAY + 1 }, 'e f'],
    [{ since: NOON + 1 }, ''],
  ])('%j goes on in the rotated files where the live one has too few', async (query, expected) => {
    expect(messages(await readerOf(await threeDays()).tail(ask(query)))).toBe(expected);
  });

  it('is there when the live file is not', async () => {
    const dir = await threeDays();
    await rm(join(dir, 's.log'));
    expect(messages(await readerOf(dir).tail(ask({ lines: 3 })))).toBe('b c d');
  });

  it('comes in the format asked for from rotated files as well', async () => {
    const dir = await threeDays();
    const lines = await readerOf(dir).tail(ask({ format: 'json' }));
    expect(lines.map((each) => (JSON.parse(each) as { msg: string }).msg).join(' ')).toBe('a b c d e f');
    await writeFile(join(dir, 's.log'), `${jsonLine(parseLogLine(line('g'))!)}\n`);
    expect(messages(await readerOf(dir).tail(ask()))).toBe('a b c d g');
  });

  it('equals the end of all files together, wherever they were cut and whichever are compressed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 40 }), fc.boolean()), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 100 }),
        async (files, lines) => {
          const dir = await scratch();
          const all: string[] = [];
          for (const [index, [count, compressed]] of files.entries()) {
            const own = Array.from({ length: count }, (_, i) => line(`${index}-${i} ${'ä'.repeat(i * 20)}`));
            all.push(...own);
            const bytes = Buffer.from(text(...own));
            if (index === files.length - 1) await writeFile(join(dir, 's.log'), bytes);
            else if (compressed) await writeFile(join(dir, `s.log.2026-11-22.${index + 8}.gz`), gzipSync(bytes));
            else await writeFile(join(dir, `s.log.2026-11-22.${index + 8}`), bytes);
          }
          expect(await readerOf(dir).tail(ask({ lines }))).toEqual(all.slice(-lines));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('reads no more of 64 MB than of a small file', async () => {
    const dir = await scratch();
    const file = join(dir, 's.log');
    const chunk = text(...Array.from({ length: 5000 }, (_, i) => line(`line ${i} ${'x'.repeat(150)}`)));
    writeFileSync(file, '');
    for (let written = 0; written < 64_000_000; written += chunk.length) appendFileSync(file, chunk);
    const handle = await open(file);
    onTestFinished(() => handle.close());
    let bytes = 0;
    const counting = {
      read: async (...args: Parameters<FileHandle['read']>) => {
        const result = await handle.read(...args);
        bytes += result.bytesRead;
        return result;
      },
    } as unknown as FileHandle;
    let lines = 0;
    for await (const _ of linesBackwards(counting, (await handle.stat()).size)) if (++lines > 200) break;
    expect(bytes).toBeLessThanOrEqual(2 * 64 * 1024);
    expect(await readerOf(dir).tail(ask())).toHaveLength(200);
  });
});

describe('following', () => {
  /** What a follower gives, as it comes. */
  function follow(dir: string, query: Partial<LogQuery> = {}) {
    const stop = new AbortController();
    const lines: string[] = [];
    const ended = (async () => {
      for await (const each of readerOf(dir).follow(ask(query), stop.signal)) lines.push(each);
    })();
    const end = async (): Promise<void> => {
      stop.abort();
      await ended;
    };
    onTestFinished(end);
    return { lines, end, has: (msg: string) => until(() => lines.some((each) => parseLogLine(each)?.msg === msg)) };
  }

  it('gives every line once and in order while the sink rotates, compresses and is read late', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir, { config: { ...CONFIG, maxFileMB: 0.02 } });
    const log = sink.logger('s');
    log.info('first');
    const follower = follow(dir);
    await follower.has('first');
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 100; i++) log.info(`line ${round * 100 + i} ${'x'.repeat(100)}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    log.info('last');
    await follower.has('last');
    const expected = ['first', ...Array.from({ length: 3000 }, (_, i) => `line ${i} ${'x'.repeat(100)}`), 'last'];
    expect(follower.lines.map((each) => parseLogLine(each)?.msg)).toEqual(expected);
    expect((await readdir(dir)).filter((name) => name.startsWith('s.log.')).length).toBeGreaterThan(10);
  });

  it('says so when files were removed before it could read them', async () => {
    const dir = await threeDays();
    const follower = follow(dir, { lines: 1 });
    await follower.has('f');
    await writeFile(join(dir, 'next'), text(line('h')));
    await rm(join(dir, 's.log'));
    await writeFile(join(dir, 's.log.2026-11-22.13'), text(line('g')));
    await rename(join(dir, 'next'), join(dir, 's.log'));
    await follower.has('h');
    expect(follower.lines.slice(1).map((each) => parseLogLine(each))).toMatchObject([
      {
        level: 'warn',
        msg: 'lines are missing here: their files were removed before this reader took them',
        fields: { files: 1 },
      },
      { msg: 'g' },
      { msg: 'h' },
    ]);
  });

  it('notices a file that was cut and has grown beyond where it was', async () => {
    const dir = await scratch();
    const file = join(dir, 's.log');
    await writeFile(file, text(line('one')));
    const follower = follow(dir);
    await follower.has('one');
    await copyFile(file, `${file}-copy`);
    const handle = await open(file, 'a');
    await truncate(file);
    await handle.write(text(line('two'), line('three'), line('four')));
    await handle.close();
    await follower.has('four');
    expect(messages(follower.lines)).toBe('one two three four');
  });

  it('stays with the old file until the new one that logrotate has made is written to', async () => {
    const dir = await scratch();
    const file = join(dir, 's.log');
    await writeFile(file, text(line('one')));
    const follower = follow(dir);
    await follower.has('one');
    await rename(file, `${file}-old`);
    await writeFile(file, '');
    await appendFile(`${file}-old`, text(line('two')));
    await follower.has('two');
    await appendFile(file, text(line('three')));
    await follower.has('three');
    expect(messages(follower.lines)).toBe('one two three');
  });
});
