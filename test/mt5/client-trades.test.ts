import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { toPlain } from '../../src/domain/json.ts';
import { retcodeOf } from '../../src/venues/mt5-retcodes.ts';
import type { GatewayClient } from '../../src/venues/mt5/client.ts';
import type { Placement, TradeAnswer } from '../../src/venues/mt5/types.ts';
import { json, scriptedClient, whileTimePasses, type Scripted } from '../doubles/scripted-transport.ts';
import { numbersAsText, recorded, without } from './recorded.ts';

const ORDER: Placement = {
  symbol: 'XAUUSDm',
  side: 'BUY',
  type: 'market',
  volume: dec('0.1'),
  comment: 'q0123456789abcd',
  key: 'mt5-10001-demo-1760000000000-0',
};

const place = (client: GatewayClient) => client.place(ORDER);

async function answerTo(
  answer: Scripted,
  ask: (client: GatewayClient) => Promise<TradeAnswer> = place,
): Promise<TradeAnswer> {
  const { client, clock } = scriptedClient([answer]);
  return toPlain(await whileTimePasses(clock, ask(client))) as TradeAnswer;
}

const failure = (retcode: number, status: number): Scripted =>
  json(
    { error: `failed ${retcode}`, error_type: 'x', mt5_error: { retcode, retcode_name: retcodeOf(retcode).name } },
    status,
  );

describe('a placement', () => {
  async function sent(order: Placement) {
    const { client, transport } = scriptedClient([json(recorded.executed)], { apiKey: 'secret' });
    await client.place(order);
    const { method, path, headers, body } = transport.requests[0]!;
    return { method, path, headers, body: JSON.parse(body!) as Record<string, unknown>, text: body! };
  }

  it('carries its key as header and in the body, and only what the gateway knows (MT-1)', async () => {
    const { method, path, headers, body } = await sent(ORDER);
    expect([method, path]).toEqual(['POST', '/order']);
    expect(headers).toMatchObject({
      'idempotency-key': ORDER.key,
      authorization: 'Bearer secret',
      'content-type': 'application/json',
    });
    expect(headers['x-request-id']).toMatch(/^qkt-10001-/);
    expect(body).toEqual({
      symbol: 'XAUUSDm',
      type: 'BUY',
      volume: 0.1,
      deviation: 20,
      magic: 10_001,
      comment: ORDER.comment,
      client_order_id: ORDER.key,
    });
  });

  it('of a pending order has its price, its stops and its end in seconds of UTC', async () => {
    const { body, text } = await sent({
      ...ORDER,
      side: 'SELL',
      type: 'stop',
      price: dec('2390.10'),
      sl: dec('2400'),
      tp: dec('0.00000001'),
      expiresAt: 1_760_000_000_001,
    });
    expect(body).toMatchObject({ type: 'SELL_STOP', price: 2390.1, sl: 2400, expiration: 1_760_000_001 });
    expect(text).toContain('"tp":0.00000001');
  });
});

describe('the answer to a placement', () => {
  it('is what was done, with numbers as text as well (MT-1)', async () => {
    const done = {
      kind: 'done',
      result: {
        retcode: 10_009,
        deal: 80_010_001,
        order: 70_010_001,
        volume: '0.1',
        price: '2400.35',
        isPartial: false,
      },
    };
    expect(await answerTo(json(recorded.executed))).toEqual(done);
    expect(await answerTo(json(numbersAsText(recorded.executed)))).toEqual(done);
    const scenario = { result: { retcode: 10_009, order: 12_345, deal: 67_890, price: '1.1234' } };
    expect(await answerTo(json(scenario))).toMatchObject({
      kind: 'done',
      result: { order: 12_345, deal: 67_890, price: '1.1234' },
    });
  });

  it('has no price and no volume where they are 0 or missing: they are not to be booked (trap 6)', async () => {
    const { kind, result } = (await answerTo(
      json({ result: { retcode: 10_009, deal: 0, order: 7, volume: 0, price: '0.0' } }),
    )) as { kind: string; result: object };
    expect(kind).toBe('done');
    expect(result).toEqual({ retcode: 10_009, deal: 0, order: 7, isPartial: false });
  });

  it('tells a partial fill', async () => {
    expect(await answerTo(json({ result: { retcode: 10_010, order: 7 } }))).toMatchObject({
      result: { isPartial: true },
    });
  });

  it.each([10_006, 10_019, 10_016, 10_018, 10_030, 10_039])('is a refusal by its name: %d', async (retcode) => {
    expect(await answerTo(failure(retcode, 400))).toEqual({
      kind: 'refused',
      code: retcodeOf(retcode).name,
      reason: `HTTP 400: failed ${retcode}`,
      status: 400,
    });
  });

  it.each([
    [
      'a check beforehand',
      { error: 'bad', error_type: 'validation_error', details: { retcode: 10_016 } },
      400,
      'INVALID_STOPS',
    ],
    ['bad input', { error: 'Unknown order fields: x', error_type: 'validation_error' }, 400, 'VALIDATION_ERROR'],
    ['a missing key', { error: 'Unauthorized', error_type: 'authentication_error' }, 401, 'AUTHENTICATION_ERROR'],
    ['a code without a name', { mt5_error: { retcode: 10_019 } }, 400, 'NO_MONEY'],
    [
      'the kill switch (trap 8)',
      { error: 'Kill switch is active', error_type: 'kill_switch_active' },
      423,
      'KILL_SWITCH',
    ],
    ['who knows what', {}, 418, 'HTTP_418'],
  ])('is a refusal after %s', async (_what, body, status, code) => {
    expect(await answerTo(json(body, status))).toMatchObject({ kind: 'refused', code, status });
  });

  it.each([
    ['no result', json(recorded.noResult, 502)],
    ['an ambiguous retcode', failure(10_012, 502)],
    ['a retcode that nobody knows', failure(12_345, 502)],
    ['a requote', failure(10_004, 409)],
    ['a request in progress', json({ error: 'x', error_type: 'idempotency_in_progress' }, 409)],
    ['an internal error', json(recorded.internalError, 500)],
    ['a terminal that is away', json(recorded.unavailable, 503)],
    ['a page from a proxy', { status: 504, text: '<h1>Gateway Timeout</h1>' }],
    ['a redirection', { status: 302, text: '' }],
    ['a broken connection', new Error('socket hang up')],
    ['silence', 'silence'],
    ['half an answer', { status: 200, text: '{"result":{"retcode":100' }],
    ['an answer without a result', json({ message: 'Order executed successfully' })],
    ['a result without a retcode', json({ result: { order: 7 } })],
    ['a success with an ambiguous retcode', json({ result: { retcode: 10_012 } })],
  ] as [string, Scripted][])('is unknown after %s, and it was sent once', async (_what, answer) => {
    const { client, transport, clock } = scriptedClient([answer]);
    expect(await whileTimePasses(clock, client.place(ORDER))).toEqual({
      kind: 'unknown',
      reason: expect.any(String) as unknown,
    });
    clock.advanceBy(60_000);
    expect(transport.requests).toHaveLength(1);
  });

  it('is unknown, and says so, after five seconds of silence', async () => {
    const { client, clock } = scriptedClient(['silence']);
    const before = clock.now();
    const answer = await whileTimePasses(clock, client.place(ORDER));
    expect(answer).toMatchObject({ kind: 'unknown', reason: 'no answer within 5000 ms' });
    expect(clock.now() - before).toBe(5000);
  });
});

