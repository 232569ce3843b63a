import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { GuestFailure } from '../../src/worker/guest-failure.ts';
import type { GuestHost, TurnResult } from '../../src/worker/host.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';
import type { WireItem, WireState } from '../../src/worker/protocol.ts';
import { createWorkerHost } from '../../src/worker/worker-host.ts';
import { barItem, NO_STATE, startOn, strategyFile, StrategyFiles, tickItem, type Started } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

const failureOf = async (what: Promise<unknown>): Promise<GuestFailure> => {
  const failure: unknown = await what.catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(GuestFailure);
  return failure as GuestFailure;
};

describe.each([
  ['a worker thread', () => createWorkerHost()],
  ['the main thread', () => createInlineHost()],
])('a strategy in %s', (_where, makeHost) => {
  let host: GuestHost;
  afterEach(() => host.terminate());

  const start = async (create: string, state?: WireState, head?: string): Promise<Started> => {
    host = makeHost();
    return startOn(host, await files.compile(strategyFile(create, head)), state);
  };
  const turn = async (items: readonly WireItem[], state?: WireState): Promise<TurnResult> => host.turn(items, state);
  it('is described as plain data, with what its callbacks are', async () => {
    const { definition, callbacks } = await start('return { onBar() {}, onStop() {} };');
    expect(definition).toEqual({
      name: 'probe',
      version: 1,
      params: [{ name: 'length', kind: 'integer', default: 3, min: 1, max: 9 }],
      streams: [
        { key: 'eur', symbol: 'EURUSD', barMs: 60_000, warmup: 0 },
        { key: 'yen', symbol: 'USDJPY', warmup: 0 },
      ],
      timers: [{ name: 'soon', everyMs: 5_000 }],
      onHang: 'halt',
    });
    expect(callbacks).toEqual(['onBar', 'onStop']);
  });

  it('gives each callback its data and the moment', async () => {
    await start(`
      const seen = (what) => (data, ctx) => ctx.log('info', what, { data, now: ctx.now, warming: ctx.warming });
      return {
        onBar: seen('bar'), onTick: seen('tick'), onFill: seen('fill'), onReject: seen('reject'), onTimer: seen('timer'),
        onStop(ctx) { ctx.log('warn', 'stop', { now: ctx.now }); },
      };`);
    const { logs, consumed, evaluations } = await turn([
      barItem(1.1, { warming: true }),
      tickItem(1.1, 1.2, 61_000),
      {
        kind: 'fill',
        now: 62_000,
        stream: 'eur',
        fillId: 'f1',
        orderId: 'o1',
        side: 'BUY',
        qty: '0.1',
        price: 1.2,
        commission: '0.5',
        realized: '-0.5',
        reducing: false,
        role: 'entry',
        tag: 'mine',
      },
      {
        kind: 'reject',
        now: 63_000,
        stream: 'yen',
        orderId: 'o2',
        status: 'denied',
        code: 'WARMUP',
        reason: 'not yet',
        side: 'SELL',
        qty: '3',
      },
      { kind: 'timer', now: 64_000, name: 'soon' },
      { kind: 'probe', now: 65_000 },
      { kind: 'stop', now: 66_000 },
    ]);
    expect(consumed).toBe(7);
    expect(evaluations, 'the bar was a warm-up').toBe(1);
    expect(logs.map(({ message, fields }) => [message, fields])).toEqual([
      [
        'bar',
        {
          now: 60_000,
          warming: true,
          data: {
            stream: 'eur',
            symbol: 'EURUSD',
            start: 0,
            end: 60_000,
            open: 1.1,
            high: 1.1,
            low: 1.1,
            close: 1.1,
            ticks: 4,
          },
        },
      ],
      [
        'tick',
        { now: 61_000, warming: false, data: { stream: 'eur', symbol: 'EURUSD', ts: 61_000, bid: 1.1, ask: 1.2 } },
      ],
      [
        'fill',
        {
          now: 62_000,
          warming: false,
          data: {
            stream: 'eur',
            symbol: 'EURUSD',
            ts: 62_000,
            id: 'f1',
            orderId: 'o1',
            side: 'BUY',
            qty: 0.1,
            price: 1.2,
            commission: 0.5,
            realized: -0.5,
            reducing: false,
            role: 'entry',
            tag: 'mine',
          },
        },
      ],
      [
        'reject',
        {
          now: 63_000,
          warming: false,
          data: {
            stream: 'yen',
            symbol: 'USDJPY',
            ts: 63_000,
            orderId: 'o2',
            status: 'denied',
            code: 'WARMUP',
            reason: 'not yet',
            side: 'SELL',
            qty: 3,
          },
        },
      ],
      ['timer', { now: 64_000, warming: false, data: 'soon' }],
      ['stop', { now: 66_000 }],
    ]);
  });

  it('stops a turn after the first callback that asks for something', async () => {
    await start(`return { onTick(tick, ctx) { if (tick.bid > 2) ctx.buy('eur', { qty: 1 }); } };`);
    const first = await turn([tickItem(1, 1.1), tickItem(3, 3.1), tickItem(4, 4.1)]);
    expect(first).toMatchObject({ consumed: 2, evaluations: 2, intents: [{ kind: 'place', orderId: 'probe-2-1' }] });
    expect(await turn([tickItem(4, 4.1)])).toMatchObject({
      consumed: 1,
      intents: [{ orderId: 'probe-2-2', signalId: 'probe-2-s2' }],
    });
  });

  it('asks for orders in the order written, numbers as the decimals that print them shortest', async () => {
    await start(`return { onTick(tick, ctx) {
      const { id } = ctx.buy('eur', { qty: 0.1 });
      const { sell, close } = ctx;
      sell('yen', { qty: '0.30', type: 'limit', price: 0.1 + 0.2, tif: 'DAY', tag: id });
      close('eur');
      ctx.cancel(id);
      ctx.cancelAll('yen');
      ctx.cancelAll();
    } };`);
    const { intents } = await turn([tickItem(1, 1.1)]);
    expect(intents).toEqual([
      {
        kind: 'place',
        orderId: 'probe-2-1',
        signalId: 'probe-2-s1',
        stream: 'eur',
        side: 'BUY',
        type: 'market',
        qty: '0.1',
        tif: 'GTC',
      },
      {
        kind: 'place',
        orderId: 'probe-2-2',
        signalId: 'probe-2-s2',
        stream: 'yen',
        side: 'SELL',
        type: 'limit',
        qty: '0.3',
        price: '0.30000000000000004',
        tif: 'DAY',
        tag: 'probe-2-1',
      },
      { kind: 'close', orderId: 'probe-2-3', signalId: 'probe-2-s3', stream: 'eur' },
      { kind: 'cancel', orderId: 'probe-2-1' },
      { kind: 'cancelAll', stream: 'yen' },
      { kind: 'cancelAll' },
    ]);
  });

  it('answers position, account, quote and orders from the last state and quotes', async () => {
    await start(
      `return { onTick(tick, ctx) {
        ctx.log('info', 'seen', { eur: ctx.position('eur'), yen: ctx.position('yen'), account: ctx.account,
          quote: ctx.quote('yen'), orders: ctx.orders('eur'), all: ctx.orders().length });
      } };`,
    );
    const state: WireState = {
      balance: '10100.5',
      realized: '100.5',
      positions: [
        { stream: 'eur', qty: '-2', avgPrice: 1.05, cost: '-2.1', contractSize: '1000', rate: 1, openedAt: 500 },
        { stream: 'yen', qty: '3', avgPrice: 150, cost: '450', contractSize: '1', rate: 0.008, openedAt: 700 },
      ],
      orders: [
        {
          id: 'a',
          stream: 'eur',
          side: 'BUY',
          type: 'stop',
          role: 'stopLoss',
          qty: '2',
          filledQty: '0',
          price: 1.2,
          status: 'working',
        },
        {
          id: 'b',
          stream: 'yen',
          side: 'SELL',
          type: 'limit',
          role: 'entry',
          qty: '1',
          filledQty: '0',
          price: 160,
          status: 'working',
        },
      ],
    };
    const item = { ...tickItem(1, 1.1), quotes: [{ stream: 'yen', ts: 900, bid: 151, ask: 151.02 }] };
    const { logs } = await turn([item], state);
    expect(logs[0]?.fields).toEqual({
      // short: (1.1 × −2 + 2.1) × 1000; long: (151 × 3 − 450) × 0.008
      eur: { qty: -2, avgPrice: 1.05, unrealized: -100, openedAt: 500 },
      yen: { qty: 3, avgPrice: 150, unrealized: 0.024, openedAt: 700 },
      account: { equity: 10_000.524, balance: 10_100.5, realized: 100.5, unrealized: -99.976 },
      quote: { ts: 900, bid: 151, ask: 151.02 },
      orders: [
        {
          id: 'a',
          stream: 'eur',
          side: 'BUY',
          type: 'stop',
          role: 'stopLoss',
          qty: 2,
          filledQty: 0,
          price: 1.2,
          status: 'working',
        },
      ],
      all: 2,
    });
  });

  it('knows no unrealized figure while a quote or a rate is missing, and a flat position is zero', async () => {
    await start(`return { onTick(tick, ctx) {
      ctx.log('info', String(ctx.position('yen').unrealized), { equity: String(ctx.account.equity), flat: ctx.position('eur'), quote: ctx.quote('yen') });
    } };`);
    const held = { stream: 'yen', qty: '1', avgPrice: 150, cost: '150', contractSize: '1', rate: null, openedAt: 1 };
    const { logs } = await turn([tickItem(1, 2)], { ...NO_STATE, positions: [held] });
    expect(logs).toEqual([
      { level: 'info', message: 'NaN', fields: { equity: 'NaN', flat: { qty: 0, avgPrice: 0, unrealized: 0 } } },
    ]);
  });

  it('shows one position and one quote to all streams of a symbol', async () => {
    host = makeHost();
    const text = `import { defineStrategy } from 'qkt';
      export default defineStrategy({
        name: 'two', streams: { slow: { symbol: 'EURUSD', bars: '1h' }, fast: { symbol: 'EURUSD', bars: '1m' } },
        create: () => ({ onTick(tick, ctx) {
          ctx.log('info', 'seen', { slow: ctx.position('slow').qty, fast: ctx.position('fast').unrealized, quote: ctx.quote('fast') });
        } }),
      });`;
    await startOn(host, await files.compile(text));
    const held = { stream: 'slow', qty: '1', avgPrice: 1, cost: '1', contractSize: '1', rate: 1, openedAt: 1 };
    const { logs } = await turn([tickItem(1.5, 1.6, 5, 'slow')], { ...NO_STATE, positions: [held] });
    expect(logs[0]?.fields).toEqual({ slow: 1, fast: 0.5, quote: { ts: 5, bid: 1.5, ask: 1.6 } });
  });

  it('hands out frozen data only', async () => {
    await start(`return { onBar(bar, ctx) {
      const frozen = [bar, ctx, ctx.account, ctx.position('eur'), ctx.orders(), params].map(Object.isFrozen);
      ctx.log('info', frozen.join());
    } };`);
    expect((await turn([barItem(1)])).logs[0]?.message).toBe('true,true,true,true,true,true');
  });

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
    expect(logs.at(-1)).toMatchObject({ level: 'warn', fields: { dropped: 4_000 } });
  });

  it('sends the console of the author to the log, from the file’s first line on', async () => {
    await start(
      `console.warn('creating');
      return { onTick() { console.log('bid %d', 3); console.error(new Error('shown').message); console.table([{ a: 1 }]); } };`,
      undefined,
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
    expect(failure).toMatchObject({ code: 'QKT_E_CALLBACK', during: 'onBar', logs: [{ message: 'just before' }] });
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
    expect(failure).toMatchObject({ code: 'QKT_E_CALLBACK', during: 'background', message: 'forgotten' });
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
    expect(await failureOf(turn([tickItem(1, 2)]))).toMatchObject({ code: 'QKT_E_INTENT' });
  });

  it('answers nothing more once it is terminated', async () => {
    await start('return { onTick() {} };');
    host.terminate();
    expect(await failureOf(turn([tickItem(1, 2)]))).toMatchObject({ code: 'QKT_E_WORKER_EXIT' });
  });
});
