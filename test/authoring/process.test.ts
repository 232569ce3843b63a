import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { GuestFailure } from '../../src/worker/guest-failure.ts';
import type { GuestHost } from '../../src/worker/host.ts';
import { createProcessHost } from '../../src/worker/process-host.ts';
import { poll } from '../doubles/daemon.ts';
import { startOn, strategyFile, StrategyFiles, tickItem } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const lossOf = async (what: unknown): Promise<GuestFailure> =>
  (await Promise.resolve(what).then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown,
  )) as GuestFailure;

describe('a strategy’s process', () => {
  let host: GuestHost;
  afterEach(() => host.terminate());

  const start = async (create: string, head = ''): Promise<void> => {
    host = createProcessHost({ name: 'probe', clock: new WallClock(), heapMb: 32 });
    await startOn(host, await files.compile(strategyFile(create, head)));
  };
  const tick = (): unknown => host.turn([tickItem(1, 2)]);
  const pidFromLog = async (): Promise<number> => Number((await host.turn([tickItem(1, 2)])).logs[0]?.message);

  it('is named by its exit code when its code ends it', async () => {
    await start('return { onTick() { process.exit(7); } };');
    expect(await lossOf(tick())).toMatchObject({
      code: 'QKT_E_WORKER_EXIT',
      cause: 'exited',
      message: "the strategy's code ended its process with process.exit(7)",
    });
  });

  it('is named by its signal when native code aborts it, with what it printed last', async () => {
    await start('return { onTick() { process.abort(); } };');
    const loss = await lossOf(tick());
    expect(loss).toMatchObject({ cause: 'died', message: "the strategy's process died of SIGABRT" });
    expect(loss.logs[0]?.message).toContain('stack trace');
  });

  it('is named out of memory when its heap is full', async () => {
    await start('const kept = []; return { onTick() { for (;;) kept.push(new Array(1000).fill(Math.random())); } };');
    expect(await lossOf(tick())).toMatchObject({
      cause: 'outOfMemory',
      message: 'the strategy ran out of memory (limit 32 MB)',
    });
  });

  it('is named out of memory when what is not on its heap grows', async () => {
    await start('const kept = []; return { onTick() { for (;;) kept.push(Buffer.alloc(2 ** 24, 1)); } };');
    expect(await lossOf(tick())).toMatchObject({
      cause: 'outOfMemory',
      message: 'the strategy took more than 544 MB of memory',
    });
  });

  it('is seen spinning, and is gone at once, while its code never returns', async () => {
    await start(`return { onTick(tick, ctx) { ctx.log('info', String(process.pid)); }, onTimer() { for (;;); } };`);
    const pid = await pidFromLog();
    const turn = lossOf(host.turn([{ kind: 'timer', now: 1, name: 'soon' }]));
    host.utilization();
    await expect.poll(() => host.utilization(), { timeout: 10_000, interval: 200 }).toBeGreaterThan(0.5);
    host.terminate();
    expect(await turn).toMatchObject({ message: 'the strategy was ended by the daemon' });
    await poll('the end of the process', () => (isAlive(pid) ? undefined : true), 20_000);
  });

  it.skipIf(process.platform !== 'linux')('is seen idle when it waits within a callback', async () => {
    await start(`return { onTick() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); } };`);
    const turn = lossOf(tick());
    host.utilization();
    await expect.poll(() => host.utilization(), { timeout: 10_000, interval: 200 }).toBeLessThan(0.2);
    host.terminate();
    await turn;
  });

  it('tells of its end when nobody was asking', async () => {
    await start(`return { onTick() { setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 1); } };`);
    const failure = new Promise<GuestFailure>((resolve) => host.failures$.subscribe(resolve));
    await tick();
    expect(await failure).toMatchObject({ cause: 'died', message: "the strategy's process died of SIGSEGV" });
  });

  it('is told dead when its code closes the channel', async () => {
    await start('return { onTick() { closeSync(3); } };', `import { closeSync } from 'node:fs';`);
    expect(await lossOf(tick())).toMatchObject({ cause: 'died' });
  });

  const announcing = (bytes: number): string => `const text = Buffer.alloc(16, 1); text.writeUInt32LE(${bytes});`;
  it.each([
    ['text', `const text = 'error: broken\\n';`],
    ['what its length does not announce', announcing(8)],
    ['what is nothing', announcing(0)],
    ['a message beyond all measure', announcing(2 ** 31)],
  ])('is told dead, and the daemon goes on, when its code writes %s to the channel', async (_what, text) => {
    const head = `import { writeSync } from 'node:fs';`;
    await start(`return { onTick() { ${text} for (;;) try { writeSync(3, text); } catch {} } };`, head);
    const loss = await lossOf(tick());
    expect(loss).toMatchObject({ code: 'QKT_E_WORKER_EXIT', cause: 'died' });
    expect(loss.message).toContain("the strategy's code spoiled its channel to the daemon");
  });

  it('takes no signal that is meant for the daemon', async () => {
    await start(
      `return { onTick() { for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(process.pid, signal); } };`,
    );
    await tick();
    expect(await tick()).toMatchObject({ consumed: 1 });
  });

  it('gets nothing of the daemon’s environment but what programs need', async () => {
    process.env.QKT_TEST_SECRET = 'hunter2';
    try {
      await start(`return { onTick(tick, ctx) { ctx.log('info', JSON.stringify(process.env)); } };`);
    } finally {
      delete process.env.QKT_TEST_SECRET;
    }
    const { logs } = await host.turn([tickItem(1, 2)]);
    const seen = JSON.parse(logs[0]!.message) as Record<string, string>;
    expect(seen).toMatchObject({ PATH: process.env.PATH });
    expect(seen).not.toHaveProperty('QKT_TEST_SECRET');
    expect(seen).not.toHaveProperty('VITEST');
  });

  it('is lost for flooding when it prints past the author’s console without end', async () => {
    await start(
      `return { onTick() { const text = Buffer.alloc(65536, 'x'); for (;;) try { writeSync(1, text); } catch {} } };`,
      `import { writeSync } from 'node:fs';`,
    );
    expect(await lossOf(tick())).toMatchObject({ code: 'QKT_E_FLOODING', cause: 'flooding' });
  });
});

