import { describe, expect, it } from 'vitest';
import { call, serveControl, serveStrategy, type Answer } from './support.ts';

function expectProblem(answer: Answer, status: number, code: string): Record<string, unknown> {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  const problem = answer.json();
  expect(problem).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  for (const member of ['type', 'title', 'detail', 'hint']) expect(problem[member]).toEqual(expect.any(String));
  return problem;
}

describe('a refusal', () => {
  it.each(['/', '/nope', '/health/', '/HEALTH', '/status/x', '/daemon/health'])(
    'for the unknown path %s is a 404 problem',
    async (path) => {
      const { port } = await serveStrategy();
      expectProblem(await call(port, path), 404, 'QKT_E_UNKNOWN_PATH');
    },
  );

  it.each([
    ['/health', 'POST', 'GET, HEAD'],
    ['/status', 'PUT', 'GET, HEAD'],
    ['/events', 'DELETE', 'GET, HEAD'],
    ['/stop', 'GET', 'POST'],
    ['/stop', 'HEAD', 'POST'],
    ['/operations/some-id', 'PATCH', 'GET, HEAD'],
  ])('for %s with %s is a 405 with Allow: %3$s', async (path, method, allow) => {
    const { port, token } = await serveStrategy();
    const answer = await call(port, path, { method, token });
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    if (method !== 'HEAD') expectProblem(answer, 405, 'QKT_E_METHOD');
  });

  it('for a path with several methods allows them all', async () => {
    const { port } = await serveControl();
    const answer = await call(port, '/daemon/strategies/ema-cross', { method: 'GET' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'DELETE']);
  });

  it.each([
    ['/health?x=1', 'x'],
    ['/health/ready?verbose', 'verbose'],
    ['/status?format=xml', 'format'],
    ['/status?format=openmetrics', 'format'],
    ['/machine?format=svg', 'format'],
    ['/events?since=oops', 'since'],
    ['/events?since=-1', 'since'],
    ['/events?since=1.5', 'since'],
    ['/events?since=', 'since'],
    ['/events?since=1&since=2', 'since'],
    ['/events?limit=0', 'limit'],
    ['/events?wait=61', 'wait'],
    ['/events?wait=soon', 'wait'],
    ['/events?follow=maybe', 'follow'],
    ['/events?types=fill,ordr', 'types'],
    ['/events?types=', 'types'],
    ['/events?consumer=-vector', 'consumer'],
    ['/events?consumer=vector&since=1', 'since'],
    ['/events?symbol=', 'symbol'],
    ['/logs?lines=0', 'lines'],
    ['/logs?lines=10001', 'lines'],
    ['/logs?since=10:30Z', 'since'],
    ['/logs?since=2026-11-22', 'since'],
    ['/logs?since=2026-13-45T00:00:00Z', 'since'],
    ['/logs?level=loud', 'level'],
    ['/logs?format=msgpack', 'format'],
    ['/openapi.json?pretty=1', 'pretty'],
    ['/operations/x?wait=1', 'wait'],
  ])('for %s is a 400 that names %s', async (path, field) => {
    const { port } = await serveStrategy();
    const problem = expectProblem(await call(port, path), 400, 'QKT_E_BAD_REQUEST');
    expect(problem.field).toBe(field);
    expect(problem.detail).toContain(field);
  });

  it('of a misspelt parameter or word names the one that comes close', async () => {
    const { port } = await serveStrategy();
    expect((await call(port, '/events?sinse=5')).json().candidates).toEqual(['since']);
    expect((await call(port, '/events?types=fils')).json().candidates).toEqual(['fill']);
  });

  it('of a malformed percent-encoding in the path is 400', async () => {
    const { port } = await serveStrategy();
    expectProblem(await call(port, '/operations/%zz'), 400, 'QKT_E_BAD_REQUEST');
    expectProblem(await call(port, '/%'), 400, 'QKT_E_BAD_REQUEST');
  });

  it.each(['{bad', '"text"', '[]', 'null', '{"__proto__":{}}', '{}}'])(
    'of the body %s is 400 and nothing is done',
    async (body) => {
      const { port, token, daemon } = await serveControl();
      const answer = await call(port, '/daemon/strategies', { method: 'POST', token, body });
      expectProblem(answer, 400, 'QKT_E_BAD_REQUEST');
      expect(daemon.commands).toEqual([]);
    },
  );

  it.each([
    [{ file: 'a.ts', nmae: 'x' }, 'nmae'],
    [{}, 'file'],
    [{ file: 5 }, 'file'],
    [{ file: '' }, 'file'],
    [{ file: 'a.ts', replace: 'true' }, 'replace'],
    [{ file: 'a.ts', params: [] }, 'params'],
  ])('of the deploy body %j is a 400 that names %s', async (body, field) => {
    const { port, token, daemon } = await serveControl();
    const answer = await call(port, '/daemon/strategies', { method: 'POST', token, body });
    expect(expectProblem(answer, 400, 'QKT_E_BAD_REQUEST').field).toBe(field);
    expect(daemon.commands).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'x',
  ])('of a body of type %s is 415', async (type) => {
    const { port, token, strategy } = await serveStrategy();
    const answer = await call(port, '/stop', { method: 'POST', token, body: '{}', headers: { 'content-type': type } });
    expectProblem(answer, 415, 'QKT_E_MEDIA_TYPE');
    expect(strategy.stops).toEqual([]);
  });

  it('of an unexpected error says nothing of it, and reports it under the id that it gives', async () => {
    const { port, strategy, failures } = await serveStrategy();
    strategy.status = () => {
      throw new Error('secret inside');
    };
    const answer = await call(port, '/status');
    const problem = expectProblem(answer, 500, 'QKT_E_INTERNAL');
    expect(answer.text).not.toContain('secret');
    expect(failures).toMatchObject([{ requestId: problem.requestId, method: 'GET', path: '/status' }]);
  });
});

describe('a strategy name in a path', () => {
  it.each([
    '..',
    '%2e%2e',
    '%2e%2e%2f%2e%2e%2fetc',
    'a%00b',
    'a%0ab',
    'a b',
    '-a',
    '_a',
    'daemon',
    'ä',
    'a'.repeat(65),
  ])('%s is refused before anything else', async (name) => {
    const { port, daemon } = await serveControl();
    for (const [method, path] of [
      ['GET', 'status'],
      ['POST', 'stop'],
    ]) {
      const answer = await call(port, `/daemon/strategies/${encodeURI(name).replaceAll('%25', '%')}/${path}`, {
        method: method!,
      });
      expectProblem(answer, 400, 'QKT_E_STRATEGY_NAME');
    }
    expect(daemon.commands).toEqual([]);
  });

  it('that no strategy has is 404 with the ones that come close', async () => {
    const { port, token } = await serveControl();
    const read = expectProblem(await call(port, '/daemon/strategies/ema-crss/status'), 404, 'QKT_E_UNKNOWN_STRATEGY');
    expect(read.candidates).toEqual(['ema-cross']);
    const stop = await call(port, '/daemon/strategies/nothing-like-it/stop', { method: 'POST', token });
    expect(expectProblem(stop, 404, 'QKT_E_UNKNOWN_STRATEGY').candidates).toBeUndefined();
  });
});
