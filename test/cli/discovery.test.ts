import { spawnSync } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stateDirPath } from '../../src/cli/state-dir-path.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { serveControl } from '../http/support.ts';
import { qkt, temporaryDir } from './support.ts';

/** A state directory as a daemon on TCP alone leaves it: its path is too long for a socket, say. */
function withoutSocket(stateDir: string, port: number | string, pid: number): void {
  rmSync(join(stateDir, 'control.sock'), { force: true });
  writeFileSync(join(stateDir, 'control.port'), `${port}\n`);
  writeFileSync(join(stateDir, 'daemon.lock'), JSON.stringify({ pid }));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const expectNoDaemon = async (stateDir: string): Promise<void> => {
  const { code, stdout, stderr } = await qkt(['list', '--state-dir', stateDir]);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('qkt daemon start');
};

describe('finding the daemon', () => {
  it('prefers the socket, even where control.port is wrong', async () => {
    const { stateDir } = await serveControl();
    writeFileSync(join(stateDir, 'control.port'), '1\n');
    expect((await qkt(['list', '--state-dir', stateDir])).code).toBe(0);
  });

  it('falls back to the control port where there is no socket, commands included', async () => {
    const { stateDir, port, daemon } = await serveControl();
    withoutSocket(stateDir, port, process.pid);
    expect((await qkt(['stop', 'ema-cross', '--state-dir', stateDir])).code).toBe(0);
    expect(daemon.strategies.get('ema-cross')!.stops).toHaveLength(1);
  });

  it('exits 3 where there is no state directory', () => expectNoDaemon(join(temporaryDir(), 'none')));

  it.each(['', 'abc', '0', '70000', '47101x', '-1', '4.5'])(
    'reads a control.port of "%s" as absent',
    async (content) => {
      const stateDir = temporaryDir();
      withoutSocket(stateDir, content, process.pid);
      await expectNoDaemon(stateDir);
    },
  );

  it('exits 3 when a crash left a port that refuses, or a socket that nobody serves', async () => {
    const refusing = temporaryDir();
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    withoutSocket(refusing, port, process.pid);
    await expectNoDaemon(refusing);
    writeFileSync(join(refusing, 'control.sock'), '');
    await expectNoDaemon(refusing);
  });

  it('names the process of a daemon that runs while its socket and port file are gone', async () => {
    const stateDir = temporaryDir();
    const daemon = new QktProcess('daemon', 'start', '--state-dir', stateDir, '--control-port', '0');
    const pid = await daemon.says(/process (\d+)/);
    for (const name of ['control.sock', 'control.port']) rmSync(join(stateDir, name), { force: true });
    const { code, stderr } = await qkt(['list', '--state-dir', stateDir]);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`process ${pid} holds the state directory`) as string]);
    expect(stderr).toMatch(new RegExp(`qkt doctor; kill -TERM ${pid} ends it in order`));
    expect(stderr).not.toContain('no daemon runs');
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect((await qkt(['list', '--state-dir', stateDir])).stderr).toContain('no daemon runs');
  });

  it('is not misled when another daemon has taken the port of a dead one', async () => {
    const { port, daemon } = await serveControl();
    const ofTheDead = temporaryDir();
    withoutSocket(ofTheDead, port, spawnSync(process.execPath, ['--version']).pid);
    await expectNoDaemon(ofTheDead);
    expect((await qkt(['daemon', 'stop', '--state-dir', ofTheDead])).code).toBe(3);
    expect(daemon.commands).toEqual([]);
  });

  it('is not misled, and gives its token to nobody, when another program has the port', async () => {
    const seen: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('[]');
    });
    const stateDir = temporaryDir();
    withoutSocket(stateDir, await listening(server), process.pid);
    writeFileSync(join(stateDir, 'control.token'), 'a'.repeat(64), { mode: 0o600 });
    await expectNoDaemon(stateDir);
    expect(seen).toEqual([undefined]);
  });
});

describe('the state directory', () => {
  it('is --state-dir, QKT_STATE_DIR, XDG_STATE_HOME/qkt, ~/.local/state/qkt, in this order', () => {
    const env = { QKT_STATE_DIR: '/env', XDG_STATE_HOME: '/xdg', HOME: '/home/me' };
    expect(stateDirPath('flag', env, '/cwd')).toBe('/cwd/flag');
    expect(stateDirPath(undefined, env, '/cwd')).toBe('/env');
    expect(stateDirPath(undefined, { ...env, QKT_STATE_DIR: '' }, '/cwd')).toBe('/xdg/qkt');
    expect(stateDirPath(undefined, { HOME: '/home/me' }, '/cwd')).toBe('/home/me/.local/state/qkt');
  });
});
