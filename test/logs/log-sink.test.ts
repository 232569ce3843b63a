import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogSink, type LogSink, type LogSinkOptions } from '../../src/actors/log-sink.ts';
import { VirtualClock, WallClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { parseLogLine } from '../../src/observe/log-line.ts';
import { unprivileged } from '../doubles/unprivileged.ts';

const START = Date.parse('2026-11-22T07:28:33.123Z');
const CONFIG = { level: 'info', format: 'text', maxFileMB: 50, keepDays: 14, totalMB: 500 } as const;
let dir: string;
const sinks: LogSink[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qkt-logs-'));
});
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close();
  await rm(dir, { recursive: true });
});

function sinkWith(options: Partial<LogSinkOptions> = {}): LogSink {
  const sink = createLogSink({ dir, config: CONFIG, clock: new WallClock(), secrets: [], ...options });
  sinks.push(sink);
  return sink;
}
const lines = async (name: string): Promise<string[]> =>
  (await readFile(join(dir, `${name}.log`), 'utf8')).split('\n').slice(0, -1);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the log sink', () => {
  it("writes a strategy's line to its own file and to the daemon's, tagged", async () => {
    const clock = new VirtualClock(START);
    const sink = createLogSink({ dir, config: CONFIG, clock, secrets: [] });
    sink.logger('ema-cross').info('order filled', { side: 'BUY', qty: dec(10_000), price: dec('1.0973') });
    sink.logger().warn('disk is low', { freeMB: 12 });
    await sink.close();
    const filled = '2026-11-22T07:28:33.123Z INFO  strategy=ema-cross order filled side=BUY qty=10000 price=1.0973';
    expect(await lines('ema-cross')).toEqual([filled]);
    expect(await lines('daemon')).toEqual([filled, '2026-11-22T07:28:33.123Z WARN  disk is low freeMB=12']);
  });

  it('writes JSON with exact decimals when it is configured so', async () => {
    const clock = new VirtualClock(START);
    const sink = createLogSink({ dir, config: { ...CONFIG, format: 'json' }, clock, secrets: [] });
    sink
      .logger('s')
      .info('m', { price: dec('0.00000012'), nested: { qty: dec('12345678901234567890.5') }, bad: '\u202e' });
    await sink.close();
    expect(await lines('s')).toEqual([
      String.raw`{"level":"info","time":"2026-11-22T07:28:33.123Z","strategy":"s","price":0.00000012,"nested":{"qty":12345678901234567890.5},"bad":"\u202e","msg":"m"}`,
    ]);
  });

  it('keeps its files private', async () => {
    const sink = sinkWith();
    sink.logger('s').info('m');
    await sink.close();
    expect((await stat(join(dir, 's.log'))).mode & 0o777).toBe(0o600);
  });

  it('leaves out what is below the configured level', async () => {
    const sink = sinkWith({ config: { ...CONFIG, level: 'warn' } });
    const log = sink.logger('s');
    log.info('no', {
      get field(): never {
        throw new Error('not even looked at');
      },
    });
    log.warn('yes');
    await sink.close();
    expect((await lines('s')).map((line) => parseLogLine(line)?.msg)).toEqual(['yes']);
  });

  it('removes secrets, also such as came up later', async () => {
    const sink = sinkWith({ secrets: ['first-secret'] });
    sink.addSecret('second-secret');
    sink.logger('s').author('info', 'first-secret', { a: 'second-secret' });
    await sink.close();
    expect((await lines('s'))[0]).toContain('[redacted] log.a=[redacted]');
  });

  it('goes on in a new file after the old one was moved and it was told to reopen', async () => {
    const sink = sinkWith();
    const log = sink.logger('s');
    log.info('before');
    await until(async () => (await lines('s').catch(() => [])).length === 1);
    await rename(join(dir, 's.log'), join(dir, 's.log.1'));
    sink.reopen();
    log.info('after');
    await sink.close();
    expect((await lines('s')).map((line) => parseLogLine(line)?.msg)).toEqual(['after']);
  });

  it.each([
    ['deleted', (file: string) => unlink(file)],
    ['moved', (file: string) => rename(file, `${file}.1`)],
  ])('makes a file that was %s anew with the next line, by itself', async (_what, away) => {
    const clock = new VirtualClock(START);
    const sink = sinkWith({ clock });
    const log = sink.logger('s');
    log.info('before');
    await until(async () => (await lines('s').catch(() => [])).length === 1);
    await away(join(dir, 's.log'));
    clock.advanceBy(1000);
    log.info('after');
    await until(async () => (await lines('s').catch(() => [])).length === 1);
    log.info('later');
    await sink.close();
    expect((await lines('s')).map((line) => parseLogLine(line)?.msg)).toEqual(['after', 'later']);
    expect((await stat(join(dir, 's.log'))).mode & 0o777).toBe(0o600);
  });

  it('does not bring back a directory that was deleted', async () => {
    const clock = new VirtualClock(START);
    const logs = join(dir, 'logs');
    const sink = sinkWith({ clock, dir: logs });
    const log = sink.logger('s');
    log.info('before');
    // Its files, both of them, are there: none is being made while the directory goes.
    await until(() => existsSync(join(logs, 's.log')) && existsSync(join(logs, 'daemon.log')));
    await rm(logs, { recursive: true });
    clock.advanceBy(1000);
    log.info('after');
    await until(() => sink.status()['s']!.waiting === 0);
    expect(existsSync(logs)).toBe(false);
  });

  it('does not lose or reorder a line of a long burst', async () => {
    const sink = sinkWith();
    const log = sink.logger('s');
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 500; i++) log.info(`line ${round * 500 + i}`);
      if (round === 10) sink.reopen();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.close();
    expect((await lines('s')).map((line) => parseLogLine(line)?.msg)).toEqual(
      Array.from({ length: 10_000 }, (_, i) => `line ${i}`),
    );
  });

  it('bounds what waits, counts what falls out and says so in the file', async () => {
    const sink = sinkWith();
    const log = sink.logger('s');
    const total = 30_000;
    for (let i = 0; i < total; i++) log.info(`line ${i} ${'x'.repeat(100)}`);
    expect(sink.status()['s']).toMatchObject({ state: 'backlogged' });
    await until(() => sink.status()['s']!.state === 'open');
    log.info('last');
    await sink.close();
    const records = (await lines('s')).map((line) => parseLogLine(line)!);
    const dropped = sink.status()['s']!.dropped;
    expect(dropped).toBeGreaterThan(0);
    expect(records.filter(({ msg }) => msg.startsWith('line '))).toHaveLength(total - dropped);
    expect(records.some(({ fields }) => fields['dropped'] === dropped)).toBe(true);
    expect(records.at(-1)?.msg).toBe('last');
  });

  it('writes what waits at once when the process is about to end', async () => {
    const sink = sinkWith();
    const log = sink.logger('s');
    for (let i = 0; i < 100; i++) log.info(`line ${i}`);
    sink.flushSync();
    expect(readFileSync(join(dir, 's.log'), 'utf8').split('\n')).toHaveLength(101);
  });

  it('copies every line to a mirror and survives its end', async () => {
    const mirror = new PassThrough();
    const sink = sinkWith({ mirror });
    sink.logger('s').info('one');
    expect(String(mirror.read())).toContain('strategy=s one\n');
    mirror.destroy(new Error('EPIPE'));
    await new Promise((resolve) => setImmediate(resolve));
    sink.logger('s').info('two');
    await sink.close();
    expect(await lines('s')).toHaveLength(2);
  });

  it('does not pile up lines for a mirror that takes none', () => {
    const mirror = new Writable({ write: () => {} });
    const log = sinkWith({ mirror }).logger('s');
    for (let i = 0; i < 20_000; i++) log.info('x'.repeat(200));
    expect(mirror.writableLength).toBeLessThan(2 * 1024 * 1024);
  });

  it('writes one line that parses for whatever an author logs', async () => {
    const sink = sinkWith();
    const log = sink.logger('s');
    let count = 0;
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.object({ withBigInt: true, withNullPrototype: true, maxKeys: 4, maxDepth: 2 }),
        (msg, fields) => {
          log.author('info', msg, fields);
          count += 1;
        },
      ),
    );
    await sink.close();
    let told = 0;
    for (const line of await lines('s')) {
      const record = parseLogLine(line);
      expect(record).toMatchObject({ strategy: 's', level: 'info' });
      // The sink's own: the line before it came again, as two empty ones in a row do.
      const { repeated = 1, ...fields } = record!.fields;
      expect(Object.keys(fields).filter((name) => !name.startsWith('log.'))).toEqual([]);
      told += Number(repeated);
    }
    expect(told).toBe(count);
  });
});

