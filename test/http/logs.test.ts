import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { call, eventually, LineReader, open, serveControl, serveStrategy } from './support.ts';

describe('GET /logs', () => {
  it('gives the last 200 lines as text unless said otherwise', async () => {
    const { port, strategy } = await serveStrategy();
    for (let i = 1; i <= 250; i++) strategy.logs.write(`line ${i}`);
    const answer = await call(port, '/logs');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const lines = answer.text.split('\n');
    expect([lines.length, lines[0], lines[199], lines[200]]).toEqual([201, 'line 51', 'line 250', '']);
    expect(strategy.logs.queries).toEqual([{ lines: 200, format: 'text' }]);
  });

  it('hands lines, since, level and format to the log', async () => {
    const { port, strategy } = await serveStrategy();
    const answer = await call(port, '/logs?lines=5&since=2026-11-22T10:30Z&level=warn&format=json');
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(strategy.logs.queries).toEqual([
      { lines: 5, since: Date.UTC(2026, 10, 22, 10, 30), level: 'warn', format: 'json' },
    ]);
  });

  it.each(['2026-11-22T10:30:00Z', '2026-11-22T10:30:00.123Z'])('takes the time %s', async (since) => {
    const { port, strategy } = await serveStrategy();
    expect((await call(port, `/logs?since=${since}`)).status).toBe(200);
    expect(strategy.logs.queries[0]!.since).toBe(Date.parse(since));
  });

  it('follows what is written, with a blank line every 15 s, until the reader goes', async () => {
    const clock = new VirtualClock();
    const { port, strategy } = await serveStrategy({ clock });
    strategy.logs.write('before');
    const reader = new LineReader(await open(port, '/logs?follow=true'));
    await reader.until(({ lines }) => lines.length === 1);
    strategy.logs.write('after');
    await reader.until(({ lines }) => lines.length === 2);
    clock.advanceBy(15_000);
    await reader.until(({ lines }) => lines.length === 3);
    expect(reader.lines).toEqual(['before', 'after', '']);
    reader.close();
    await eventually(() => clock.nextDue() === Infinity);
  });

  it('ends the stream and reports when the log fails half way', async () => {
    const { port, strategy, failures } = await serveStrategy();
    strategy.logs.follow = async function* () {
      yield await Promise.resolve('last words');
      throw new Error('disk gone');
    };
    const reader = new LineReader(await open(port, '/logs?follow=true'));
    await reader.end();
    expect(failures).toHaveLength(1);
  });

  it('of a strategy is there through the daemon too', async () => {
    const { port, daemon } = await serveControl();
    daemon.strategies.get('ema-cross')!.logs.write('hello');
    expect((await call(port, '/daemon/strategies/ema-cross/logs')).text).toBe('hello\n');
  });
});
