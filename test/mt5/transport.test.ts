import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { openGatewayClient, type GatewayClient } from '../../src/venues/mt5/client.ts';
import { poll } from '../doubles/daemon.ts';
import { recorded } from './recorded.ts';

const ORDER = { symbol: 'X', side: 'BUY', type: 'market', volume: dec(1), comment: 'q', key: 'k' } as const;

interface Gateway {
  readonly client: GatewayClient;
  readonly clock: VirtualClock;
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

const respond = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** A client and an HTTP server of a test's own. */
async function gateway(listener: RequestListener): Promise<Gateway> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 10));
  const { port } = server.address() as AddressInfo;
  const client = await openGatewayClient({
    clock,
    url: `http://127.0.0.1:${port}`,
    magic: 1,
    deviation: 20,
    serverClock: 'utc',
  });
  onTestFinished(() => client.dispose());
  return { client, clock, server, sockets };
}

describe('connections to a gateway', () => {
  it('are kept and used again', async () => {
    const { client, sockets } = await gateway((_request, response) => respond(response, recorded.health));
    for (let i = 0; i < 20; i++) expect(await client.health()).toMatchObject({ known: true });
    // One may not be free yet when the next is asked.
    expect(sockets.size).toBeLessThan(4);
  });

  it('are sixteen at most, whatever is asked at once', async () => {
    const waiting: ServerResponse[] = [];
    const { client, sockets } = await gateway((_request, response) => waiting.push(response));
    const asked = Array.from({ length: 40 }, () => client.health());
    let answered = 0;
    let most = 0;
    while (answered < 40) {
      await poll('some have arrived', () => waiting.length >= Math.min(16, 40 - answered) || undefined);
      most = Math.max(most, waiting.length);
      for (const response of waiting.splice(0)) {
        answered += 1;
        respond(response, recorded.health);
      }
    }
    expect(await Promise.all(asked)).toHaveLength(40);
    expect([most, sockets.size]).toEqual([16, 16]);
  });

  it('that the gateway closes while they rest are made anew', async () => {
    const { client, sockets } = await gateway((_request, response) => respond(response, recorded.health));
    await client.health();
    const [first] = sockets;
    const closed = new Promise((resolve) => first!.once('close', resolve));
    first!.destroy();
    await closed;
    // The end may still be on its way to the client: a read is simply repeated.
    await poll('it is answered again', async () => (await client.health()).known || undefined);
    expect(sockets.size).toBe(2);
  });

  it('that are cut in the middle leave a write unknown, sent once', async () => {
    const seen: string[] = [];
    const { client } = await gateway((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url === '/order') request.socket.destroy();
      else respond(response, recorded.health);
    });
    await client.health();
    expect(await client.place(ORDER)).toMatchObject({ kind: 'unknown' });
    await client.health();
    expect(seen).toEqual(['GET /health', 'POST /order', 'GET /health']);
  });

  it('that are cut in the middle of an answer give no half of it', async () => {
    const { client } = await gateway((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"result":{"retcode":10009,');
      response.socket!.destroySoon();
    });
    expect(await client.place(ORDER)).toMatchObject({ kind: 'unknown' });
    expect(await client.health()).toMatchObject({ known: false });
  });

  it('let go of a request that took too long', async () => {
    const gone: IncomingMessage[] = [];
    const { client, clock } = await gateway((request) => request.socket.once('close', () => gone.push(request)));
    const asking = client.health();
    await poll('the clock is set', () => clock.nextDue() < Infinity || undefined);
    clock.advanceBy(5000);
    expect(await asking).toEqual({ known: false, reason: 'no answer within 5000 ms' });
    await poll('the connection is closed', () => gone.length === 1 || undefined);
  });

  it('that nobody takes say so', async () => {
    const { client, server } = await gateway(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect(await client.health()).toEqual({
      known: false,
      reason: expect.stringContaining('ECONNREFUSED') as unknown,
    });
    expect(await client.place(ORDER)).toMatchObject({ kind: 'unknown' });
  });

  it('bring a request in the headers and the body that the gateway wants', async () => {
    const seen: [IncomingMessage, string][] = [];
    const { client } = await gateway((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        seen.push([request, text]);
        respond(response, { message: 'ok' });
      });
    });
    await client.cancel(7);
    await client.setStops(7, { sl: undefined, tp: undefined });
    const [[cancel, nothing], [stops, body]] = seen as [[IncomingMessage, string], [IncomingMessage, string]];
    expect([cancel.method, cancel.headers['content-type'], nothing]).toEqual(['DELETE', undefined, '']);
    expect([stops.headers['content-type'], body]).toEqual([
      'application/json',
      '{"position":7,"clear_sl":true,"clear_tp":true}',
    ]);
  });
});
