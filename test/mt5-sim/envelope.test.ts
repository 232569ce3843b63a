import { describe, expect, it } from 'vitest';
import { simulator } from './support.ts';

describe('every answer', () => {
  it('carries ok and the request id, which is echoed or made', async () => {
    const sim = await simulator();
    const echoed = await sim.get('/account', { 'x-request-id': 'mine-1' });
    expect(echoed.json).toMatchObject({ ok: true, request_id: 'mine-1' });
    expect(echoed.headers.get('x-request-id')).toBe('mine-1');
    const made = await sim.get('/get_positions');
    expect(made.json).toEqual({ data: [], ok: true, request_id: made.headers.get('x-request-id') });
    expect(made.json['request_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has ok false with an error', async () => {
    const sim = await simulator();
    const { status, json } = await sim.get('/symbol_info/NIXm');
    expect(status).toBe(404);
    expect(json).toMatchObject({ error_type: 'not_found', ok: false });
  });
});

describe('the framework', () => {
  it('shows a page where there is no route, and where the method is wrong', async () => {
    const sim = await simulator();
    const missing = await sim.get('/nothing');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(missing.text).toContain('<h1>Not Found</h1>');
    expect((await sim.send('DELETE', '/account')).status).toBe(405);
    expect((await sim.post('/orders/5', {})).status).toBe(405);
  });

  it.each([
    ['no body', undefined, {}],
    ['no content type', '{}', { 'content-type': 'text/plain' }],
    ['broken JSON', '{', { 'content-type': 'application/json' }],
    ['an empty body', '', { 'content-type': 'application/json' }],
    ['a list', '[]', { 'content-type': 'application/json' }],
  ])('fails with 500 on %s', async (_what, body, headers) => {
    const sim = await simulator();
    for (const path of ['/order', '/close_position', '/kill', '/order_check']) {
      const init = body === undefined ? {} : { body };
      const response = await fetch(sim.url + path, { method: 'POST', headers, ...init });
      expect([path, response.status]).toEqual([path, 500]);
      const json = (await response.json()) as object;
      expect(json).toMatchObject({ error: 'Internal server error', operation: `POST ${path}`, ok: false });
      expect(json).not.toHaveProperty('error_type');
    }
    expect(sim.simulator.gateway.isKilled()).toBe(false);
  });
});

describe('a key', () => {
  it('is asked for everywhere but at /health/live and the documentation', async () => {
    const sim = await simulator({ apiKey: 'secret' });
    const refused = await sim.get('/account');
    expect(refused.status).toBe(401);
    expect(refused.json).toMatchObject({ error: 'Unauthorized', error_type: 'authentication_error', ok: false });
    expect(refused.json['request_id']).toBe(refused.headers.get('x-request-id'));
    const statuses = await Promise.all(
      ['/health', '/nothing', '/sim/state', '/health/live', '/apidocs/'].map(
        async (path) => (await sim.get(path)).status,
      ),
    );
    expect(statuses).toEqual([401, 401, 401, 200, 404]);
    expect((await sim.get('/account', { authorization: 'Bearer secret' })).status).toBe(200);
    expect((await sim.get('/account', { authorization: 'Bearer other' })).status).toBe(401);
  });
});

describe('the request log', () => {
  it('has method, body, key and status of what was sent to the gateway, and nothing of /sim', async () => {
    const sim = await simulator();
    await sim.order({ client_order_id: 'a' }, { 'idempotency-key': 'a' });
    await sim.get('/sim/state');
    await sim.order({ volume: 500 });
    const { json } = await sim.get('/sim/requests?route=POST%20/order');
    expect(json['total']).toBe(2);
    expect(json['requests']).toMatchObject([
      { n: 1, method: 'POST', url: '/order', idempotency_key: 'a', status: 200 },
      { n: 2, idempotency_key: null, status: 400 },
    ]);
    expect(JSON.parse(json.requests[0]!.body)).toMatchObject({ client_order_id: 'a' });
    expect((await sim.get('/sim/requests?since=1')).json['requests']).toHaveLength(1);
  });
});
