import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { call, eventually, LineReader, open, RawConnection, serveControl, serveStrategy } from './support.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n`;

/** A reader that asks and then does not read. */
function stuckReader(port: number, path: string): RawConnection {
  const connection = new RawConnection(port);
  connection.socket.pause();
  connection.send(get(path).replace('PORT', String(port)));
  return connection;
}

const TEXT = 'x'.repeat(2000);

/** Says so much that a reader who does not read is behind: the kernel takes some megabytes before that. */
async function fillUntilStuck({ events }: ScriptedStrategy): Promise<void> {
  const readers = events.changed$.observers.length;
  for (let stuck = false; !stuck;) {
    const before = events.reads;
    for (let i = 0; i < 500; i++) events.say(TEXT);
    // Those that keep up look once or twice; one that is not stuck yet would look for every page.
    stuck = await eventually(() => events.reads - before > 2 * (readers - 1), 500).then(
      () => false,
      () => true,
    );
  }
}

describe('a reader that does not keep up', () => {
  it('is not pulled for while it is 256 KiB behind, and finds a gap when it reads again', async () => {
    const { port, strategy } = await serveStrategy();
    const reader = stuckReader(port, '/events?follow=true');
    await eventually(() => strategy.events.changed$.observed);
    await fillUntilStuck(strategy);
    for (let i = 0; i < 2000; i++) strategy.events.say(TEXT);
    const last = strategy.events.last();
    reader.socket.resume();
    await reader.until(({ received }) => received.includes(`"seq":${last},`));
    const matches = (pattern: RegExp): number[][] =>
      [...reader.received.matchAll(pattern)].map((match) => match.slice(1).map(Number));
    const got = new Set(matches(/\{"seq":(\d+),/g).map(([seq]) => seq));
    const stated = matches(/\{"type":"gap","from":(\d+),"to":(\d+)\}/g).flatMap(([from, to]) =>
      Array.from({ length: to! - from! + 1 }, (_, i) => from! + i),
    );
    expect(stated.length).toBeGreaterThan(0);
    expect(stated).toEqual(Array.from({ length: last }, (_, i) => i + 1).filter((seq) => !got.has(seq)));
    reader.socket.destroy();
  });

  it('is cut when it has not drained for 30 s, and the others go on', async () => {
    const clock = new VirtualClock();
    const { port, strategy } = await serveStrategy({ clock });
    const stuck = stuckReader(port, '/events?follow=true');
    const good = new LineReader(await open(port, '/events?follow=true&types=halt'));
    await eventually(() => strategy.events.changed$.observers.length === 2);
    await fillUntilStuck(strategy);
    clock.advanceBy(29_999);
    expect(strategy.events.changed$.observers.length).toBe(2);
    clock.advanceBy(1);
    await eventually(() => strategy.events.changed$.observers.length === 1);
    stuck.socket.resume();
    await stuck.until(({ closed }) => closed);
    strategy.events.add({ type: 'halt', rule: 'manual', scope: 'strategy', reason: 'test', by: 'owner' });
    await good.until(({ lines }) => lines.some((line) => line.includes('"type":"halt"')));
    good.close();
  });
});

describe('places for streams', () => {
  it('are 32, then 503 with Retry-After, while health and commands always have room', async () => {
    const { port, token, strategy } = await serveStrategy();
    const streams = await Promise.all(Array.from({ length: 32 }, () => open(port, '/events?follow=true')));
    for (const path of ['/events?follow=true', '/logs?follow=true', '/events?since=0']) {
      const refused = await call(port, path);
      expect(refused.status).toBe(503);
      expect(refused.headers['content-type']).toBe('application/problem+json');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await call(port, '/health')).status).toBe(200);
    expect((await call(port, '/events')).status).toBe(200);
    expect((await call(port, '/stop', { method: 'POST', token })).status).toBe(200);
    streams[0]!.destroy();
    await eventually(() => strategy.events.changed$.observers.length === 31);
    const again = await open(port, '/events?follow=true');
    expect(again.statusCode).toBe(200);
    for (const stream of [...streams, again]) stream.destroy();
  });

  it('of the control port and of the unix socket are counted apart', async () => {
    const { port, socketPath } = await serveControl();
    const streams = await Promise.all(Array.from({ length: 32 }, () => open(port, '/daemon/events?follow=true')));
    expect((await call(port, '/daemon/events?follow=true')).status).toBe(503);
    const other = await open(port, '/daemon/events?follow=true', { socketPath: socketPath! });
    expect(other.statusCode).toBe(200);
    for (const stream of [...streams, other]) stream.destroy();
  });
});
