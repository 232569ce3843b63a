import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { GuestFailure } from '../../src/worker/guest-failure.ts';
import { WallClock } from '../../src/clock.ts';
import type { GuestHost, TurnResult } from '../../src/worker/host.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';
import { createProcessHost } from '../../src/worker/process-host.ts';
import type { WireItem } from '../../src/worker/protocol.ts';
import { createWorkerHost } from '../../src/worker/worker-host.ts';
import { barItem, startOn, strategyFile, StrategyFiles, tickItem, type Started } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

const failureOf = async (what: Promise<unknown>): Promise<GuestFailure> => {
  const failure: unknown = await what.catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(GuestFailure);
  return failure as GuestFailure;
};

describe.each([
  ['a worker thread', () => createWorkerHost()],
  ['a process', () => createProcessHost({ name: 'probe', clock: new WallClock() })],
  ['the main thread', () => createInlineHost()],
])('the logs and failures of a strategy in %s', (_where, makeHost) => {
  let host: GuestHost;
  afterEach(() => host.terminate());

  const start = async (create: string, head?: string): Promise<Started> => {
    host = makeHost();
    return startOn(host, await files.compile(strategyFile(create, head)));
  };
  const turn = async (items: readonly WireItem[]): Promise<TurnResult> => host.turn(items);

  it('logs what cannot be written as JSON, and what would not end', async () => {
    await start(`return { onTick(tick, ctx) {
      const loop = { name: 'loop' }; loop.self = loop;
      ctx.log('info', 'odd', {
        loop, big: 12n, fn() {}, nan: NaN, date: new Date(0), map: new Map([['a', 1]]), none: undefined, nil: null,
        get bad() { throw new Error('no'); }, many: Array.from({ length: 5000 }, (_, i) => i),
        hidden: new Proxy({}, { ownKeys() { throw new Error('shut'); } }), text: 'x'.repeat(100000),
      });
      ctx.log('nonsense', { toString() { throw new Error('no'); } });
    } };`);
    const { logs } = await turn([tickItem(1, 2)]);
    const text = JSON.stringify(logs);
    expect(text.length).toBeLessThan(10_000);
    expect(logs[0]?.fields).toMatchObject({
      loop: { name: 'loop', self: '[circular]' },
      big: '12',
      fn: '[function]',
      nan: 'NaN',
      date: '1970-01-01T00:00:00.000Z',
      map: [['a', 1]],
      nil: null,
      bad: '[throws: Error: no]',
      hidden: '[unreadable: Error: shut]',
    });
    expect(logs[1]).toEqual({ level: 'info', message: '[unprintable]' });
  });

  it('counts log lines beyond a thousand a turn instead of keeping them', async () => {
    await start(`return { onTick(tick, ctx) { for (let i = 0; i < 5000; i++) ctx.log('info', 'line'); } };`);
    const { logs } = await turn([tickItem(1, 2)]);
    expect(logs).toHaveLength(1_001);
    expect(logs.at(-1)).toMatchObject({ level: 'warn', dropped: 4_000 });
  });

  it('sends the console of the author to the log, from the file’s first line on', async () => {
    await start(
      `console.warn('creating');
      return { onTick() { console.log('bid %d', 3); console.error(new Error('shown').message); console.table([{ a: 1 }]); } };`,
      `console.log('loading');`,
    );
    const { logs } = await turn([tickItem(1, 2)]);
    expect(logs.slice(0, 4).map(({ level, message }) => [level, message])).toEqual([
      ['info', 'loading'],
      ['warn', 'creating'],
      ['info', 'bid 3'],
      ['error', 'shown'],
    ]);
    expect(logs[4]?.message).toContain('│');
  });

  it('reports a throw in a callback with the author’s line, and the log lines before it', async () => {
    const { compiled } = await start(`return { onBar(bar, ctx) {
      ctx.log('info', 'just before');
      const nothing: any = undefined;
      nothing.close();
    } };`);
    const failure = await failureOf(turn([barItem(1)]));
    expect(failure).toMatchObject({ cause: 'threw', during: 'onBar', logs: [{ message: 'just before' }] });
    expect(compiled.mapError(failure.wire)).toEqual({
      message: "TypeError: Cannot read properties of undefined (reading 'close')",
      location: { file: compiled.file, line: 12, column: 15 },
    });
  });

  it('reports a callback that returns a promise, with the line of the callback', async () => {
    const { compiled } = await start(`return {
      async onTick() { throw new Error('late'); },
    };`);
    const failure = await failureOf(turn([tickItem(1, 2)]));
    expect(failure).toMatchObject({
      code: 'QKT_E_ASYNC_CALLBACK',
      message: 'onTick returned a promise: callbacks are synchronous',
    });
    expect(compiled.mapError(failure.wire).location).toEqual({ file: compiled.file, line: 10, column: 13 });
  });

  it('reports a rejection that nobody handles, and a throw that is no Error', async () => {
    const { compiled } = await start(`return {
      onTick() { Promise.reject(new Error('forgotten')); },
      onBar() { throw 'just text'; },
    };`);
    const failure = await new Promise<GuestFailure>((resolve) => {
      host.failures$.subscribe(resolve);
      void turn([tickItem(1, 2)]);
    });
    expect(failure).toMatchObject({ cause: 'rejected', during: 'background', message: 'forgotten' });
    expect(compiled.mapError(failure.wire).location).toMatchObject({ line: 10 });
    expect(await failureOf(turn([barItem(1)]))).toMatchObject({ message: 'threw just text, which is not an Error' });
  });

  it('refuses actions after the callback has returned', async () => {
    await start(
      `let kept; return { onTick(tick, ctx) { kept = ctx; Promise.resolve().then(() => kept.buy('eur', { qty: 1 })); } };`,
    );
    const failure = await new Promise<GuestFailure>((resolve) => {
      host.failures$.subscribe(resolve);
      void turn([tickItem(1, 2)]);
    });
    expect(failure).toMatchObject({ code: 'QKT_E_INTENT', message: 'buy: ctx acts only while a callback runs' });
  });

  it('asks for nothing from a callback that fails after it has asked', async () => {
    await start(
      `let n = 0; return { onTick(tick, ctx) { if (n++ === 0) { ctx.buy('eur', { qty: 1 }); throw new Error('then'); } } };`,
    );
    await failureOf(turn([tickItem(1, 2)]));
    expect(await turn([tickItem(1, 2)])).toMatchObject({ intents: [] });
  });

  it('stops a callback that never stops asking', async () => {
    await start(`return { onTick(tick, ctx) { for (;;) ctx.buy('eur', { qty: 1 }); } };`);
    expect(await failureOf(turn([tickItem(1, 2)]))).toMatchObject({
      code: 'QKT_E_FLOODING',
      cause: 'flooding',
      during: 'onTick',
      message: 'buy: more than 250 actions in one callback',
    });
  });

  it('answers nothing more once it is terminated', async () => {
    await start('return { onTick() {} };');
    host.terminate();
    expect(await failureOf(turn([tickItem(1, 2)]))).toMatchObject({ code: 'QKT_E_WORKER_EXIT' });
  });
});
