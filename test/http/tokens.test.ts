import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock, WallClock } from '../../src/clock.ts';
import { SCOPES, type Scope } from '../../src/http/scopes.ts';
import { TokenStore } from '../../src/http/tokens.ts';
import { call, eventually, serveControl, serveStrategy, temporaryDir } from './support.ts';

const store = (dir: string): TokenStore => new TokenStore(dir, new WallClock());
const refusedAs = (what: string) =>
  expect.objectContaining({ code: 'QKT_E_TOKEN', message: expect.stringContaining(what) });

describe("the owner's token", () => {
  it('is 32 random bytes in a file of mode 0600, the same at the next start', () => {
    const dir = temporaryDir();
    store(dir);
    const path = join(dir, 'control.token');
    const token = readFileSync(path, 'utf8');
    expect(Buffer.from(token, 'hex')).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(store(dir).verify(`Bearer ${token}`)).toEqual({ name: 'owner', scope: 'admin' });
    expect(readFileSync(path, 'utf8')).toBe(token);
  });

  it('is never written or read through a link', () => {
    const dir = temporaryDir();
    const target = join(dir, 'target');
    symlinkSync(target, join(dir, 'control.token'));
    expect(() => store(dir)).toThrow(refusedAs('symbolic link'));
    expect(existsSync(target)).toBe(false);
    writeFileSync(target, 'a'.repeat(64), { mode: 0o600 });
    expect(() => store(dir)).toThrow(refusedAs('symbolic link'));
  });

  it.each([
    ['open to other users', (path: string) => (writeFileSync(path, 'a'.repeat(64)), chmodSync(path, 0o640))],
    ['damaged', (path: string) => writeFileSync(path, 'short', { mode: 0o600 })],
    ['damaged', (path: string) => writeFileSync(path, '', { mode: 0o600 })],
    ['not a plain file', (path: string) => mkdirSync(path, { mode: 0o700 })],
    ['not a plain file', (path: string) => execFileSync('mkfifo', ['-m', '600', path])],
    [
      'hard link',
      (path: string) => (writeFileSync(`${path}.x`, 'a'.repeat(64), { mode: 0o600 }), linkSync(`${path}.x`, path)),
    ],
  ])('is not trusted when its file is %s', (what, prepare) => {
    const dir = temporaryDir();
    prepare(join(dir, 'control.token'));
    expect(() => store(dir)).toThrow(refusedAs(what));
  });
});

