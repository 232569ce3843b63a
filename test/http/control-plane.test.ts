import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import { QktError } from '../../src/errors.ts';
import { listenControl } from '../../src/http/control-server.ts';
import { OperationRegistry } from '../../src/http/operations.ts';
import { HttpCounters } from '../../src/http/http-counters.ts';
import { ReaderShare } from '../../src/http/reader-share.ts';
import { TokenStore } from '../../src/http/tokens.ts';
import { ScriptedDaemon } from '../doubles/daemon-port.ts';
import { call, serveControl, temporaryDir } from './support.ts';

describe('the control plane', () => {
  it('tells the health of the daemon as 200 or 503', async () => {
    const { port, daemon } = await serveControl();
    const well = await call(port, '/daemon/health');
    expect(well.status).toBe(200);
    expect(well.json()).toMatchObject({
      ok: true,
      status: 'running',
      pid: process.pid,
      version: '0.1.0',
      strategies: { total: 1, trading: 1, halted: 0 },
    });
    daemon.healthView = { ...daemon.healthView, ok: false, status: 'starting' };
    expect((await call(port, '/daemon/health')).status).toBe(503);
  });

  it('lists every strategy and every gateway as arrays', async () => {
    const { port } = await serveControl({ daemon: new ScriptedDaemon('a', 'b') });
    const rows = (await call(port, '/daemon/list')).json() as unknown as Record<string, unknown>[];
    expect(rows.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(rows[0]).toEqual({
      name: 'a',
      version: 1,
      state: 'trading',
      halted: false,
      port: 47_000,
      uptimeMs: 5000,
      equity: 9997.6,
      unrealized: -2.4,
      realized: null,
      trades: 1,
      restarts: 0,
      health: 'ok',
    });
    expect((await call(port, '/daemon/gateways')).json()).toMatchObject([{ name: 'paper', state: 'ready' }]);
  });

  it("gives the child's own answers, status code included", async () => {
    const { port, daemon, token } = await serveControl();
    const child = daemon.strategies.get('ema-cross')!;
    child.healthView = { ...child.healthView, ok: false, broken: ['tickLoop'] };
    const base = '/daemon/strategies/ema-cross';
    expect((await call(port, `${base}/health`)).status).toBe(503);
    expect((await call(port, `${base}/health/ready`)).status).toBe(200);
    expect((await call(port, `${base}/status`)).json()).toMatchObject({ strategy: 'ema-cross', equity: 9997.6 });
    expect((await call(port, `${base}/machine?format=mermaid`)).text).toContain('stateDiagram');
    expect((await call(port, `${base}/stop?flatten=true`, { method: 'POST', token })).status).toBe(200);
    expect(child.stops).toEqual([{ flatten: true, timeoutMs: 30_000, by: 'owner' }]);
  });

  it.each(['flatten=maybe', 'timeoutMs=oops'])('refuses a stop with %s as 400', async (query) => {
    const { port, token } = await serveControl();
    const path = `/daemon/strategies/ema-cross/stop?${query}`;
    expect((await call(port, path, { method: 'POST', token })).status).toBe(400);
  });

  it('deploys with 201 and the port', async () => {
    const { port, token, daemon } = await serveControl();
    const body = { file: '/x/a.ts', name: 'fresh', params: { fast: 5 }, replace: true };
    const answer = await call(port, '/daemon/strategies', { method: 'POST', token, body });
    expect(answer.status).toBe(201);
    expect(answer.json()).toEqual({ name: 'fresh', port: 47_001, state: 'warming', version: 1 });
    expect(daemon.commands).toEqual([{ command: 'deploy', ...body, by: 'owner' }]);
  });

  it("gives the daemon's refusal of a deploy with file, line and column", async () => {
    const { port, token, daemon } = await serveControl();
    const location = { file: '/x/a.ts', line: 3, column: 7 };
    daemon.onDeploy = () => Promise.reject(new QktError('QKT_E_STRATEGY_SYNTAX', 'expected )', { location }));
    const answer = await call(port, '/daemon/strategies', { method: 'POST', token, body: { file: '/x/a.ts' } });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'QKT_E_STRATEGY_SYNTAX', ...location });
    expect(answer.json().detail).toBe('/x/a.ts:3:7: expected )');
  });

  it.each(['daemon', '../x', ''])('refuses to deploy under the name %j', async (name) => {
    const { port, token, daemon } = await serveControl();
    const answer = await call(port, '/daemon/strategies', { method: 'POST', token, body: { file: 'a.ts', name } });
    expect([answer.status, answer.json().code]).toEqual([400, 'QKT_E_STRATEGY_NAME']);
    expect(daemon.commands).toEqual([]);
  });

  it('starts, restarts and removes by name', async () => {
    const { port, token, daemon } = await serveControl();
    const base = '/daemon/strategies/ema-cross';
    expect((await call(port, `${base}/start`, { method: 'POST', token })).json()).toMatchObject({ state: 'trading' });
    expect((await call(port, `${base}/restart`, { method: 'POST', token })).status).toBe(200);
    const removed = await call(port, base, { method: 'DELETE', token });
    expect([removed.status, removed.json()]).toEqual([200, { name: 'ema-cross', removed: true }]);
    expect(daemon.commands.map(({ command, name, by }) => [command, name, by])).toEqual([
      ['start', 'ema-cross', 'owner'],
      ['restart', 'ema-cross', 'owner'],
      ['remove', 'ema-cross', 'owner'],
    ]);
  });

  it('refuses to remove one that is not flat with 409', async () => {
    const { port, token, daemon } = await serveControl();
    daemon.onRemove = () => Promise.reject(new QktError('QKT_E_NOT_FLAT', 'it holds EURUSD 10000'));
    const answer = await call(port, '/daemon/strategies/ema-cross', { method: 'DELETE', token });
    expect([answer.status, answer.json().code]).toEqual([409, 'QKT_E_NOT_FLAT']);
  });

  it('answers a shutdown before it ends', async () => {
    const { port, token, daemon, close } = await serveControl();
    daemon.shutdown = () => {
      void close();
      return [];
    };
    const answer = await call(port, '/daemon/shutdown', { method: 'POST', token });
    expect([answer.status, answer.json()]).toEqual([202, { status: 'stopping' }]);
    await close();
    await expect(call(port, '/daemon/health')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the unix socket', () => {
  it('has the same routes, is private, and asks neither Host nor Origin but the token', async () => {
    const { socketPath, token, stateDir, daemon } = await serveControl();
    expect(socketPath).toBe(join(stateDir, 'control.sock'));
    expect(statSync(socketPath!).mode & 0o777).toBe(0o600);
    const options = { socketPath: socketPath!, headers: { host: 'anything', origin: 'http://evil.example' } };
    expect((await call(0, '/daemon/health', options)).status).toBe(200);
    const stop = '/daemon/strategies/ema-cross/stop';
    expect((await call(0, stop, { ...options, method: 'POST' })).status).toBe(401);
    expect((await call(0, stop, { ...options, method: 'POST', token })).status).toBe(200);
    expect(daemon.strategies.get('ema-cross')!.stops).toHaveLength(1);
  });

  it('is removed at the end, and one that a crash left is replaced', async () => {
    const stateDir = temporaryDir();
    const crashed = createServer().listen(join(stateDir, 'control.sock'));
    const control = await serveControl({ stateDir });
    expect((await call(0, '/daemon/health', { socketPath: control.socketPath! })).status).toBe(200);
    await control.close();
    expect(() => statSync(control.socketPath!)).toThrow('ENOENT');
    crashed.close();
  });

  it.each(['a plain file', 'a link'])('is refused where %s has its name', async (what) => {
    const stateDir = temporaryDir();
    const path = join(stateDir, 'control.sock');
    if (what === 'a link') symlinkSync('/tmp', path);
    else writeFileSync(path, 'mine');
    await expect(serveControl({ stateDir })).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
  });

  it('is left out where its path is too long', async () => {
    const stateDir = join(temporaryDir(), 'x'.repeat(90));
    mkdirSync(stateDir);
    const { port, socketPath } = await serveControl({ stateDir });
    expect(socketPath).toBeNull();
    expect((await call(port, '/daemon/health')).status).toBe(200);
  });
});

const options = (stateDir: string) => ({
  clock: new WallClock(),
  tokens: new TokenStore(stateDir, new WallClock()),
  version: '0.1.0',
  bind: '127.0.0.1',
  expose: false,
  allowedHosts: [],
  share: new ReaderShare(new WallClock()),
  historyShare: new ReaderShare(new WallClock()),
  counters: new HttpCounters(),
  report: () => undefined,
  operations: new OperationRegistry(new WallClock()),
  daemon: new ScriptedDaemon('a'),
  stateDir,
});

describe('where the control plane listens', () => {
  it('a taken port is a clear error', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(listenControl({ ...options(temporaryDir()), port })).rejects.toMatchObject({
      code: 'QKT_E_PORT_BUSY',
      message: `another program holds the control port ${port}`,
    });
    other.close();
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])(
    '%s is refused unless it is asked for by name',
    async (bind) => {
      await expect(listenControl({ ...options(temporaryDir()), bind, port: 0 })).rejects.toMatchObject({
        code: 'QKT_E_BIND',
      });
    },
  );

  it('beyond loopback reading needs a token of scope read', async () => {
    const { port, token, tokens } = await serveControl({ bind: '0.0.0.0', expose: true });
    expect((await call(port, '/daemon/health')).status).toBe(401);
    expect((await call(port, '/daemon/events?follow=true')).status).toBe(401);
    expect((await call(port, '/openapi.json')).status).toBe(401);
    const reader = tokens.add('scraper', 'read');
    expect((await call(port, '/daemon/health', { token: reader })).status).toBe(200);
    expect((await call(port, '/daemon/health', { token })).status).toBe(200);
    const stop = await call(port, '/daemon/strategies/ema-cross/stop', { method: 'POST', token: reader });
    expect(stop.status).toBe(403);
  });
});
