import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
// @ts-expect-error: a script, which has no types
import { portTaken } from '../../scripts/port-taken.mjs';
import { withFreeControlPort } from '../../src/cli/control-port.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Origin } from '../../src/config/types.ts';
import { TestDaemon } from '../doubles/daemon.ts';
import { qkt, temporaryDir } from './support.ts';

const start = (port: number | string) =>
  qkt(['daemon', 'start', '--state-dir', temporaryDir(), '--control-port', String(port)]);

it('says that a daemon holds the control port where one does, and how that is ended', async () => {
  const daemon = await TestDaemon.boot({});
  onTestFinished(() => daemon.close());
  const { port } = new URL(daemon.app.controlUrl);
  const { code, stderr } = await start(port);
  expect(code).toBe(1);
  expect(stderr).toContain(`a qkt daemon, process ${process.pid}, holds the control port ${port}\n`);
  expect(stderr).toContain('qkt daemon stop');
});

it('says that another program holds it where that is no daemon', async () => {
  const other = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await start(port);
  expect(code).toBe(1);
  expect(stderr).toContain(`another program holds the control port ${port}\n`);
  expect(stderr).toContain('--control-port');
});

it('tells a user of npm start what can be done there, where no port can be given', () => {
  const words: unknown = portTaken({ code: 'QKT_E_PORT_BUSY' });
  expect(words).toContain('qkt.config.yaml');
  expect(words).toContain('daemon stop');
  expect(words).not.toContain('--control-port');
  expect(portTaken(new Error('anything else'))).toBeUndefined();
});

it('is no reason to refuse a bounded run, unless that port was asked for', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { config, ...loaded } = await loadConfig({ env: {}, cwd: temporaryDir(), flags: {} });
  const busy = { ...config, http: { ...config.http, controlPort: port } };
  const portOf = async (origin: Origin) => {
    const origins = new Map([['/http/controlPort', origin]]);
    const source = { loaded: { ...loaded, config: busy, origins }, read: () => Promise.reject(new Error('not asked')) };
    return (await withFreeControlPort({ config: busy, source })).http.controlPort;
  };
  expect([await portOf('default'), await portOf('flag'), await portOf('file')]).toEqual([0, port, port]);
  await new Promise((resolve) => other.close(resolve));
  expect(await portOf('default')).toBe(port);
});
