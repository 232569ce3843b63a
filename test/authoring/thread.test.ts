import { firstValueFrom } from 'rxjs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { GuestFailure } from '../../src/worker/guest-failure.ts';
import type { GuestHost } from '../../src/worker/host.ts';
import { createWorkerHost } from '../../src/worker/worker-host.ts';
import { barItem, startOn, strategyFile, StrategyFiles, tickItem } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

const rejection = async (what: Promise<unknown>): Promise<GuestFailure> =>
  (await what.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown,
  )) as GuestFailure;

describe('a strategy thread', () => {
  let host: GuestHost;
  afterEach(() => host.terminate());

  const start = async (create: string): Promise<void> => {
    host = createWorkerHost({ name: 'probe', heapMb: 24 });
    await startOn(host, await files.compile(strategyFile(create)));
  };

  it('is seen spinning, and ends at once, while its code never returns', async () => {
    await start('return { onTick() { for (;;); } };');
    const turn = rejection(Promise.resolve(host.turn([tickItem(1, 2)])));
    host.utilization();
    await expect.poll(() => host.utilization(), { timeout: 10_000 }).toBeGreaterThan(0.1);
    host.terminate();
    expect(await turn).toMatchObject({
      code: 'QKT_E_WORKER_EXIT',
      message: 'the strategy was ended by the daemon',
    });
  });

  it('is seen idle while it waits', async () => {
    await start('return { onTick() {} };');
    await host.turn([tickItem(1, 2)]);
    host.utilization();
    await expect.poll(() => host.utilization(), { timeout: 10_000 }).toBeLessThan(0.5);
  });

  it('is told from a spinning one when it sleeps within a callback', async () => {
    await start('return { onTick() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); } };');
    void rejection(Promise.resolve(host.turn([tickItem(1, 2)])));
    host.utilization();
    await new Promise((resolve) => setTimeout(resolve, 300));
    host.utilization();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(host.utilization()).toBeLessThan(process.platform === 'linux' ? 0.05 : 1.1);
  });

  // V8 ends the whole process where one of these meets the limit of a thread's heap.
  it.each([
    ['an array of numbers', 'const all = []; for (;;) all.push(1);'],
    ['a map', 'const all = new Map(); for (let n = 0; ; n++) all.set(n, n);'],
    ['an array that is long from the start', 'const all = new Array(8e7).fill(1); for (;;) all[0] += 1;'],
    [
      'copies of an array',
      'const kept = []; for (;;) { let all = [1]; while (all.length < 3e7) all = all.concat(all); kept.push(all); }',
    ],
    ['small arrays', 'const all = []; for (;;) all.push(new Array(1000).fill(Math.random()));'],
    ['buffers', 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 20, 1));'],
  ])('ends alone when one callback of its code fills the memory with %s', async (_, code) => {
    await start(`return { onTick() { ${code} } };`);
    expect(await rejection(Promise.resolve(host.turn([tickItem(1, 2)])))).toMatchObject({
      code: 'QKT_E_WORKER_EXIT',
      cause: 'outOfMemory',
      message: 'the strategy took more than 536 MB of memory',
    });
  });

  it.each([
    ['its heap', 'kept.push(new Array(1e5).fill(kept.length));', 'the strategy ran out of memory (limit 24 MB)'],
    ['buffers', 'kept.push(Buffer.alloc(2 ** 24, 1));', 'the strategy took more than 536 MB of memory'],
  ])('ends alone when its code keeps more and more from callback to callback: %s', async (_, code, message) => {
    await start(`const kept = []; return { onTick() { ${code} } };`);
    const leak = async (): Promise<never> => {
      for (;;) {
        await host.turn([tickItem(1, 2)]);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    expect(await rejection(leak())).toMatchObject({ cause: 'outOfMemory', message });
  });

  it('goes on when its code throws away more than it may keep', async () => {
    await start(
      'let some; return { onTick() { some = []; for (let n = 0; n < 20; n++) some.push(new Array(1e5).fill(n)); } };',
    );
    const until = performance.now() + 1500;
    while (performance.now() < until) await host.turn([tickItem(1, 2)]);
    expect(await host.turn([tickItem(1, 2)])).toMatchObject({ consumed: 1 });
  });

  it('ends alone when its code calls process.exit', async () => {
    await start('return { onTick() { process.exit(7); } };');
    expect(await rejection(Promise.resolve(host.turn([tickItem(1, 2)])))).toMatchObject({
      cause: 'exited',
      message: "the strategy's code ended its thread with process.exit(7)",
    });
  });

  it.each([
    ['imported', `const { Worker } = await import('node:worker_threads'); globalThis.Thread = Worker;`],
    ['required', `globalThis.Thread = process.getBuiltinModule('worker_threads').Worker;`],
  ])('starts no thread of its code’s own, %s: nobody would see its memory', async (_what, head) => {
    host = createWorkerHost({ name: 'probe', heapMb: 24 });
    const create = `return { onTick() { new Thread('for (const all = [];;) all.push(1)', { eval: true }); } };`;
    await startOn(host, await files.compile(strategyFile(create, head)));
    expect(await rejection(Promise.resolve(host.turn([tickItem(1, 2)])))).toMatchObject({
      code: 'QKT_E_CALLBACK',
      message: expect.stringContaining("isolation: 'process'") as string,
    });
  });

  // What is thrown past the listeners that the code has removed comes out of the thread as it is.
  it.each([
    ['null', 'null', 'threw null'],
    ['undefined', 'undefined', 'threw undefined'],
    ['a symbol for a message', '{ message: Symbol.iterator }', 'threw '],
    ['what refuses to be read', 'new Proxy({}, { get() { throw 1; } })', 'threw '],
    ['an error whose message is none', 'Object.assign(new Error(), { message: Object.create(null) })', ''],
  ])('ends alone when its code throws %s past every listener', async (_what, thrown, message) => {
    const code = `process.removeAllListeners('uncaughtException'); setTimeout(() => { throw ${thrown}; }, 0);`;
    await start(`return { onTick() { ${code} } };`);
    void host.turn([tickItem(1, 2)]);
    const failure = await firstValueFrom(host.failures$);
    expect(failure).toMatchObject({ code: 'QKT_E_WORKER_EXIT', cause: 'died' });
    expect(failure.message).toContain(`the strategy thread died: ${message}`);
  });

  it('tells of its end when nobody was asking', async () => {
    await start('return { onTick() { setTimeout(() => process.exit(3), 1); } };');
    const failure = new Promise<GuestFailure>((resolve) => host.failures$.subscribe(resolve));
    await host.turn([tickItem(1, 2)]);
    expect(await failure).toMatchObject({ code: 'QKT_E_WORKER_EXIT' });
    expect(await rejection(Promise.resolve(host.turn([tickItem(1, 2)])))).toMatchObject({ code: 'QKT_E_WORKER_EXIT' });
  });

  it('reports a throw in a timer of the author’s own, and goes on', async () => {
    await start('return { onTick() { setTimeout(() => { throw new TypeError("later"); }, 1); } };');
    const failure = new Promise<GuestFailure>((resolve) => host.failures$.subscribe(resolve));
    await host.turn([tickItem(1, 2)]);
    expect(await failure).toMatchObject({ code: 'QKT_E_CALLBACK', cause: 'threw', message: 'TypeError: later' });
    expect(await host.turn([tickItem(1, 2)])).toMatchObject({ consumed: 1 });
  });

  it('refuses a second turn while one is under way', async () => {
    await start('return { onTick() {} };');
    const first = host.turn([tickItem(1, 2)]);
    expect(await rejection(Promise.resolve(host.turn([tickItem(1, 2)])))).toMatchObject({ code: 'QKT_E_STATE' });
    expect(await first).toMatchObject({ consumed: 1 });
  });

  it('sends what its code writes to standard output to the log', async () => {
    await start(`return { onTick() { process.stdout.write('raw\\n'); process.stderr.write('oops\\n'); } };`);
    expect(await host.turn([tickItem(1, 2)])).toMatchObject({
      logs: [
        { level: 'info', message: 'raw' },
        { level: 'error', message: 'oops' },
      ],
    });
  });

  it('shares no variables with another thread of the same file', async () => {
    const compiled = await files.compile(
      strategyFile(`return { onBar(bar, ctx) { ctx.log('info', String(++count)); } };`, 'let count = 0;'),
    );
    const other = createWorkerHost();
    host = createWorkerHost();
    try {
      for (const each of [host, other]) {
        await startOn(each, compiled);
        expect(await each.turn([barItem(1)])).toMatchObject({ logs: [{ message: '1' }] });
      }
    } finally {
      other.terminate();
    }
  });
});
