import { describe, expect, it } from 'vitest';
import { call, RawConnection, rawStatus, serveControl, serveStrategy } from './support.ts';

const DAEMON_PATHS = ['/daemon/health', '/daemon/strategies', '/nope'];

describe('the Host header', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', 'LocalHost'])('may be %s with our port', async (name) => {
    const { port } = await serveStrategy();
    expect((await call(port, '/health', { headers: { host: `${name}:${port}` } })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    '127.0.0.1.evil.example:PORT',
    '127.0.0.2:PORT',
    '0.0.0.0:PORT',
    'localhost.:PORT',
    'user@localhost:PORT',
    '127.0.0.1:PORT, evil.example',
  ])('%j is refused with 421 on every path', async (template) => {
    const { port } = await serveControl();
    const host = template.replace('PORT', String(port));
    for (const path of DAEMON_PATHS) {
      const answer = await call(port, path, { headers: { host } });
      expect([answer.status, answer.json().code]).toEqual([421, 'QKT_E_FOREIGN_HOST']);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
  });

  it.each([
    ['is missing in HTTP/1.0', 'GET /health HTTP/1.0\r\n\r\n'],
    ['is missing in HTTP/1.1', 'GET /health HTTP/1.1\r\n\r\n'],
    ['is empty', 'GET /health HTTP/1.1\r\nHost:\r\n\r\n'],
    ['is doubled', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n\r\n'],
    ['is doubled with another', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nhOST: evil.example\r\n\r\n'],
    ['is missing on an unknown path', 'GET /nope HTTP/1.0\r\n\r\n'],
    ['is missing on a malformed path', 'GET /%zz HTTP/1.0\r\n\r\n'],
  ])('that %s is refused with 421', async (_what, text) => {
    const { port } = await serveStrategy();
    expect(await rawStatus(port, text.replaceAll('PORT', String(port)))).toBe(421);
  });

  it('is enough for HTTP/1.0', async () => {
    const { port } = await serveStrategy();
    expect(await rawStatus(port, `GET /health HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toBe(200);
  });

  it('may be a name that was allowed, with our port or behind a proxy', async () => {
    const { port } = await serveStrategy({ allowedHosts: ['Qkt.Example'] });
    for (const host of ['qkt.example', `QKT.example:${port}`]) {
      expect((await call(port, '/health', { headers: { host } })).status).toBe(200);
    }
    const host = 'qkt.example';
    expect((await call(port, '/health', { headers: { host, origin: 'https://qkt.example' } })).status).toBe(200);
    expect((await call(port, '/health', { headers: { host: 'other.example' } })).status).toBe(421);
  });
});

describe('the request target', () => {
  it.each(['http://127.0.0.1:PORT/health', 'http://evil.example/health', '//evil.example/health', '//health', '*'])(
    '%s is refused with 400',
    async (target) => {
      const { port } = await serveStrategy();
      const own = String(port);
      const method = target === '*' ? 'OPTIONS' : 'GET';
      const text = `${method} ${target.replace('PORT', own)} HTTP/1.1\r\nHost: 127.0.0.1:${own}\r\n\r\n`;
      expect(await rawStatus(port, text)).toBe(400);
    },
  );

  it('of a proxy connection gets nowhere', async () => {
    const { port } = await serveStrategy();
    const text = `CONNECT evil.example:80 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    expect(await rawStatus(port, text)).not.toBe(200);
  });
});

describe('the Origin header', () => {
  it.each(['http://127.0.0.1:PORT', 'http://localhost:PORT', 'http://[::1]:PORT'])(
    'may be our own, %s',
    async (own) => {
      const { port } = await serveStrategy();
      const origin = own.replace('PORT', String(port));
      expect((await call(port, '/health', { headers: { origin } })).status).toBe(200);
    },
  );

  it.each([
    'http://evil.example',
    'http://127.0.0.1:1',
    'http://127.0.0.1',
    'https://127.0.0.1:PORT',
    'null',
    '',
    'http://localhost:PORT.evil.example',
    'http://127.0.0.1:PORT http://evil.example',
  ])('%j is refused with 403 on every method, token or not', async (template) => {
    const { port, token, daemon } = await serveControl();
    const origin = template.replace('PORT', String(port));
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'OPTIONS']) {
      for (const path of [...DAEMON_PATHS, '/daemon/strategies/ema-cross/stop']) {
        const answer = await call(port, path, { method, token, headers: { origin } });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
    }
    expect([daemon.commands, daemon.strategies.get('ema-cross')!.stops]).toEqual([[], []]);
  });
});

describe('the Sec-Fetch-Site header', () => {
  it.each(['same-origin', 'none'])('may be %s', async (site) => {
    const { port } = await serveStrategy();
    expect((await call(port, '/health', { headers: { 'sec-fetch-site': site } })).status).toBe(200);
  });

  it.each(['cross-site', 'same-site', 'Same-Origin', '', 'anything'])('%j is refused with 403', async (site) => {
    const { port, token } = await serveStrategy();
    for (const method of ['GET', 'POST']) {
      const answer = await call(port, '/stop', { method, token, headers: { 'sec-fetch-site': site } });
      expect(answer.status).toBe(403);
    }
  });
});

describe('CORS', () => {
  it('is not spoken: OPTIONS is 405, and no answer has a header of it', async () => {
    const { port, token } = await serveStrategy();
    for (const [path, method] of [
      ['/health', 'OPTIONS'],
      ['/stop', 'OPTIONS'],
      ['/nope', 'OPTIONS'],
      ['/health', 'GET'],
      ['/stop', 'POST'],
    ] as const) {
      const answer = await call(port, path, { method, token });
      if (method === 'OPTIONS') expect(answer.status).toBe(405);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('preflight from another page is refused', async () => {
    const { port } = await serveStrategy();
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    expect((await call(port, '/stop', { method: 'OPTIONS', headers })).status).toBe(403);
  });
});

describe('every answer', () => {
  it('carries nosniff, no-store and a same-origin resource policy, refusals and streams included', async () => {
    const { port, token } = await serveStrategy();
    const answers = [
      await call(port, '/health'),
      await call(port, '/nope'),
      await call(port, '/health?x=1'),
      await call(port, '/%zz'),
      await call(port, '/stop', { method: 'POST' }),
      await call(port, '/stop', { method: 'POST', token }),
      await call(port, '/health', { headers: { host: 'evil.example' } }),
      await call(port, '/events?follow=true', { method: 'HEAD' }),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
    const malformed = new RawConnection(port).send('not http\r\n\r\n');
    expect(await malformed.status()).toBe(400);
    expect(malformed.received).toContain('nosniff');
    expect(malformed.received).toContain('application/problem+json');
  });
});

it('a GET changes nothing: commands are not reachable by it', async () => {
  const { port, token, daemon } = await serveControl();
  for (const path of ['stop', 'start', 'restart']) {
    expect((await call(port, `/daemon/strategies/ema-cross/${path}`, { token })).status).toBe(405);
  }
  expect((await call(port, '/daemon/shutdown', { token })).status).toBe(405);
  expect(daemon.commands).toEqual([]);
});