describe('a strategy’s process whose daemon is killed', () => {
  /** Another process that has a strategy's process as its child, as a daemon has. */
  async function daemon(create: string): Promise<{ readonly pid: number; kill: () => void }> {
    const { moduleUrl } = await files.compile(strategyFile(create));
    const built = (name: string): string => new URL(`../../dist/${name}`, import.meta.url).href;
    const script = `
      const { createProcessHost } = await import(${JSON.stringify(built('worker/process-host.js'))});
      const { WallClock } = await import(${JSON.stringify(built('clock.js'))});
      const host = createProcessHost({ name: 'orphan', clock: new WallClock() });
      await host.load(${JSON.stringify(moduleUrl)});
      const state = { balance: '1', realized: '0', positions: [], orders: [] };
      await host.create({ strategy: 'orphan', run: 1, params: { length: 3 }, startingBalance: '1', state });
      const tick = { kind: 'tick', now: 1, stream: 'eur', ts: 1, bid: 1, ask: 2 };
      const { logs } = await host.turn([tick]);
      console.log(logs[0].message);
      void host.turn([tick]);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { pid: Number(line), kill: () => child.kill('SIGKILL') };
  }

  it.each([
    ['idles', ''],
    ['spins', 'for (;;);'],
    ['has taken every listener away', 'process.removeAllListeners(); setInterval(() => {}, 1000);'],
  ])('ends by itself when its code %s', async (_what, second) => {
    const { pid, kill } = await daemon(
      `let n = 0; return { onTick(tick, ctx) { if (n++ === 0) ctx.log('info', String(process.pid)); else { ${second} } } };`,
    );
    expect(isAlive(pid)).toBe(true);
    kill();
    await poll('the end of the orphan', () => (isAlive(pid) ? undefined : true), 20_000);
  });
});
