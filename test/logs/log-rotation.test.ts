/** Size, day, age, total: what log files may take on the disk, and what a rotation must not lose. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogSink } from '../../src/actors/log-sink.ts';
import { VirtualClock } from '../../src/clock.ts';
import { parseLogLine } from '../../src/observe/log-line.ts';
import { CONFIG, everyLine, scratch, sinkIn, sizes, total, until } from './support.ts';

const START = Date.parse('2026-11-22T07:28:33.123Z');
const DAY = 86_400_000;
const ENDLESS = fileURLToPath(new URL('logging-without-end.mjs', import.meta.url));
const messages = async (dir: string, log = 's'): Promise<readonly (string | undefined)[]> =>
  (await everyLine(dir, log)).map((line) => parseLogLine(line)?.msg);

const drained = (sink: LogSink): Promise<void> =>
  until(() => Object.values(sink.status()).every(({ waiting, state }) => waiting === 0 && state === 'open'));
const compressed = (dir: string): Promise<void> =>
  until(async () => (await readdir(dir)).every((name) => name.endsWith('.log') || name.endsWith('.gz')));

describe('a log that reaches its size', () => {
  it('goes on in a new file; no file is larger, the old ones are compressed, and no line is lost or moved', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir, { config: { ...CONFIG, maxFileMB: 0.1 } });
    const log = sink.logger('s');
    let largest = 0;
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 100; i++) log.info(`line ${round * 100 + i} ${'x'.repeat(200)}`);
      await drained(sink);
      for (const [name, size] of Object.entries(await sizes(dir)))
        if (!name.endsWith('.gz')) largest = Math.max(largest, size);
    }
    await compressed(dir);
    await sink.close();
    expect(largest).toBeLessThanOrEqual(100_000);
    expect(
      Object.keys(await sizes(dir)).filter((name) => /^s\.log\.\d{4}-\d\d-\d\d\.\d+\.gz$/.test(name)).length,
    ).toBeGreaterThan(5);
    const expected = Array.from({ length: 3000 }, (_, i) => `line ${i} ${'x'.repeat(200)}`);
    expect(await messages(dir)).toEqual(expected);
    expect(await messages(dir, 'daemon')).toEqual(expected);
    expect(sink.status()['s']!.dropped).toBe(0);
  });

  it('keeps every bound in a burst that the disk cannot follow', async () => {
    const dir = await scratch();
    const config = { ...CONFIG, maxFileMB: 0.2, totalMB: 2 };
    const sink = sinkIn(dir, { config });
    const logs = ['a', 'b', 'c'].map((name) => sink.logger(name));
    let most = 0;
    let largest = 0;
    for (let round = 0; round < 40; round++) {
      // Random, so that compression gains little.
      for (const log of logs)
        for (let i = 0; i < 300; i++) log.info(`${round}-${i}-${randomBytes(150).toString('base64')}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      const now = await sizes(dir);
      most = Math.max(most, total(now));
      largest = Math.max(largest, ...Object.values(now));
    }
    await drained(sink);
    most = Math.max(most, total(await sizes(dir)));
    expect(largest).toBeLessThanOrEqual(200_000);
    expect(most).toBeLessThanOrEqual(2_000_000);
    expect(most).toBeGreaterThan(1_000_000);
  });

  it('takes a single line that is larger', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir, { config: { ...CONFIG, maxFileMB: 0.001 } });
    for (const letter of 'abc') sink.logger('s').info(letter.repeat(5000));
    await sink.close();
    expect((await messages(dir)).map((msg) => msg?.length)).toEqual([5000, 5000, 5000]);
  });
});

describe('a new day', () => {
  it('begins a new file at its first line, named by the day of the old one', async () => {
    const dir = await scratch();
    const clock = new VirtualClock(START);
    const sink = sinkIn(dir, { clock });
    sink.logger('s').info('one');
    await drained(sink);
    clock.advanceBy(DAY);
    sink.logger('s').info('two');
    await drained(sink);
    await compressed(dir);
    expect(Object.keys(await sizes(dir)).toSorted()).toEqual([
      'daemon.log',
      'daemon.log.2026-11-22.1.gz',
      's.log',
      's.log.2026-11-22.1.gz',
    ]);
    expect(await messages(dir)).toEqual(['one', 'two']);
  });

  it('is seen by a daemon that is started on it', async () => {
    const dir = await scratch();
    await writeFile(join(dir, 's.log'), 'yesterday\n');
    await utimes(join(dir, 's.log'), new Date(START - DAY), new Date(START - DAY));
    const sink = sinkIn(dir, { clock: new VirtualClock(START) });
    sink.logger('s').info('today');
    await drained(sink);
    await compressed(dir);
    expect(await readdir(dir)).toContain('s.log.2026-11-21.1.gz');
  });
});

describe('what is kept', () => {
  it('goes when it is older than keepDays, and nothing that is not ours', async () => {
    const dir = await scratch();
    const foreign = ['s.log.1', 's.log.1.gz', 's.log-20261101', 'notes.txt', 's.log.2026-11-01.gz'];
    const old = ['s.log.2026-11-14.1.gz', 's.log.2026-11-15.2.gz', 'gone.log.2026-01-01.9'];
    for (const name of [...foreign, ...old]) await writeFile(join(dir, name), gzipSync('x\n'));
    const sink = sinkIn(dir, { clock: new VirtualClock(START) });
    sink.logger('s').info('one');
    await drained(sink);
    await until(async () => !(await readdir(dir)).some((name) => name.endsWith('.tmp')));
    expect((await readdir(dir)).toSorted()).toEqual(
      [...foreign, 's.log.2026-11-15.2.gz', 's.log', 'daemon.log'].toSorted(),
    );
  });

  it('is cut to totalMB over all logs, the oldest first, the logs of removed strategies last', async () => {
    const dir = await scratch();
    const names = ['a.log.2026-11-18.1.gz', 'b.log.2026-11-19.1.gz', 'a.log.2026-11-20.2.gz', 'removed.log'];
    for (const name of names) await writeFile(join(dir, name), Buffer.alloc(400_000));
    const config = { ...CONFIG, maxFileMB: 0.1, totalMB: 1.2 };
    const sink = sinkIn(dir, { clock: new VirtualClock(START), config });
    sink.logger('a').info('one');
    await drained(sink);
    expect(await readdir(dir)).not.toContain('a.log.2026-11-18.1.gz');
    expect(await readdir(dir)).toContain('a.log.2026-11-20.2.gz');
    expect(await readdir(dir)).toContain('removed.log');
    sink.configure({ ...config, totalMB: 0.5 });
    await until(async () => !(await readdir(dir)).includes('removed.log'));
    expect((await readdir(dir)).toSorted()).toEqual(['a.log', 'daemon.log']);
  });

  it('follows other limits from the moment they are given', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir);
    const log = sink.logger('s');
    for (let i = 0; i < 100; i++) log.info(`line ${i} ${'x'.repeat(200)}`);
    await drained(sink);
    expect(await readdir(dir)).toHaveLength(2);
    sink.configure({ ...CONFIG, maxFileMB: 0.01 });
    log.info('one more');
    await drained(sink);
    expect((await readdir(dir)).length).toBeGreaterThan(2);
  });
});

describe('a daemon that was killed', () => {
  it('within a rotation leaves nothing that is lost: the next start tidies up and goes on', async () => {
    const dir = await scratch();
    await writeFile(join(dir, 's.log.2026-11-20.1'), 'one\n');
    await writeFile(join(dir, 's.log.2026-11-20.1.gz.tmp'), 'half a dra');
    await writeFile(join(dir, 's.log.2026-11-20.2'), 'two\n');
    await writeFile(join(dir, 's.log.2026-11-20.2.gz'), gzipSync('two\n'));
    await writeFile(join(dir, 's.log.2026-11-21.3'), 'three\n');
    const sink = sinkIn(dir, { clock: new VirtualClock(START) });
    sink.logger('s').info('four');
    await drained(sink);
    await compressed(dir);
    expect((await readdir(dir)).toSorted()).toEqual([
      'daemon.log',
      's.log',
      's.log.2026-11-20.1.gz',
      's.log.2026-11-20.2.gz',
      's.log.2026-11-21.3.gz',
    ]);
    expect((await everyLine(dir, 's')).slice(0, 3)).toEqual(['one', 'two', 'three']);
  });

  it('again and again, for real, leaves of every run all lines up to its end, once and in order', async () => {
    const dir = await scratch();
    const kills = 6;
    for (let run = 0; run < kills; run++) {
      const child = spawn(process.execPath, [ENDLESS, dir, String(run)]);
      onTestFinished(() => void child.kill('SIGKILL'));
      const lastOf = async () => (await messages(dir).catch(() => [])).findLast((msg) => msg?.startsWith(`${run}-`));
      await until(async () => Number((await lastOf())?.split('-')[1] ?? 0) > 500 + run * 37);
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const sink = sinkIn(dir);
    sink.logger('s').info(`${kills}-0`);
    await drained(sink);
    await compressed(dir);
    const runs = new Map<string, string[]>();
    // A kill may cut its last line off.
    for (const line of (await everyLine(dir, 's')).filter((each) => /x{100}$|-0$/.test(each))) {
      const { msg } = parseLogLine(line)!;
      const run = msg.split('-')[0]!;
      runs.set(run, [...(runs.get(run) ?? []), msg]);
    }
    expect([...runs.keys()]).toEqual(Array.from({ length: kills + 1 }, (_, run) => String(run)));
    for (const [run, all] of runs) expect(all).toEqual(all.map((_, n) => `${run}-${n}`));
  });

  it('within a line does not spoil the next one', async () => {
    const dir = await scratch();
    await writeFile(join(dir, 's.log'), '2026-11-22T07:28:33.000Z INFO  strategy=s order filled qty=100');
    const sink = sinkIn(dir);
    sink.logger('s').info('next');
    await sink.close();
    expect((await messages(dir)).slice(-2)).toEqual(['order filled', 'next']);
  });
});

describe('another program that rotates', () => {
  it('may move the file and create a new one (logrotate create), with SIGHUP after it', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir, { config: { ...CONFIG, maxFileMB: 0.01 } });
    const log = sink.logger('s');
    log.info('before');
    await drained(sink);
    await rename(join(dir, 's.log'), join(dir, 's.log-20261122'));
    await writeFile(join(dir, 's.log'), '');
    sink.reopen();
    for (let i = 0; i < 100; i++) log.info(`after ${i} ${'x'.repeat(200)}`);
    await drained(sink);
    await sink.close();
    expect((await messages(dir)).filter((msg) => msg?.startsWith('after'))).toHaveLength(100);
    expect(await readdir(dir)).toContain('s.log-20261122');
  });

  it('may cut the file (logrotate copytruncate), which is then as small as it is', async () => {
    const dir = await scratch();
    const sink = sinkIn(dir, { config: { ...CONFIG, maxFileMB: 0.01 } });
    const log = sink.logger('s');
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 20; i++) log.info(`line ${round}-${i} ${'x'.repeat(200)}`);
      await drained(sink);
      await copyFile(join(dir, 's.log'), join(dir, `s.log-copy${round}`));
      await truncate(join(dir, 's.log'));
    }
    log.info('last');
    await drained(sink);
    expect((await readdir(dir)).filter((name) => name.startsWith('s.log.'))).toEqual([]);
    expect((await messages(dir)).at(-1)).toBe('last');
  });
});
