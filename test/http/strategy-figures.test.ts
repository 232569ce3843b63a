import { unpack } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { call, serveStrategy } from './support.ts';

describe('GET /health', () => {
  it('is 200 with the leases while the tick loop runs', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/health');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.json()).toEqual({
      ok: true,
      status: 'trading',
      uptimeMs: 812_345,
      leases: [
        { name: 'tickLoop', ageMs: 120, limitMs: 1500, ok: true },
        { name: 'feed:EURUSD', ageMs: 340, limitMs: 10_000, ok: true, inSession: true },
      ],
    });
  });

  it('is 503 and names what is broken when the tick loop does not run', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.healthView = { ...strategy.healthView, ok: false, status: 'unresponsive', broken: ['tickLoop'] };
    const answer = await call(port, '/health');
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({ ok: false, broken: ['tickLoop'] });
  });

  it('is 200 for a halted strategy', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.healthView = { ...strategy.healthView, status: 'halted' };
    const answer = await call(port, '/health');
    expect([answer.status, answer.json().status]).toEqual([200, 'halted']);
  });
});

describe('GET /health/ready', () => {
  it('is 503 and names what is missing unless a signal would now become an order', async () => {
    const { port, strategy } = await serveStrategy();
    expect((await call(port, '/health/ready')).status).toBe(200);
    strategy.readyView = { ready: false, status: 'halted', missing: ['state', 'feed:EURUSD'] };
    const answer = await call(port, '/health/ready');
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ ready: false, status: 'halted', missing: ['state', 'feed:EURUSD'] });
  });
});

describe('GET /status', () => {
  it('writes money, price and quantity as plain exact numbers', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.statusView = { ...strategy.statusView, realized: dec('-0.00000001'), equity: dec('123456789012345.678') };
    const { text } = await call(port, '/status');
    expect(text).toContain('"realized":-0.00000001,');
    expect(text).toContain('"equity":123456789012345.678,');
    expect(text).toContain('"markPrice":1.09706,');
  });

  it('shows what is unknown as null', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.statusView = { ...strategy.statusView, equity: null, unknown: ['equity'] };
    expect((await call(port, '/status')).json()).toMatchObject({ equity: null, unknown: ['equity'] });
  });

  it('shows a part that was replaced, and one that was changed in place, as they are now', async () => {
    const { port, strategy } = await serveStrategy();
    const positions = async (): Promise<unknown[]> => (await call(port, '/status')).json().positions as unknown[];
    expect(await positions()).toHaveLength(1);
    strategy.statusView = { ...strategy.statusView, positions: Object.freeze([]) };
    expect(await positions()).toEqual([]);
    const live = [...(await positions())] as never[];
    strategy.statusView = { ...strategy.statusView, positions: live };
    expect(await positions()).toEqual([]);
    live.push({ symbol: 'EURUSD' } as never);
    expect(await positions()).toEqual([{ symbol: 'EURUSD' }]);
  });
});

describe('GET /machine', () => {
  it('tells the live state chart, and draws it when asked', async () => {
    const { port } = await serveStrategy();
    const machine = (await call(port, '/machine')).json();
    expect(machine).toMatchObject({ machine: 'strategy', value: { running: 'trading' }, allowed: ['HALT', 'STOP'] });
    const drawn = await call(port, '/machine?format=mermaid');
    expect(drawn.headers['content-type']).toContain('text/plain');
    expect(drawn.text).toMatch(/^stateDiagram-v2/);
  });
});

describe('the form of an answer', () => {
  it('is msgpack of the same object with decimals as text, by Accept or by format', async () => {
    const { port } = await serveStrategy();
    const plain = (await call(port, '/status')).json();
    for (const [path, headers] of [
      ['/status', { accept: 'application/msgpack' }],
      ['/status?format=msgpack', {}],
    ] as const) {
      const answer = await call(port, path, { headers });
      expect(answer.headers['content-type']).toBe('application/msgpack');
      const object = unpack(answer.body) as Record<string, unknown>;
      expect(Object.keys(object)).toEqual(Object.keys(plain));
      expect(object).toMatchObject({ strategy: 'ema-cross', equity: '9997.6', seq: 48_211 });
    }
  });

  it.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['image/png', 'application/json; charset=utf-8'],
    ['application/msgpack;q=0.2, application/json', 'application/json; charset=utf-8'],
    ['application/msgpack;q=0', 'application/json; charset=utf-8'],
    ['application/json;q=0.5, Application/Msgpack', 'application/msgpack'],
  ])('for Accept %s is %s', async (accept, type) => {
    const { port } = await serveStrategy();
    expect((await call(port, '/health', { headers: { accept } })).headers['content-type']).toBe(type);
  });

  it('is what format says, whatever the Accept header', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/health?format=json', { headers: { accept: 'application/msgpack' } });
    expect(answer.headers['content-type']).toContain('application/json');
  });
});

describe('HEAD', () => {
  it.each(['/health', '/health/ready', '/status', '/machine', '/logs', '/openapi.json'])(
    'on %s gives the headers of GET and no body',
    async (path) => {
      const { port } = await serveStrategy();
      const [get, head] = [await call(port, path), await call(port, path, { method: 'HEAD' })];
      expect(head.status).toBe(get.status);
      expect(head.text).toBe('');
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    },
  );

  it('gives the status of GET also when that is 503', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.healthView = { ...strategy.healthView, ok: false };
    expect((await call(port, '/health', { method: 'HEAD' })).status).toBe(503);
  });
});
