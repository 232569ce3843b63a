import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { HaltResult } from '../../src/domain/ports.ts';
import { QktError } from '../../src/errors.ts';
import { CAUSE, HEADROOM } from '../doubles/halted-status.ts';
import { HALTED, PREVIEW, RESUMED } from '../doubles/strategy-port.ts';
import { call, serveControl, serveStrategy } from './support.ts';

/** The strategy's own server, and the same strategy behind the control plane. */
const PLACES = [
  ['its own server', '', () => serveStrategy()],
  [
    'the control plane',
    '/daemon/strategies/ema-cross',
    async () => {
      const control = await serveControl();
      return { ...control, strategy: control.daemon.strategies.get('ema-cross')! };
    },
  ],
] as const;

describe.each(PLACES)('POST /halt on %s', (_place, prefix, serve) => {
  it('is 200 with what is in force, and says who asked and why', async () => {
    const { port, token, strategy } = await serve();
    const result: HaltResult = { ...HALTED, causes: [CAUSE], left: ['ema-cross-1-7'] };
    strategy.onHalt = () => Promise.resolve(result);
    const answer = await call(port, `${prefix}/halt`, { method: 'POST', token, body: { reason: 'news' } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ state: 'halted', halted: true, cancelled: 1, left: ['ema-cross-1-7'] });
    expect(answer.text).toContain('"measured":0.0521,"limit":0.05');
    expect(strategy.halts).toEqual([{ reason: 'news', by: 'owner' }]);
  });

  it('takes a token of the scope halt, and no smaller one', async () => {
    const { port, tokens, strategy } = await serve();
    const halt = (scope: 'ack' | 'halt') =>
      call(port, `${prefix}/halt`, { method: 'POST', token: tokens.add(`a-${scope}`, scope), body: { reason: 'r' } });
    expect([(await halt('ack')).status, (await halt('halt')).status]).toEqual([403, 200]);
    expect(strategy.halts).toEqual([{ reason: 'r', by: 'a-halt' }]);
  });

  it('is 202 with its operation when the outcome takes its time', async () => {
    const { port, token, strategy } = await serve();
    strategy.onHalt = () => new Promise(() => undefined);
    const path = `${prefix}/halt?wait=0`;
    const answer = await call(port, path, { method: 'POST', token, body: { reason: 'r' } });
    expect(answer.status).toBe(202);
    const { operation } = answer.json() as { operation: string };
    expect((await call(port, operation)).json()).toMatchObject({ command: 'halt', strategy: 'ema-cross', done: false });
  });
});

describe('a reason', () => {
  it.each([
    ['no body member', {}],
    ['null', { reason: null }],
    ['empty', { reason: '' }],
    ['blank', { reason: ' \u00a0 ' }],
    ['too long', { reason: 'x'.repeat(501) }],
    ['a line feed', { reason: 'a\nb' }],
    ['an escape', { reason: '\u001b[2J' }],
    ['a C1 control', { reason: 'a\u0085b' }],
    ['a line separator', { reason: 'a\u2028b' }],
    ['half a character', { reason: '\ud800' }],
    ['a number', { reason: 7 }],
  ])('that is %s is a 400 that names it, and nothing is done', async (_what, body) => {
    const { port, token, strategy } = await serveStrategy();
    for (const command of ['halt', 'resume']) {
      const answer = await call(port, `/${command}`, { method: 'POST', token, body });
      expect([command, answer.status, answer.json().field]).toEqual([command, 400, 'reason']);
    }
    expect([strategy.halts, strategy.resumes]).toEqual([[], []]);
  });

  it.each([
    ['', 'must not be empty'],
    ['x'.repeat(501), 'must have at most 500 characters'],
  ])('says in words that its length is wrong', async (reason, words) => {
    const { port, token } = await serveStrategy();
    for (const command of ['halt', 'resume']) {
      const answer = await call(port, `/${command}`, { method: 'POST', token, body: { reason } });
      expect(answer.json().detail).toBe(`the body member \`reason\` ${words}`);
    }
  });

  it('says in words what it must be', async () => {
    const { port, token } = await serveStrategy();
    const answer = await call(port, '/halt', { method: 'POST', token, body: { reason: 'a\u0000b' } });
    expect(answer.json().detail).toBe(
      'the body member `reason` must be 1 to 500 characters, not all blank, no control characters',
    );
  });

  it.each(['x', 'é'.repeat(500), '😀'.repeat(500), '  Zinsentscheid, 14:30 → "warten" <b> $(x)'])(
    'may be any other text: %s',
    async (reason) => {
      const { port, token, strategy } = await serveStrategy();
      expect((await call(port, '/halt', { method: 'POST', token, body: { reason } })).status).toBe(200);
      expect(strategy.halts).toEqual([{ reason, by: 'owner' }]);
    },
  );

  it('beside a member that does not exist is refused', async () => {
    const { port, token } = await serveStrategy();
    const body = { reason: 'r', rebas: 'peak' };
    const answer = await call(port, '/resume', { method: 'POST', token, body });
    expect(answer.json()).toMatchObject({ status: 400, field: 'rebas', candidates: ['rebase'] });
  });
});