describe('named tokens', () => {
  it('are shown once, listed without their secret, and kept only as hashes', () => {
    const dir = temporaryDir();
    const tokens = store(dir);
    const secret = tokens.add('night-shift', 'halt');
    expect(tokens.verify(`Bearer ${secret}`)).toEqual({ name: 'night-shift', scope: 'halt' });
    expect(tokens.list()).toEqual([
      { name: 'owner', scope: 'admin', createdAt: null },
      { name: 'night-shift', scope: 'halt', createdAt: expect.stringMatching(/Z$/) },
    ]);
    const file = join(dir, 'tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
  });

  it('made or revoked by another process count at once', () => {
    const dir = temporaryDir();
    const [daemon, cli] = [store(dir), store(dir)];
    const secret = cli.add('scraper', 'read');
    expect(daemon.verify(`Bearer ${secret}`)).toEqual({ name: 'scraper', scope: 'read' });
    cli.revoke('scraper');
    expect(daemon.verify(`Bearer ${secret}`)).toBeUndefined();
  });

  it.each(['', 'owner', 'a b', '../x', 'x'.repeat(65), 'a\nb'])('cannot be named %j', (name) => {
    expect(() => store(temporaryDir()).add(name, 'read')).toThrow(refusedAs('name'));
  });

  it('have one name each, and only one that exists can be revoked', () => {
    const tokens = store(temporaryDir());
    tokens.add('a', 'read');
    expect(() => tokens.add('a', 'admin')).toThrow(refusedAs('already'));
    expect(() => tokens.revoke('b')).toThrow(refusedAs('no token named b'));
    expect(() => tokens.revoke('owner')).toThrow(refusedAs('no token named owner'));
    expect(tokens.list()).toHaveLength(2);
  });

  it.each([
    ['is damaged', (path: string) => writeFileSync(path, '{"tokens":[{"name":"x","scope":"root"}]}', { mode: 0o600 })],
    ['is open', (path: string) => (writeFileSync(path, '{"tokens":[]}'), chmodSync(path, 0o644))],
    ['is a symbolic link', (path: string) => symlinkSync('/dev/null', path)],
  ])('give nobody access when their file %s, while the owner still gets in', (what, prepare) => {
    const dir = temporaryDir();
    const tokens = store(dir);
    prepare(join(dir, 'tokens.json'));
    const owner = readFileSync(join(dir, 'control.token'), 'utf8');
    expect(tokens.verify(`Bearer ${owner}`)?.name).toBe('owner');
    expect(tokens.verify(`Bearer ${'0'.repeat(64)}`)).toBeUndefined();
    expect(() => tokens.list()).toThrow(refusedAs(what));
  });
});

describe('a change', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic b3duZXI6eA==',
    'Bearer wrong',
    'bearer\t',
    `Bearer ${'x'.repeat(600)}`,
  ])('with the authorization %j is 401 and says how to get a token', async (authorization) => {
    const { port, strategy } = await serveStrategy();
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await call(port, '/stop', { method: 'POST', headers });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json().detail).toMatch(/control\.token.*qkt token add/);
    expect(strategy.stops).toEqual([]);
  });

  it('does not take a token from the query', async () => {
    const { port, token, strategy } = await serveStrategy();
    for (const name of ['token', 'access_token', 'authorization']) {
      expect((await call(port, `/stop?${name}=${token}`, { method: 'POST' })).status).toBe(401);
    }
    expect(strategy.stops).toEqual([]);
  });

  it('needs the scope of its kind', async () => {
    const { port, tokens } = await serveControl();
    const base = '/daemon/strategies/ema-cross';
    const needed: readonly (readonly [string, string, Scope, unknown?])[] = [
      ['POST', `${base}/stop`, 'halt'],
      ['POST', '/daemon/strategies', 'admin', { file: 'a.ts' }],
      ['POST', `${base}/start`, 'admin'],
      ['POST', `${base}/restart`, 'admin'],
      ['DELETE', base, 'admin'],
      ['POST', '/daemon/shutdown', 'admin'],
    ];
    for (const scope of SCOPES) {
      const token = tokens.add(`t-${scope}`, scope);
      for (const [method, path, need, body] of needed) {
        const { status } = await call(port, path, { method, token, body });
        const allowed = SCOPES.indexOf(scope) >= SCOPES.indexOf(need);
        expect([scope, path, status < 300 ? 'done' : status]).toEqual([scope, path, allowed ? 'done' : 403]);
      }
    }
  });

  it('is refused with the scope that it needs', async () => {
    const { port, tokens } = await serveControl();
    const token = tokens.add('reader', 'read');
    const answer = await call(port, '/daemon/strategies/ema-cross/stop', { method: 'POST', token });
    expect(answer.json()).toMatchObject({ status: 403, code: 'QKT_E_FORBIDDEN' });
    expect(answer.json().detail).toContain('halt');
  });
});

describe('failed authentication', () => {
  it('is answered late, the later the more of it, and counted over all servers of a daemon', async () => {
    const clock = new VirtualClock();
    const { port, tokens } = await serveStrategy({ clock });
    const other = await serveControl({ clock, tokens });
    let answered = 0;
    const wrong = (where: number, path: string): void =>
      void call(where, path, { method: 'POST', token: 'wrong' }).then(() => (answered += 1));
    for (let i = 0; i < 10; i++) wrong(port, '/stop');
    for (let i = 0; i < 10; i++) wrong(other.port, '/daemon/shutdown');
    await eventually(() => tokens.failures.total === 20);
    expect(answered).toBe(0);
    clock.advanceBy(100);
    await eventually(() => answered === 1);
    clock.advanceBy(1899);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answered).toBeLessThan(20);
    clock.advanceBy(1);
    await eventually(() => answered === 20);
  });

  it('never holds up a valid stop', async () => {
    const clock = new VirtualClock();
    const { port, token, tokens, strategy } = await serveStrategy({ clock });
    for (let i = 0; i < 60; i++) void call(port, '/stop', { method: 'POST', token: 'wrong' }).catch(() => undefined);
    await eventually(() => tokens.failures.total === 60);
    expect((await call(port, '/stop', { method: 'POST', token })).status).toBe(200);
    expect(strategy.stops).toHaveLength(1);
    clock.advanceBy(2000);
  });
});
