import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VirtualClock, WallClock } from '../../src/clock.ts';
import { OperationRegistry } from '../../src/http/operations.ts';
import { HttpCounters } from '../../src/http/http-counters.ts';
import { ReaderShare } from '../../src/http/reader-share.ts';
import { createStrategyServer } from '../../src/http/strategy-server.ts';
import { TokenStore } from '../../src/http/tokens.ts';
import { ScriptedStrategy, STOPPED } from '../doubles/strategy-port.ts';
import { call, eventually, LineReader, open, RawConnection, serveStrategy, temporaryDir } from './support.ts';

describe('a closing server', () => {
  it('ends its streams and long polls in order, and does not hang', async () => {
    // On a clock that stands still there is no deadline to fall back on.
    const { port, strategy, close } = await serveStrategy({ clock: new VirtualClock() });
    const stream = new LineReader(await open(port, '/events?follow=true'));
    const logs = new LineReader(await open(port, '/logs?follow=true'));
    const poll = call(port, '/events?since=0');
    await eventually(() => strategy.events.changed$.observers.length === 2);
    await close();
    await Promise.all([stream.end(), logs.end()]);
    expect([stream.response.complete, logs.response.complete]).toEqual([true, true]);
    expect((await poll).status).toBe(200);
  });

  it('cuts what does not end within a second', async () => {
    const { port, token, strategy, close } = await serveStrategy();
    strategy.onStop = () => new Promise(() => undefined);
    const stop = call(port, '/stop?wait=60', { method: 'POST', token }).catch((error: unknown) => error);
    const silent = new RawConnection(port);
    await eventually(() => strategy.stops.length === 1);
    const start = performance.now();
    await close();
    expect(performance.now() - start).toBeLessThan(2500);
    expect(await stop).toBeInstanceOf(Error);
    await silent.until(({ closed }) => closed);
  });

  it('lets a command under way answer', async () => {
    const { port, token, strategy, close } = await serveStrategy();
    let settle: (() => void) | undefined;
    strategy.onStop = () => new Promise((resolve) => (settle = () => resolve(STOPPED)));
    const stop = call(port, '/stop', { method: 'POST', token });
    await eventually(() => strategy.stops.length === 1);
    const closing = close();
    settle?.();
    expect((await stop).status).toBe(200);
    await closing;
  });

  it('may be closed again', async () => {
    const { close } = await serveStrategy();
    await close();
    await close();
  });
});

it('a server whose port is taken says EADDRINUSE and can try the next one', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const stateDir = temporaryDir();
  const clock = new WallClock();
  const server = createStrategyServer({
    strategy: new ScriptedStrategy(),
    operations: new OperationRegistry(clock),
    clock,
    tokens: new TokenStore(stateDir, clock),
    version: '0.1.0',
    bind: '127.0.0.1',
    expose: false,
    allowedHosts: [],
    share: new ReaderShare(clock),
    historyShare: new ReaderShare(clock),
    counters: new HttpCounters(),
    report: () => undefined,
  });
  const taken = (other.address() as AddressInfo).port;
  await expect(server.listen({ port: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const port = await server.listen({ port: 0 });
  expect((await call(port, '/health')).status).toBe(200);
  await server.close();
  other.close();
});