describe.each(PLACES)('POST /resume on %s', (_place, prefix, serve) => {
  it('is 200 with what it lifted, and re-bases nothing unless asked', async () => {
    const { port, token, strategy } = await serve();
    strategy.onResume = () => Promise.resolve({ ...RESUMED, lifted: [CAUSE], headroom: [HEADROOM] });
    const resume = (body: object) => call(port, `${prefix}/resume`, { method: 'POST', token, body });
    const answer = await resume({ reason: 'mended' });
    expect(answer.json()).toMatchObject({ state: 'trading', halted: false, lifted: [{ causeId: CAUSE.causeId }] });
    await resume({ reason: 'mended', rebase: 'peak' });
    expect(strategy.resumes).toEqual([
      { reason: 'mended', rebase: 'none', by: 'owner' },
      { reason: 'mended', rebase: 'peak', by: 'owner' },
    ]);
  });

  it('needs the scope admin', async () => {
    const { port, tokens, strategy } = await serve();
    const token = tokens.add('night-shift', 'halt');
    const answer = await call(port, `${prefix}/resume`, { method: 'POST', token, body: { reason: 'r' } });
    expect([answer.status, strategy.resumes]).toEqual([403, []]);
  });

  it('with dryRun answers the preview, without a reason, and resumes nothing', async () => {
    const { port, token, strategy } = await serve();
    strategy.preview = {
      ...PREVIEW,
      wouldResume: false,
      wouldTrip: [{ rule: 'maxDrawdown', measured: dec('0.0521'), limit: dec('0.05') }],
      headroom: [HEADROOM],
    };
    const path = `${prefix}/resume?dryRun=true`;
    const answer = await call(port, path, { method: 'POST', token, body: { rebase: 'day' } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      wouldResume: false,
      wouldTrip: [{ rule: 'maxDrawdown', measured: 0.0521, limit: 0.05 }],
      rebase: 'day',
    });
    expect((await call(port, path, { method: 'POST', token })).json()).toMatchObject({ rebase: 'none' });
    expect(strategy.resumes).toEqual([]);
  });

  it.each([
    ['dryRun=maybe', {}, 'dryRun'],
    ['', { reason: 'r', rebase: 'week' }, 'rebase'],
    ['dryrun=true', { reason: 'r' }, 'dryrun'],
  ])('with %s %j is a 400 that names %s', async (query, body, field) => {
    const { port, token } = await serve();
    const answer = await call(port, `${prefix}/resume?${query}`, { method: 'POST', token, body });
    expect([answer.status, answer.json().field]).toEqual([400, field]);
  });

  it('is a 409 with the preview when it would halt again at once', async () => {
    const { port, token, strategy } = await serve();
    const preview = { ...PREVIEW, wouldResume: false };
    strategy.onResume = () => Promise.reject(new QktError('QKT_E_WOULD_TRIP', 'maxDrawdown', { members: { preview } }));
    const answer = await call(port, `${prefix}/resume`, { method: 'POST', token, body: { reason: 'r' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([409, 'application/problem+json']);
    expect(answer.json()).toMatchObject({ code: 'QKT_E_WOULD_TRIP', preview });
  });

  it('is a 409 with the state and what is allowed when it is not halted', async () => {
    const { port, token, strategy } = await serve();
    const extras = { allowed: ['HALT', 'STOP'], members: { state: 'trading' } };
    strategy.onResume = () => Promise.reject(new QktError('QKT_E_STATE', 'it is trading', extras));
    const answer = await call(port, `${prefix}/resume`, { method: 'POST', token, body: { reason: 'r' } });
    expect(answer.json()).toMatchObject({
      status: 409,
      code: 'QKT_E_STATE',
      ...extras.members,
      allowed: ['HALT', 'STOP'],
    });
  });
});

describe('Idempotency-Key', () => {
  it('makes one halt of two, and is refused for a halt with another reason', async () => {
    const { port, token, strategy } = await serveStrategy();
    const halt = (reason: string) =>
      call(port, '/halt', { method: 'POST', token, body: { reason }, headers: { 'idempotency-key': 'k' } });
    expect([(await halt('a')).status, (await halt('a')).status, (await halt('b')).status]).toEqual([200, 200, 409]);
    expect(strategy.halts).toHaveLength(1);
  });
});
