import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { qkt, scripted } from './support.ts';

/** Answers 202 to a command, then the operation: first under way, then with this outcome. */
function underway(outcome: string): (request: IncomingMessage, response: ServerResponse) => void {
  let asked = 0;
  return ({ method, url }, response) => {
    if (method === 'POST') response.writeHead(202).end('{"operation":"/daemon/operations/op-1"}');
    else if (url === '/daemon/operations/op-1') response.end(++asked < 3 ? '{"id":"op-1","done":false}' : outcome);
    else response.writeHead(404).end();
  };
}

describe('a command whose outcome comes later than its answer', () => {
  it('is followed until the outcome is known, digit for digit', async () => {
    const result =
      '{"state":"stopped","flattened":true,"openPositions":0,"cancelled":2,"tookMs":6041,"x":1.10000000000000000001}';
    const stateDir = await scripted(underway(`{"id":"op-1","done":true,"status":200,"result":${result}}`));
    const { code, stdout } = await qkt(['stop', 'a', '--json', '--state-dir', stateDir]);
    expect([code, stdout]).toEqual([0, `${result}\n`]);
  });

  it('ends in the problem that the outcome is', async () => {
    const problem = '{"title":"t","status":504,"detail":"1 position left","code":"QKT_E_STOP_UNVERIFIED","hint":"h"}';
    const stateDir = await scripted(underway(`{"id":"op-1","done":true,"status":504,"problem":${problem}}`));
    const { code, stderr } = await qkt(['stop', 'a', '--state-dir', stateDir]);
    expect([code, stderr]).toEqual([5, 'qkt: 1 position left\nh\n']);
  });

  it.each([
    ['before it answers', (response: ServerResponse) => response.socket!.destroy()],
    [
      'in the middle of its answer',
      (response: ServerResponse) =>
        response.writeHead(200, { 'Content-Length': 90 }).write('{"state"', () => response.socket!.destroy()),
    ],
    [
      'while it works',
      (response: ServerResponse) => response.writeHead(202).end('{"operation":"/daemon/operations/1"}'),
    ],
  ])('is of an unknown outcome when the daemon goes away %s', async (_when, answer) => {
    const stateDir = await scripted(({ method, socket }, response) => {
      if (method === 'POST') answer(response);
      else socket.destroy();
    });
    const { code, stdout, stderr } = await qkt(['stop', 'a', '--state-dir', stateDir]);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('its outcome is not known');
    expect(stderr).toContain('look at qkt status and qkt journal');
  });

  it('is of an unknown outcome when the daemon that answers is another, which knows nothing of it', async () => {
    const problem = '{"title":"t","status":404,"detail":"no operation 1","code":"QKT_E_UNKNOWN_OPERATION","hint":"h"}';
    const stateDir = await scripted(({ method }, response) => {
      if (method === 'POST') response.writeHead(202).end('{"operation":"/daemon/operations/1"}');
      else response.writeHead(404).end(problem);
    });
    const { code, stderr } = await qkt(['stop', 'a', '--state-dir', stateDir]);
    expect(code).toBe(5);
    expect(stderr).toContain('its outcome is not known: no operation 1');
  });

  it('sends a key, so that the daemon does not do it twice', async () => {
    const keys: unknown[] = [];
    const stateDir = await scripted(({ headers }, response) => {
      keys.push(headers['idempotency-key'], headers.authorization);
      response.end('{"name":"a","state":"trading","port":1}');
    });
    await qkt(['start', 'a', '--state-dir', stateDir]);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(`Bearer ${'a'.repeat(64)}`);
  });
});

describe('an answer that is no problem document', () => {
  it('is told with its status', async () => {
    const stateDir = await scripted((_request, response) => void response.writeHead(502).end('<html>'));
    const { code, stderr } = await qkt(['list', '--state-dir', stateDir]);
    expect([code, stderr]).toEqual([1, 'qkt: The daemon answered 502\n']);
  });

  it('is no daemon when the connection just ends', async () => {
    const stateDir = await scripted((request) => void request.socket.destroy());
    expect((await qkt(['list', '--state-dir', stateDir])).code).toBe(3);
  });
});

describe('a stream that the daemon cuts', () => {
  it('is said to be cut', async () => {
    const stateDir = await scripted((_request, response) => {
      response.write('{"type":"gap","from":1,"to":2}\n', () => response.socket!.destroy());
    });
    const { code, stdout, stderr } = await qkt(['events', '--state-dir', stateDir]);
    expect([code, stdout]).toEqual([3, 'gap from=1 to=2\n']);
    expect(stderr).toContain('--since');
  });
});
