import { createServer, type Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAtDaemon } from '../../src/cli/look-at-daemon.ts';
import { Watch, watchDaemon, type DaemonChange, type Seen } from '../../src/cli/watch.ts';
import { VirtualClock } from '../../src/clock.ts';
import { serveControl } from '../http/support.ts';
import { temporaryDir } from './support.ts';

const START = Date.parse('2026-11-22T07:00:00.000Z');
const AWAY: Seen = { ok: false, cause: 'gone' };

describe('a watch', () => {
  it('tells once that the daemon is away for too long, and once that it is back', () => {
    const clock = new VirtualClock(START);
    const watch = new Watch(clock, 30_000);
    const told: unknown[] = [];
    const look = (seen: Seen): void => {
      told.push(watch.saw(seen)?.event);
      clock.advanceBy(10_000);
    };
    for (const seen of [{ ok: true } as const, AWAY, AWAY, AWAY, AWAY, AWAY, { ok: true } as const, AWAY]) look(seen);
    expect(told).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'daemon_down',
      undefined,
      'daemon_up',
      undefined,
    ]);
  });

  it('says since when, for how long and why', () => {
    const clock = new VirtualClock(START);
    const watch = new Watch(clock, 30_000);
    watch.saw({ ok: false, cause: 'first' });
    clock.advanceBy(30_000);
    expect(watch.saw({ ok: false, cause: 'last' })).toEqual({
      event: 'daemon_down',
      severity: 'P1',
      ts: '2026-11-22T07:00:30.000Z',
      since: '2026-11-22T07:00:00.000Z',
      downMs: 30_000,
      cause: 'last',
    });
  });

  it('says nothing of an absence that was shorter', () => {
    const clock = new VirtualClock(START);
    const watch = new Watch(clock, 30_000);
    watch.saw(AWAY);
    clock.advanceBy(29_999);
    expect([watch.saw(AWAY), watch.saw({ ok: true })]).toEqual([undefined, undefined]);
  });

  it('goes on when a notifier fails or never ends', async () => {
    const clock = new VirtualClock(START);
    const end = new AbortController();
    const failures: unknown[] = [];
    const told: DaemonChange[] = [];
    let looks = 0;
    const watching = watchDaemon(
      {
        clock,
        forMs: 1000,
        everyMs: 1000,
        look: () => Promise.resolve(AWAY),
        notifiers: [
          () => new Promise(() => undefined),
          () => {
            throw new Error('no channel');
          },
          (change) => void told.push(change),
        ],
        onLook: () => (looks += 1),
        onFailure: (error) => failures.push(error),
      },
      end.signal,
    );
    for (let i = 0; i < 5; i++) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      clock.advanceBy(1000);
    }
    end.abort();
    await watching;
    expect([looks >= 5, failures.length, told.length]).toEqual([true, 1, 1]);
  });
});

/** A server on a state directory's socket that does what it is told. */
async function onSocket(server: Server | ReturnType<typeof createNetServer>): Promise<string> {
  const stateDir = temporaryDir();
  await new Promise<void>((resolve) => server.listen(join(stateDir, 'control.sock'), resolve));
  onTestFinished(() => void server.close());
  return stateDir;
}

describe('a look at the daemon', () => {
  it('is good on its socket, and on the port that it has now', async () => {
    const { stateDir, port } = await serveControl();
    expect(await lookAtDaemon(stateDir, 5000)).toEqual({ ok: true });
    rmSync(join(stateDir, 'control.sock'), { force: true });
    writeFileSync(join(stateDir, 'control.port'), `${port}\n`);
    writeFileSync(join(stateDir, 'daemon.lock'), JSON.stringify({ pid: process.pid }));
    expect(await lookAtDaemon(stateDir, 5000)).toEqual({ ok: true });
  });

  it('names the broken leases', async () => {
    const { stateDir, daemon } = await serveControl();
    daemon.healthView = { ...daemon.healthView, ok: false, broken: ['journal', 'disk'] };
    expect(await lookAtDaemon(stateDir, 5000)).toEqual({
      ok: false,
      cause: '/daemon/health answers 503: running, 2 broken leases: journal, disk',
    });
  });

  it('is not misled by another program on the port of a daemon that is gone', async () => {
    const { port } = await serveControl();
    const stateDir = temporaryDir();
    writeFileSync(join(stateDir, 'control.port'), `${port}\n`);
    writeFileSync(join(stateDir, 'daemon.lock'), JSON.stringify({ pid: 2 ** 22 + 1 }));
    expect(await lookAtDaemon(stateDir, 5000)).toMatchObject({ ok: false, cause: expect.stringContaining('not the') });
  });

  it('says so when there is no daemon, and no directory', async () => {
    const stateDir = join(temporaryDir(), 'not', 'there');
    expect(await lookAtDaemon(stateDir, 5000)).toMatchObject({ ok: false, cause: expect.stringContaining(stateDir) });
    mkdirSync(stateDir, { recursive: true });
    expect(await lookAtDaemon(stateDir, 5000)).toMatchObject({ ok: false });
  });

  it('gives up on one that accepts and never answers', async () => {
    const stateDir = await onSocket(createNetServer(() => undefined));
    expect(await lookAtDaemon(stateDir, 300)).toEqual({ ok: false, cause: 'no answer within 300 ms' });
  });

  it('gives up on an answer that never ends', async () => {
    const endless = createServer((_request, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await lookAtDaemon(await onSocket(endless), 300)).toEqual({ ok: false, cause: 'no answer within 300 ms' });
  });

  it.each([
    [500, 'no json'],
    [503, '[]'],
    [404, 'null'],
  ])('is not good at %i %j', async (status, body) => {
    const stateDir = await onSocket(createServer((_request, response) => response.writeHead(status).end(body)));
    expect(await lookAtDaemon(stateDir, 5000)).toEqual({
      ok: false,
      cause: `/daemon/health answers ${status}: unknown`,
    });
  });
});
