import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { StopResult } from '../../src/domain/ports.ts';
import { QktError } from '../../src/errors.ts';
import { HALTED, PREVIEW, RESUMED, STOPPED } from '../doubles/strategy-port.ts';
import { call, serveControl } from './support.ts';

describe('POST /daemon/halt and /daemon/resume', () => {
  it('answer for every strategy by name', async () => {
    const { port, token, daemon } = await serveControl();
    const halt = await call(port, '/daemon/halt', { method: 'POST', token, body: { reason: 'outage' } });
    expect([halt.status, halt.json()]).toEqual([200, { strategies: { 'ema-cross': HALTED } }]);
    const body = { reason: 'over', rebase: 'day' };
    const resume = await call(port, '/daemon/resume', { method: 'POST', token, body });
    expect([resume.status, resume.json()]).toEqual([200, { strategies: { 'ema-cross': RESUMED } }]);
    expect(daemon.commands).toEqual([
      { command: 'halt', reason: 'outage', by: 'owner' },
      { command: 'resume', reason: 'over', rebase: 'day', by: 'owner' },
    ]);
  });

  it('need a reason', async () => {
    const { port, token, daemon } = await serveControl();
    for (const path of ['/daemon/halt', '/daemon/resume']) {
      const answer = await call(port, path, { method: 'POST', token, body: {} });
      expect([path, answer.status, answer.json().field]).toEqual([path, 400, 'reason']);
    }
    expect(daemon.commands).toEqual([]);
  });

  it('with dryRun answer the preview, without a reason, and resume nothing', async () => {
    const { port, token, daemon } = await serveControl();
    const wouldTrip = [{ rule: 'book.maxDrawdown', measured: dec('0.0521'), limit: dec('0.05') }];
    daemon.preview = { ...PREVIEW, wouldResume: false, wouldTrip };
    const path = '/daemon/resume?dryRun=true';
    const answer = await call(port, path, { method: 'POST', token, body: { rebase: 'day' } });
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { wouldResume: false, wouldTrip: [{ rule: 'book.maxDrawdown', measured: 0.0521 }], rebase: 'day' },
    ]);
    expect((await call(port, path, { method: 'POST', token })).json()).toMatchObject({ rebase: 'none' });
    expect(daemon.commands).toEqual([]);
  });

  it('take the scopes halt and admin', async () => {
    const { port, tokens } = await serveControl();
    const token = tokens.add('night-shift', 'halt');
    const status = async (path: string, body: object) =>
      (await call(port, path, { method: 'POST', token, body })).status;
    expect(await status('/daemon/halt', { reason: 'r' })).toBe(200);
    expect(await status('/daemon/resume', { reason: 'r' })).toBe(403);
    expect(await status('/daemon/kill', {})).toBe(200);
    expect(await status('/daemon/shutdown', {})).toBe(403);
  });

  it('are 409 when nothing is halted', async () => {
    const { port, token, daemon } = await serveControl();
    daemon.onResume = () => Promise.reject(new QktError('QKT_E_STATE', 'no halt of the book is in force'));
    const answer = await call(port, '/daemon/resume', { method: 'POST', token, body: { reason: 'r' } });
    expect([answer.status, answer.json().code]).toEqual([409, 'QKT_E_STATE']);
  });
});

describe('POST /daemon/kill', () => {
  const killed = (results: Readonly<Record<string, StopResult>>) => async () => {
    const { port, token, daemon } = await serveControl();
    daemon.onKill = () => Promise.resolve(results);
    return call(port, '/daemon/kill', { method: 'POST', token });
  };

  it('flattens within timeoutMs, 30 s unless said', async () => {
    const { port, token, daemon } = await serveControl();
    await call(port, '/daemon/kill', { method: 'POST', token });
    await call(port, '/daemon/kill?timeoutMs=900', { method: 'POST', token });
    expect(daemon.commands).toEqual([
      { command: 'kill', flatten: true, timeoutMs: 30_000, by: 'owner' },
      { command: 'kill', flatten: true, timeoutMs: 900, by: 'owner' },
    ]);
    const bad = await call(port, '/daemon/kill?timeoutMs=oops', { method: 'POST', token });
    expect([bad.status, bad.json().field]).toEqual([400, 'timeoutMs']);
  });

  it('is 200 when every strategy is verified flat and runs no more, and when there is none', async () => {
    const answer = await killed({ a: STOPPED, b: { ...STOPPED, state: 'failed' } })();
    expect([answer.status, Object.keys(answer.json().strategies as object)]).toEqual([200, ['a', 'b']]);
    expect((await killed({})()).json()).toEqual({ strategies: {} });
  });

  it.each([
    ['was not verified', { verified: false, left: ['EURUSD 10000'] }],
    ['holds a position', { openPositions: 1 }],
    ['still runs', { state: 'draining' as const }],
  ])('is 504 with all results when one %s', async (_what, part) => {
    const bad = { ...STOPPED, ...part };
    const answer = await killed({ good: STOPPED, bad })();
    expect(answer.status).toBe(504);
    expect(answer.json()).toMatchObject({
      code: 'QKT_E_STOP_UNVERIFIED',
      result: { strategies: { good: STOPPED, bad } },
    });
    expect(answer.json().detail).toContain('1 of 2 strategies are flat and stopped; bad is ');
  });
});
