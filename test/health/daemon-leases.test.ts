/** Every lease of a running daemon broken and mended, over real sockets, with real threads and a real disk. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { LeaseView } from '../../src/domain/health-views.ts';
import { MACHINE_DISK, type Disk } from '../../src/store/disk.ts';
import { poll, TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';
import { call } from '../http/support.ts';

/** The wall clock, whose monotonic time can be moved on. */
class MovingClock extends WallClock {
  #moved = 0;

  override monotonic(): number {
    return super.monotonic() + this.#moved;
  }

  move(ms: number): void {
    this.#moved += ms;
  }
}

const ALWAYS = { EURUSD: { session: '24/7' } };

const QUIET = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'quiet',
  streams: { eur: { symbol: 'EURUSD' } },
  create: () => ({ onTick() {} }),
});
`;

async function scene(options: Partial<DaemonOptions> = {}) {
  const clock = new MovingClock();
  const daemon = await TestDaemon.boot({ config: { instruments: ALWAYS }, clock, ...options });
  onTestFinished(() => daemon.close());
  const port = await daemon.deployed(daemon.write('quiet.ts', QUIET));
  daemon.openMarkets();
  const ready = async () => (await call(port, '/health/ready')).json();
  const until = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => poll(what, look, 20_000);
  return {
    clock,
    daemon,
    port,
    health: () => call(port, '/health'),
    lease: async (name: string) => {
      const { leases } = (await call(port, '/health')).json() as { leases: readonly LeaseView[] };
      return leases.find((lease) => lease.name === name)!;
    },
    daemonHealth: () => daemon.get('/daemon/health'),
    untilReady: () =>
      until('the strategy to be ready', async () => ((await ready())['ready'] === true ? true : undefined)),
    untilMissing: (name: string) =>
      until(`${name} to be missing`, async () => {
        const { missing } = (await ready()) as { missing: readonly string[] };
        return missing.includes(name) ? missing : undefined;
      }),
    untilDaemon: (status: number, name?: string) =>
      until(`the daemon to answer ${status}`, async () => {
        const answer = await daemon.get('/daemon/health');
        const { broken = [] } = answer.json() as { broken?: readonly string[] };
        return answer.status === status && (name === undefined || broken.includes(name)) ? answer.json() : undefined;
      }),
  };
}

describe('the leases of a strategy', () => {
  it('all hold once it trades on quotes: 200 on /health and on /health/ready', async () => {
    const { untilReady, health, port } = await scene();
    await untilReady();
    const answer = await health();
    expect(answer.status).toBe(200);
    const { leases } = answer.json() as { leases: readonly LeaseView[] };
    expect(leases.map(({ name }) => name)).toEqual(['tickLoop', 'feed:EURUSD', 'journal', 'gateway:paper', 'inbox']);
    for (const lease of leases) {
      expect(lease).toMatchObject({ ok: true });
      expect(lease.ageMs).toBeLessThanOrEqual(lease.limitMs);
    }
    expect(leases[1]).toMatchObject({ limitMs: 10_000, inSession: true });
    expect((await call(port, '/health/ready')).json()).toEqual({ ready: true, status: 'trading', missing: [] });
  });

  it('a feed that is silent: not ready, stale, told as an event; the tick loop goes on; mended by the next quote', async () => {
    const { daemon, clock, port, untilReady, untilMissing, health, lease } = await scene();
    await untilReady();
    daemon.app.faults('paper').silence('EURUSD', true);
    clock.move(10_001);
    expect(await untilMissing('feed:EURUSD')).toContain('feed:EURUSD');
    expect((await call(port, '/health/ready')).status).toBe(503);
    expect(await lease('feed:EURUSD')).toMatchObject({ ok: false, inSession: true });
    expect((await call(port, '/status')).json()['data']).toMatchObject({ stale: ['EURUSD'] });
    await poll('the tick loop to have answered', async () => ((await health()).status === 200 ? true : undefined));

    daemon.app.faults('paper').silence('EURUSD', false);
    await untilReady();
    const events = await poll('both changes to be told', async () => {
      const { text } = await call(port, '/events?types=lease');
      const lines = text.split('\n').filter((line) => line.includes('feed:EURUSD'));
      const last = lines.slice(-2).map((line) => JSON.parse(line) as Record<string, unknown>);
      return last.length === 2 && last[1]!['ok'] === true ? last : undefined;
    });
    expect(events).toMatchObject([
      { type: 'lease', lease: 'feed:EURUSD', ok: false },
      { type: 'lease', lease: 'feed:EURUSD', ok: true },
    ]);
  });

  it('a gateway that is lost: not ready, 200 on /health; mended when it connects again', async () => {
    const { daemon, untilReady, untilMissing, health, lease } = await scene();
    await untilReady();
    daemon.app.faults('paper').loseGateway('the cable is out');
    await untilMissing('gateway:paper');
    expect((await health()).status).toBe(200);
    expect(await lease('gateway:paper')).toMatchObject({ ok: false });
    daemon.app.faults('paper').loseGateway(undefined);
    await untilReady();
  });
});

describe('the leases of the daemon', () => {
  it('are those of the event loop, the clock, the journal and the disk', async () => {
    const { untilDaemon } = await scene();
    const { leases } = (await untilDaemon(200)) as { leases: readonly LeaseView[] };
    expect(leases.map(({ name }) => name)).toEqual(['eventLoop', 'clock', 'journal', 'disk']);
    expect(leases[3]!.freeBytes).toBeGreaterThan(0);
  });

  it('a block of the event loop is seen after it has ended', async () => {
    const { daemonHealth, untilDaemon } = await scene();
    await untilDaemon(200);
    const end = performance.now() + 2300;
    while (performance.now() < end);
    const answer = await daemonHealth();
    expect([answer.status, answer.json()]).toMatchObject([
      503,
      { ok: false, status: 'running', broken: ['eventLoop'] },
    ]);
  });

  it('a disk without room breaks those of disk and journal, and readiness; room mends all of them', async () => {
    let isFull = false;
    const disk: Disk = {
      freeBytes: (path) => (isFull ? 0 : MACHINE_DISK.freeBytes(path)),
      write: (transaction) => (isFull ? Promise.reject(new Error('no space left on device')) : transaction()),
    };
    const { untilDaemon, untilReady, untilMissing, health } = await scene({ disk });
    await untilReady();
    isFull = true;
    expect(await untilDaemon(503, 'disk')).toMatchObject({ ok: false });
    const { leases } = (await untilDaemon(503, 'journal')) as { leases: readonly LeaseView[] };
    expect(leases.find(({ name }) => name === 'disk')).toMatchObject({ ok: false, freeBytes: 0 });
    await untilMissing('journal');
    expect((await health()).status).toBe(200);
    isFull = false;
    await untilDaemon(200);
    await untilReady();
  });

  it('a journal that does not answer breaks its own', async () => {
    let isStuck = false;
    const held: (() => void)[] = [];
    const disk: Disk = {
      ...MACHINE_DISK,
      write: async (transaction) => {
        if (isStuck) await new Promise<void>((resolve) => held.push(resolve));
        return transaction();
      },
    };
    const { clock, untilDaemon, untilReady, untilMissing } = await scene({ disk });
    await untilReady();
    isStuck = true;
    clock.move(5001);
    await untilDaemon(503, 'journal');
    await untilMissing('journal');
    isStuck = false;
    for (const release of held) release();
    // What the clock's move has done to the event loop is shown for ten seconds.
    clock.move(10_001);
    await untilReady();
  });
});
