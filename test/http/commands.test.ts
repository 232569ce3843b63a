import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { Operation, StopResult } from '../../src/domain/ports.ts';
import { QktError } from '../../src/errors.ts';
import { ScriptedDaemon } from '../doubles/daemon-port.ts';
import { ScriptedStrategy, STOPPED } from '../doubles/strategy-port.ts';
import { call, eventually, serveControl, serveStrategy } from './support.ts';

/** A promise to settle later. */
function later<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

describe('POST /stop', () => {
  it('is 200 with what was verified, and says who asked', async () => {
    const { port, token, strategy } = await serveStrategy();
    const answer = await call(port, '/stop', { method: 'POST', token });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      state: 'stopped',
      flattened: true,
      openPositions: 0,
      cancelled: 2,
      tookMs: 41,
    });
    expect(strategy.stops).toEqual([{ flatten: false, timeoutMs: 30_000, by: 'owner' }]);
  });

  it('hands over flatten and timeoutMs', async () => {
    const { port, token, strategy } = await serveStrategy();
    await call(port, '/stop?flatten=true&timeoutMs=1500', { method: 'POST', token });
    expect(strategy.stops).toEqual([{ flatten: true, timeoutMs: 1500, by: 'owner' }]);
  });

  it.each([
    ['flatten=maybe', 'flatten'],
    ['flatten=1', 'flatten'],
    ['flatten', 'flatten'],
    ['timeoutMs=oops', 'timeoutMs'],
    ['timeoutMs=-5', 'timeoutMs'],
    ['timeoutMs=1.5', 'timeoutMs'],
    ['wait=61', 'wait'],
    ['flaten=true', 'flaten'],
  ])('with %s is a 400 that names %s, and nothing is stopped', async (query, field) => {
    const { port, token, strategy } = await serveStrategy();
    const answer = await call(port, `/stop?${query}`, { method: 'POST', token });
    expect([answer.status, answer.json().field]).toEqual([400, field]);
    expect(strategy.stops).toEqual([]);
  });

  it('takes an empty body with or without a type, and an empty object, but no member', async () => {
    const { port, token } = await serveStrategy();
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect((await call(port, '/stop', { method: 'POST', token, headers: json })).status).toBe(200);
    expect((await call(port, '/stop', { method: 'POST', token, body: {} })).status).toBe(200);
    expect((await call(port, '/stop', { method: 'POST', token, body: { flatten: true } })).status).toBe(400);
  });

  it('is a 504 problem with the result in it when the outcome was not verified', async () => {
    const { port, token, strategy } = await serveStrategy();
    const result: StopResult = {
      ...STOPPED,
      state: 'flattening',
      flattened: false,
      openPositions: 1,
      verified: false,
      left: ['EURUSD 10000'],
    };
    strategy.onStop = () => Promise.resolve(result);
    const answer = await call(port, '/stop?flatten=true', { method: 'POST', token });
    expect(answer.status).toBe(504);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'QKT_E_STOP_UNVERIFIED', result });
    expect(answer.json().detail).toContain('with 1 open position after');
    expect(answer.json().detail).toContain('EURUSD 10000');
  });

  it('is a 409 with what is allowed where the state cannot take it', async () => {
    const { port, token, strategy } = await serveStrategy();
    strategy.onStop = () =>
      Promise.reject(
        new QktError('QKT_E_STATE', 'it is starting', { allowed: ['STATUS'], members: { state: 'starting' } }),
      );
    const answer = await call(port, '/stop', { method: 'POST', token });
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'QKT_E_STATE', allowed: ['STATUS'], state: 'starting' });
  });

  it('hides the text of an unexpected error, in the answer and in the operation', async () => {
    const { port, token, strategy, failures } = await serveStrategy();
    strategy.onStop = () => {
      throw new Error('secret inside');
    };
    const answer = await call(port, '/stop', { method: 'POST', token });
    expect([answer.status, answer.text.includes('secret')]).toEqual([500, false]);
    expect(failures).toHaveLength(1);
  });
});

