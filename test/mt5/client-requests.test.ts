import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { json, scriptedClient, whileTimePasses } from '../doubles/scripted-transport.ts';
import { recorded } from './recorded.ts';

const { account, position, executed, unavailable, internalError } = recorded;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const ORDER = { symbol: 'X', side: 'BUY', type: 'market', volume: dec(1), comment: 'q', key: 'k' } as const;

describe('a read', () => {
  it.each([
    ['a broken connection', new Error('other side closed')],
    ['a 500', json(internalError, 500)],
    ['a 503', json(unavailable, 503)],
  ])('is repeated three times after %s, 200 ms × attempt apart, and then it is not known', async (_what, answer) => {
    const { client, transport, clock } = scriptedClient([answer]);
    const before = clock.now();
    expect(await whileTimePasses(clock, client.account())).toMatchObject({ known: false });
    expect(transport.requests).toHaveLength(4);
    expect(clock.now() - before).toBe(200 + 400 + 600);
  });

  it('is repeated after a time-out', async () => {
    const { client, transport, clock } = scriptedClient(['silence', json(account)]);
    const before = clock.now();
    expect(await whileTimePasses(clock, client.account())).toMatchObject({ known: true });
    expect(transport.requests).toHaveLength(2);
    expect(clock.now() - before).toBe(5000 + 200);
    expect(transport.requests[0]!.signal.aborted).toBe(true);
  });

  it.each([400, 401, 404, 409, 423])('is not repeated after %d', async (status) => {
    const { client, transport } = scriptedClient([json({ error: 'no' }, status)]);
    expect(await client.account()).toEqual({ known: false, reason: `HTTP ${status}: no`, status });
    expect(transport.requests).toHaveLength(1);
  });

  it('that cannot be understood is not repeated', async () => {
    const { client, transport } = scriptedClient([json({ balance: 'a lot' })]);
    expect(await client.account()).toMatchObject({ known: false });
    expect(transport.requests).toHaveLength(1);
  });

  it('has a request id of its own each time', async () => {
    const { client, transport, clock } = scriptedClient([new Error('cut')]);
    await whileTimePasses(clock, client.account());
    expect(new Set(transport.requests.map(({ headers }) => headers['x-request-id'])).size).toBe(4);
    expect(client.requests).toBe(4);
  });

  it.each(['health', 'ready'] as const)('of %s is not repeated: who probes asks again', async (probe) => {
    const { client, transport } = scriptedClient([new Error('cut')]);
    expect(await client[probe]()).toEqual({ known: false, reason: 'cut' });
    expect(transport.requests).toHaveLength(1);
  });
});

describe('requests under way', () => {
  it('are sixteen at most; what waits has its turn in order, writes before reads', async () => {
    const { client, transport, clock } = scriptedClient(['silence']);
    for (let i = 0; i < 16; i++) void client.health();
    await turn();
    clock.advanceBy(1000);
    void client.ready();
    void client.cancel(7);
    void client.positionsTotal();
    await turn();
    expect(transport.requests).toHaveLength(16);
    clock.advanceBy(4000);
    await turn();
    expect(transport.requests.slice(16).map(({ path }) => path)).toEqual([
      '/orders/7',
      '/health/ready',
      '/positions_total',
    ]);
  });

  it('that had no turn within five seconds were certainly never sent', async () => {
    const { client, transport, clock } = scriptedClient(['silence']);
    for (let i = 0; i < 16; i++) void client.health();
    await turn();
    clock.advanceBy(1000);
    // Those that come free are taken by earlier writes.
    for (let i = 0; i < 16; i++) void client.cancel(i);
    await turn();
    const late = client.place(ORDER);
    clock.advanceBy(4000);
    await turn();
    clock.advanceBy(1000);
    expect(await late).toMatchObject({ kind: 'refused', code: 'NOT_SENT', status: 0 });
    expect(transport.requests.some(({ path }) => path === '/order')).toBe(false);
  });

  it('are cut off when the client is disposed of, and none comes after it', async () => {
    const { client, transport, clock } = scriptedClient(['silence']);
    const placing = client.place(ORDER);
    const reading = client.account();
    const others = Array.from({ length: 16 }, () => client.health());
    await turn();
    await client.dispose();
    expect(await placing).toEqual({ kind: 'unknown', reason: 'the client was closed' });
    expect(await reading).toMatchObject({ known: false });
    expect(await Promise.all(others)).toHaveLength(16);
    expect(transport.isClosed).toBe(true);
    expect(await client.cancel(7)).toMatchObject({ kind: 'refused', code: 'NOT_SENT' });
    expect(clock.nextDue()).toBe(Infinity);
  });

  it('leave no timer behind when the client is disposed of before a repetition', async () => {
    const { client, clock } = scriptedClient([new Error('cut')]);
    const reading = client.account();
    await turn();
    await client.dispose();
    expect(await reading).toMatchObject({ known: false });
    expect(clock.nextDue()).toBe(Infinity);
  });
});

describe('what was read', () => {
  it('is good for everybody for half a second', async () => {
    const { client, transport, clock } = scriptedClient([json([position])]);
    const first = await client.positions();
    clock.advanceBy(499);
    expect(await client.positions()).toBe(first);
    clock.advanceBy(1);
    await client.positions();
    expect(transport.requests).toHaveLength(2);
  });

  it('is shared while it is under way, and asked once', async () => {
    const { client, transport } = scriptedClient([json([position])]);
    const [a, b] = await Promise.all([client.orders(), client.orders(), client.account()]);
    expect(a).toBe(b);
    expect(transport.requests.map(({ path }) => path).toSorted()).toEqual(['/account', '/orders']);
  });

  it.each(['positionsTotal', 'reconcile'] as const)('of %s is asked for anew each time', async (name) => {
    const { client, transport } = scriptedClient([json({ total: 1 })]);
    await client[name]();
    await client[name]();
    expect(transport.requests).toHaveLength(2);
  });

  it('is not kept when it failed', async () => {
    const { client, transport } = scriptedClient([json({ error: 'no' }, 400), json(account)]);
    expect(await client.account()).toMatchObject({ known: false });
    expect(await client.account()).toMatchObject({ known: true });
    expect(transport.requests).toHaveLength(2);
  });

  it.each([
    ['a write that is done', json(executed)],
    ['a write that fails', json(unavailable, 503)],
  ])('is old after %s', async (_what, answer) => {
    const { client, transport } = scriptedClient([json([position]), answer, json([position])]);
    const before = await client.positions();
    await client.place(ORDER);
    expect(await client.positions()).not.toBe(before);
    expect(transport.requests).toHaveLength(3);
  });

  it('before and during a write is nobody else’s answer after it', async () => {
    const { client, transport, clock } = scriptedClient(['silence', 'silence', json([position]), json([])]);
    const early = client.positions();
    const placing = client.place(ORDER);
    await turn();
    const during = client.positions();
    expect(await during).toMatchObject({ value: [{ ticket: 70_010_001 }] });
    await whileTimePasses(clock, placing);
    expect(await client.positions()).toMatchObject({ value: [] });
    expect(transport.requests).toHaveLength(4);
    await client.dispose();
    expect(await early).toMatchObject({ known: false });
  });
});