describe('a log file that cannot be written', () => {
  it('degrades, keeps what it can, and recovers by itself', async () => {
    const clock = new VirtualClock(START);
    symlinkSync('/dev/full', join(dir, 's.log'));
    const sink = createLogSink({ dir, config: CONFIG, clock, secrets: [] });
    const log = sink.logger('s');
    log.info('one');
    await until(() => sink.status()['s']!.state === 'degraded');
    expect(sink.status()['s']!.lastError?.message).toContain('ENOSPC');
    log.fatal('two');
    for (let i = 0; i < 20_000; i++) log.info(`flood ${i} ${'x'.repeat(100)}`);
    expect(sink.status()['s']!.dropped).toBeGreaterThan(0);
    expect(sink.status()['daemon']!.lastError).toBeNull();

    await unlink(join(dir, 's.log'));
    clock.advanceBy(60_000);
    await until(() => sink.status()['s']!.state === 'open' && sink.status()['s']!.waiting === 0);
    log.info('last');
    await sink.close();
    const messages = (await lines('s')).map((line) => parseLogLine(line)?.msg);
    expect(messages[0]).toBe('one');
    expect(messages[1]).toBe('log lines were dropped because the file could not be written');
    expect(messages.slice(-2)).toEqual([`flood 19999 ${'x'.repeat(100)}`, 'last']);
  });

  it('is lost after five tries, and found again', async () => {
    const clock = new VirtualClock(START);
    symlinkSync('/dev/full', join(dir, 's.log'));
    const sink = createLogSink({ dir, config: CONFIG, clock, secrets: [] });
    sink.logger('s').info('one');
    await until(() => {
      clock.advanceBy(1000);
      return sink.status()['s']!.state === 'lost';
    });
    await unlink(join(dir, 's.log'));
    await until(() => {
      clock.advanceBy(30_000);
      return sink.status()['s']!.state === 'open';
    });
    await sink.close();
    expect(await lines('s')).toHaveLength(1);
  });

  it('does not hold up the end, however full the disk is', async () => {
    symlinkSync('/dev/full', join(dir, 's.log'));
    const sink = createLogSink({ dir, config: CONFIG, clock: new WallClock(), secrets: [] });
    const log = sink.logger('s');
    for (let i = 0; i < 1000; i++) log.fatal('x');
    const before = Date.now();
    await sink.close();
    expect(Date.now() - before).toBeLessThan(2500);
    expect(sink.status()['s']).toMatchObject({ state: 'closed', dropped: 1000 });
  });

  it('degrades when it may not be opened', async () => {
    await chmod(dir, 0o500);
    const sink = createLogSink({ dir, config: CONFIG, clock: new VirtualClock(START), secrets: [] });
    await unprivileged(async () => {
      sink.logger('s').info('one');
      await until(() => sink.status()['s']!.state === 'degraded');
    });
    await chmod(dir, 0o700);
  });

  it('degrades when a directory stands in its place, and recovers when that is gone', async () => {
    const clock = new VirtualClock(START);
    const sink = createLogSink({ dir: join(dir, 's.log'), config: CONFIG, clock, secrets: [] });
    await mkdir(join(dir, 's.log', 's.log'), { recursive: true });
    sink.logger('s').info('one');
    await until(() => sink.status()['s']!.state === 'degraded');
    await rm(join(dir, 's.log', 's.log'), { recursive: true });
    clock.advanceBy(2000);
    await until(() => sink.status()['s']!.state === 'open');
    await sink.close();
    expect((await readFile(join(dir, 's.log', 's.log'), 'utf8')).endsWith('one\n')).toBe(true);
  });
});

describe('a change of the configuration while it runs', () => {
  it('holds from the next line on, for loggers that were there before as well', async () => {
    const sink = sinkWith();
    const log = sink.logger('ema');
    log.debug('unseen');
    sink.configure({ ...CONFIG, level: 'debug', format: 'json' });
    log.debug('seen', { qty: dec('1.10') });
    sink.configure({ ...CONFIG, level: 'error' });
    log.warn('unseen as well');
    log.error('text again');
    await sink.close();
    const [json, text] = await lines('ema');
    expect(JSON.parse(json!)).toMatchObject({ level: 'debug', msg: 'seen', qty: 1.1 });
    expect(text).toMatch(/Z ERROR strategy=ema text again$/);
  });
});