describe('a command whose outcome takes its time', () => {
  it.each([
    ['', 5000],
    ['?wait=0.2', 200],
  ])('is 202 with its operation after the wait (%s)', async (query, ms) => {
    const clock = new VirtualClock();
    const { port, token, strategy } = await serveStrategy({ clock });
    const outcome = later<StopResult>();
    strategy.onStop = () => outcome.promise;
    const answering = call(port, `/stop${query}`, { method: 'POST', token });
    await eventually(() => strategy.stops.length === 1);
    clock.advanceBy(ms);
    const answer = await answering;
    expect(answer.status).toBe(202);
    const { operation } = answer.json() as { operation: string };
    expect(operation).toMatch(/^\/operations\/[\w-]+$/);
    expect(answer.headers.location).toBe(operation);
    expect(answer.json()).toEqual({ operation });

    const running = (await call(port, operation)).json() as unknown as Operation;
    expect(running).toMatchObject({ command: 'stop', strategy: 'ema-cross', by: 'owner', done: false });
    expect(running.startedAt).toMatch(/^\d{4}-\d{2}-\d{2}T.*\.\d{3}Z$/);
    outcome.resolve(STOPPED);
    await eventually(() => strategy.stops.length === 1);
    expect((await call(port, operation)).json()).toMatchObject({ done: true, status: 200, result: STOPPED });
  });

  it('is 202 at once with wait=0', async () => {
    const { port, token, strategy } = await serveStrategy();
    strategy.onStop = () => new Promise(() => undefined);
    expect((await call(port, '/stop?wait=0', { method: 'POST', token })).status).toBe(202);
  });

  it('keeps a refusal as the problem of the operation', async () => {
    const { port, token, strategy } = await serveStrategy();
    const outcome = later<StopResult>();
    strategy.onStop = () => outcome.promise;
    const { operation } = (await call(port, '/stop?wait=0', { method: 'POST', token })).json() as { operation: string };
    outcome.resolve({ ...STOPPED, verified: false });
    await eventually(() => true);
    expect((await call(port, operation)).json()).toMatchObject({
      done: true,
      status: 504,
      problem: { code: 'QKT_E_STOP_UNVERIFIED', status: 504 },
    });
  });

  it('is unknown under another id, and to another strategy', async () => {
    const { port, token, daemon } = await serveControl();
    daemon.strategies.set('other', daemon.strategies.get('ema-cross')!);
    const path = '/daemon/strategies/ema-cross/stop?wait=0';
    daemon.strategies.get('ema-cross')!.onStop = () => new Promise(() => undefined);
    const { operation } = (await call(port, path, { method: 'POST', token })).json() as { operation: string };
    expect(operation).toMatch(/^\/daemon\/operations\//);
    expect((await call(port, operation)).status).toBe(200);
    const id = operation.split('/').at(-1)!;
    expect((await call(port, `/daemon/strategies/ema-cross/operations/${id}`)).status).toBe(200);
    expect((await call(port, '/daemon/operations/nope')).json()).toMatchObject({
      status: 404,
      code: 'QKT_E_UNKNOWN_OPERATION',
    });
    daemon.strategies.delete('ema-cross');
    expect((await call(port, `/daemon/strategies/ema-cross/operations/${id}`)).status).toBe(200);
    expect((await call(port, '/daemon/strategies/ema-cross/operations/nope')).json()).toMatchObject({
      status: 404,
      code: 'QKT_E_UNKNOWN_STRATEGY',
    });
  });
});

describe('Idempotency-Key', () => {
  const keyed = { 'idempotency-key': 'k-1' };

  it('repeated with the same request returns the first result, and nothing is done twice', async () => {
    const { port, token, strategy } = await serveStrategy();
    const first = await call(port, '/stop?flatten=true', { method: 'POST', token, headers: keyed });
    strategy.onStop = () => Promise.resolve({ ...STOPPED, tookMs: 999 });
    const second = await call(port, '/stop?flatten=true&wait=1', { method: 'POST', token, headers: keyed });
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(strategy.stops).toHaveLength(1);
  });

  it('repeated while the command runs joins it', async () => {
    const { port, token, strategy } = await serveStrategy();
    const outcome = later<StopResult>();
    strategy.onStop = () => outcome.promise;
    const answers = [1, 2, 3].map(() => call(port, '/stop', { method: 'POST', token, headers: keyed }));
    await eventually(() => strategy.stops.length > 0);
    outcome.resolve(STOPPED);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(strategy.stops).toHaveLength(1);
  });

  it.each([
    ['DELETE', '', undefined, 200],
    ['POST', '/start', undefined, 200],
    ['POST', '/stop?flatten=true', undefined, 200],
    ['POST', '/halt', { reason: 'r' }, 200],
    ['POST', '/resume', { reason: 'r' }, 200],
  ] as const)('of %s …%s returns the first result after a removal, and another key finds nothing', async (...row) => {
    const [method, path, body, status] = row;
    const { port, token, daemon } = await serveControl({ daemon: new ScriptedDaemon('gold') });
    const ask = (key: string, given = token) =>
      call(port, `/daemon/strategies/gold${path}`, {
        method,
        token: given,
        headers: { 'idempotency-key': key },
        ...(body !== undefined && { body }),
      });
    const first = await ask('k-1');
    expect(first.status).toBe(status);
    daemon.strategies.delete('gold');
    const second = await ask('k-1');
    expect([second.status, second.text]).toEqual([status, first.text]);
    const other = await ask('k-2');
    expect([other.status, other.json().code]).toEqual([404, 'QKT_E_UNKNOWN_STRATEGY']);
    // What was refused so is not kept under its key.
    daemon.strategies.set('gold', new ScriptedStrategy('gold'));
    expect((await ask('k-2')).status).toBe(status);
  });

  it('of a name that is gone is 409 for another request', async () => {
    const { port, token, daemon } = await serveControl({ daemon: new ScriptedDaemon('gold') });
    const gold = '/daemon/strategies/gold';
    await call(port, `${gold}/stop`, { method: 'POST', token, headers: keyed });
    daemon.strategies.delete('gold');
    const answer = await call(port, gold, { method: 'DELETE', token, headers: keyed });
    expect([answer.status, answer.json().code]).toEqual([409, 'QKT_E_IDEMPOTENCY']);
  });

  it('returns a first refusal as well', async () => {
    const { port, token, strategy } = await serveStrategy();
    strategy.onStop = () => Promise.reject(new QktError('QKT_E_STATE', 'no'));
    expect((await call(port, '/stop', { method: 'POST', token, headers: keyed })).status).toBe(409);
    strategy.onStop = () => Promise.resolve(STOPPED);
    expect((await call(port, '/stop', { method: 'POST', token, headers: keyed })).status).toBe(409);
  });

  it('used for another request is 409', async () => {
    const { port, token, strategy } = await serveStrategy();
    await call(port, '/stop', { method: 'POST', token, headers: keyed });
    const other = await call(port, '/stop?flatten=true', { method: 'POST', token, headers: keyed });
    expect([other.status, other.json().code]).toEqual([409, 'QKT_E_IDEMPOTENCY']);
    expect(strategy.stops).toHaveLength(1);
  });

  it("is its caller's own", async () => {
    const { port, token, tokens, strategy } = await serveStrategy();
    await call(port, '/stop', { method: 'POST', token, headers: keyed });
    const other = tokens.add('night-shift', 'halt');
    await call(port, '/stop', { method: 'POST', token: other, headers: keyed });
    expect(strategy.stops.map(({ by }) => by)).toEqual(['owner', 'night-shift']);
  });

  it('is forgotten after an hour', async () => {
    const clock = new VirtualClock();
    const { port, token, strategy } = await serveStrategy({ clock });
    await call(port, '/stop', { method: 'POST', token, headers: keyed });
    clock.advanceBy(3_600_000);
    await call(port, '/stop', { method: 'POST', token, headers: keyed });
    expect(strategy.stops).toHaveLength(2);
  });

  it.each(['', 'a b', 'x'.repeat(256)])('must be 1 to 255 visible characters, not %j', async (key) => {
    const { port, token } = await serveStrategy();
    const answer = await call(port, '/stop', { method: 'POST', token, headers: { 'idempotency-key': key } });
    expect([answer.status, answer.json().field]).toEqual([400, 'Idempotency-Key']);
  });
});
