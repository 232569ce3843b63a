import { describe, expect, it } from 'vitest';
import { call, eventually, LineReader, open, RawConnection, serveControl, serveStrategy } from './support.ts';

/** A deploy body of that many bytes. */
const deploy = (bytes: number): string => `{"file":"${'x'.repeat(bytes - 11)}"}`;
const since = (start: number): number => performance.now() - start;

describe('a request that is slow to come in', () => {
  it.concurrent.each([
    ['says nothing', ''],
    ['sends half of its headers', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
  ])('is cut after 5 s when it %s', async (_what, text) => {
    const { port } = await serveStrategy();
    const start = performance.now();
    const connection = new RawConnection(port);
    if (text !== '') connection.send(text);
    await connection.until(({ closed }) => closed);
    expect(since(start)).toBeGreaterThan(4500);
    expect(since(start)).toBeLessThan(6500);
    expect(connection.received).toMatch(/^HTTP\/1\.1 408 /);
    expect(connection.received).toContain('QKT_E_REQUEST_TIMEOUT');
  });

  it.concurrent('is cut after 5 s even when it goes on dripping header bytes', async () => {
    const { port } = await serveStrategy();
    const start = performance.now();
    const connection = new RawConnection(port).send('GET /health HTTP/1.1\r\n');
    const drip = setInterval(() => connection.send('X: y\r\n'), 200);
    await connection.until(({ closed }) => closed);
    clearInterval(drip);
    expect(since(start)).toBeLessThan(6500);
  });

  it.concurrent('is cut after 10 s when its body does not come', async () => {
    const { port, token, daemon } = await serveControl();
    const start = performance.now();
    const connection = new RawConnection(port).send(
      `POST /daemon/strategies HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"file"',
    );
    expect(await connection.status()).toBe(408);
    expect(since(start)).toBeGreaterThan(9000);
    expect(since(start)).toBeLessThan(12_000);
    expect(daemon.commands).toEqual([]);
  });

  it.concurrent('does not end a stream, which may last', async () => {
    const { port, strategy } = await serveStrategy();
    const reader = new LineReader(await open(port, '/events?follow=true'));
    await new Promise((resolve) => setTimeout(resolve, 11_500));
    strategy.events.say('still here');
    await reader.until(({ lines }) => lines.some((line) => line.includes('still here')));
    reader.close();
  });
});

describe('a request that is too large', () => {
  it('is 431 with headers over 16 KiB, and passes just below', async () => {
    const { port } = await serveStrategy();
    expect((await call(port, '/health', { headers: { 'x-pad': 'x'.repeat(15_000) } })).status).toBe(200);
    const answer = await call(port, '/health', { headers: { 'x-pad': 'x'.repeat(17_000) } });
    expect([answer.status, answer.json().code]).toEqual([431, 'QKT_E_HEADERS_TOO_LARGE']);
  });

  it('is 413 with a body over 64 KiB, and passes the limit at exactly that', async () => {
    const { port, token, daemon } = await serveControl();
    const over = await call(port, '/daemon/strategies', { method: 'POST', token, body: deploy(65_537) });
    expect([over.status, over.json().code]).toEqual([413, 'QKT_E_BODY_TOO_LARGE']);
    const exact = await call(port, '/daemon/strategies', { method: 'POST', token, body: deploy(65_536) });
    expect([exact.status, exact.json().field]).toEqual([400, 'file']);
    expect(daemon.commands).toEqual([]);
  });

  it('is 413 and answered although megabytes are still on their way', async () => {
    const { port, token } = await serveControl();
    const body = deploy(3_000_000);
    expect((await call(port, '/daemon/strategies', { method: 'POST', token, body })).status).toBe(413);
  });

  it('is counted as it is read, whatever length a chunked body does not say', async () => {
    const { port, token } = await serveControl();
    const connection = new RawConnection(port).send(
      `POST /daemon/strategies HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    for (let i = 0; i < 20; i++) connection.send(`1000\r\n${'x'.repeat(4096)}\r\n`);
    expect(await connection.status()).toBe(413);
    connection.socket.destroy();
  });

  it('is cut when it sends for ever', async () => {
    const { port, token } = await serveControl();
    const connection = new RawConnection(port).send(
      `POST /daemon/strategies HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const flood = setInterval(() => connection.send(`10000\r\n${'x'.repeat(65_536)}\r\n`), 1);
    await connection.until(({ closed }) => closed);
    clearInterval(flood);
    expect(connection.received).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('with a length that it contradicts is not believed', async () => {
    const { port } = await serveControl();
    const head = `POST /daemon/strategies HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 5\r\n`;
    const smuggled = new RawConnection(port).send(`${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    expect(await smuggled.status()).toBe(400);
    expect(await new RawConnection(port).send(`${head}Content-Length: 6\r\n\r\n`).status()).toBe(400);
  });
});

describe('connections', () => {
  it('are at most 128; the next one is closed, and there is room again when one goes', async () => {
    const { port } = await serveStrategy();
    const held = Array.from({ length: 128 }, () => new RawConnection(port));
    await Promise.all(held.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    const next = new RawConnection(port).send(`GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await next.until(({ closed }) => closed);
    expect(next.received).toBe('');
    held[0]!.socket.destroy();
    await eventually(() => held[0]!.closed);
    expect((await call(port, '/health')).status).toBe(200);
    for (const { socket } of held) socket.destroy();
  });
});