describe('closing a position', () => {
  const close = (client: GatewayClient) => client.close(70_010_001);

  it('is unknown after a 400 that names no retcode (trap 5)', async () => {
    const hidden = json({ error: 'Failed to close position', error_type: 'validation_error' }, 400);
    expect(await answerTo(hidden, close)).toEqual({ kind: 'unknown', reason: 'HTTP 400: Failed to close position' });
    expect(await answerTo(hidden, (client) => client.closePart(7, dec('0.04')))).toMatchObject({ kind: 'refused' });
  });

  it('is refused where the trade server said so itself', async () => {
    expect(await answerTo(failure(10_018, 400), close)).toMatchObject({ kind: 'refused', code: 'MARKET_CLOSED' });
  });

  it('is refused under the kill switch (trap 8)', async () => {
    const killed = json({ error: 'Kill switch is active', error_type: 'kill_switch_active' }, 423);
    expect(await answerTo(killed, close)).toMatchObject({ kind: 'refused', code: 'KILL_SWITCH' });
  });

  it('sends the ticket and no volume, or the part of it', async () => {
    const { client, transport } = scriptedClient([json(recorded.executed)]);
    await client.close(7);
    await client.closePart(7, dec('0.04'));
    expect(transport.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/close_position', '{"position":{"ticket":7}}'],
      ['/position_close_partial', '{"ticket":7,"volume":0.04}'],
    ]);
  });
});

describe('changing what is there', () => {
  it('says only what changes, and takes away what shall not be', async () => {
    const { client, transport } = scriptedClient([json({ message: 'done' })]);
    await client.modify(7, { price: dec('1.5') });
    await client.modify(7, { sl: undefined, tp: dec('2') });
    await client.setStops(8, { sl: dec('1.25'), tp: undefined });
    await client.cancel(9);
    expect(transport.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['PUT', '/orders/7', '{"price":1.5}'],
      ['PUT', '/orders/7', '{"sl":0,"tp":2}'],
      ['POST', '/modify_sl_tp', '{"position":8,"sl":1.25,"clear_tp":true}'],
      ['DELETE', '/orders/9', undefined],
    ]);
  });

  it('may be confirmed by a message alone', async () => {
    expect(await answerTo(json({ message: 'Order cancelled successfully' }), (client) => client.cancel(9))).toEqual({
      kind: 'done',
      result: { retcode: 10_009, deal: 0, order: 9, isPartial: false },
    });
  });

  it('is refused for an order that is not there, and where nothing would change', async () => {
    const none = json({ error: 'Order with ticket 5 not found', error_type: 'not_found' }, 404);
    expect(await answerTo(none, (client) => client.cancel(5))).toMatchObject({ kind: 'refused', code: 'NOT_FOUND' });
    const stops = { sl: dec(1), tp: undefined };
    expect(await answerTo(failure(10_025, 400), (client) => client.setStops(5, stops))).toMatchObject({
      kind: 'refused',
      code: 'NO_CHANGES',
    });
  });
});

describe('the kill switch', () => {
  it('is engaged with an empty body, and released', async () => {
    const { client, transport } = scriptedClient([json({ kill_switch_active: true, flatten: null })]);
    expect(await client.kill(true)).toEqual({ known: true, value: undefined });
    await client.kill(false);
    await client.releaseKill();
    expect(transport.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/kill?flatten=true', '{}'],
      ['/kill', '{}'],
      ['/kill/release', '{}'],
    ]);
  });

  it('is not known to be engaged when the gateway fails', async () => {
    const { client } = scriptedClient([json(without(recorded.internalError, 'detail'), 500)]);
    expect(await client.kill(false)).toMatchObject({ known: false, status: 500 });
  });
});
