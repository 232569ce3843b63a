import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { parseLogLine } from '../../src/observe/log-line.ts';
import { CONFIG, everyLine, scratch, sinkIn } from './support.ts';

const START = Date.parse('2026-11-22T07:28:33.123Z');

async function scene(config: Partial<typeof CONFIG> = {}) {
  const dir = await scratch();
  const clock = new VirtualClock(START);
  const sink = sinkIn(dir, { clock, config: { ...CONFIG, ...config } });
  const lines = async (log = 's'): Promise<readonly string[]> => {
    await sink.close();
    return everyLine(dir, log);
  };
  /** Message, how often it had come again, and seconds since the start. */
  const told = async (log?: string) =>
    (await lines(log)).map((line) => {
      const { msg, fields, time } = parseLogLine(line)!;
      return [msg, fields['repeated'], (time - START) / 1000];
    });
  return { clock, sink, lines, told };
}

describe('lines that repeat the one before them', () => {
  it('are folded: the first at once, then their number when another line comes', async () => {
    const { clock, sink, told } = await scene();
    const log = sink.logger('s');
    for (let i = 0; i < 100; i++) log.warn('feed is stale', { symbol: 'EURUSD' });
    clock.advanceBy(1000);
    log.info('other');
    log.warn('feed is stale', { symbol: 'EURUSD' });
    expect(await told()).toEqual([
      ['feed is stale', undefined, 0],
      ['feed is stale', 99, 1],
      ['other', undefined, 1],
      ['feed is stale', undefined, 1],
    ]);
  });

  it('are told every five seconds while they go on, and come as they are when they come seldom', async () => {
    const { clock, sink, told } = await scene();
    const log = sink.logger('s');
    for (let i = 0; i < 24; i++) {
      log.info('same');
      clock.advanceBy(500);
    }
    clock.advanceBy(10_000);
    log.info('same');
    const all = await told();
    expect(all.map(([, repeated]) => repeated ?? 0)).toEqual([0, 10, 10, 3, 0]);
    expect(all.map(([, repeated]) => (repeated ?? 1) as number).reduce((sum, count) => sum + count, 0)).toBe(25);
  });

  it('are counted to the end, also of a process that ends at once', async () => {
    const { sink, lines } = await scene({ format: 'json' });
    const log = sink.logger('s');
    for (let i = 0; i < 5; i++) log.author('info', 'x', { a: { b: 1 } });
    sink.flushSync();
    expect((await lines()).map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'info', time: '2026-11-22T07:28:33.123Z', strategy: 's', 'log.a': { b: 1 }, msg: 'x' },
      { level: 'info', time: '2026-11-22T07:28:33.123Z', strategy: 's', 'log.a': { b: 1 }, msg: 'x', repeated: 4 },
    ]);
  });

  it('differ by level, fields and strategy', async () => {
    const { sink, told } = await scene();
    const [s, other] = [sink.logger('s'), sink.logger('t')];
    for (let i = 0; i < 3; i++) {
      s.info('m', { a: 1 });
      other.info('m', { a: 1 });
    }
    s.warn('m', { a: 1 });
    s.warn('m', { a: 2 });
    s.warn('m', { a: '2' });
    const shown = (await told()).map(([, repeated]) => repeated ?? 0);
    expect(shown).toEqual([0, 2, 0, 0, 0]);
    expect((await told('t')).map(([, repeated]) => repeated ?? 0)).toEqual([0, 2]);
    expect(await told('daemon')).toHaveLength(7);
  });

  it('of a loop without end take no more than a line every five seconds', async () => {
    const { clock, sink, lines } = await scene();
    const log = sink.logger('s');
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 1000; i++) log.author('error', 'again');
      clock.advanceBy(1000);
    }
    expect((await lines()).length).toBeLessThanOrEqual(14);
  });
});
