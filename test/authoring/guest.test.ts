import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { GuestHost, TurnResult } from '../../src/worker/host.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';
import { createProcessHost } from '../../src/worker/process-host.ts';
import type { WireItem, WireState } from '../../src/worker/protocol.ts';
import { createWorkerHost } from '../../src/worker/worker-host.ts';
import { barItem, NO_STATE, startOn, strategyFile, StrategyFiles, tickItem, type Started } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

describe.each([
  ['a worker thread', () => createWorkerHost()],
  ['a process', () => createProcessHost({ name: 'probe', clock: new WallClock() })],
  ['the main thread', () => createInlineHost()],
])('a strategy in %s', (_where, makeHost) => {
  let host: GuestHost;
  afterEach(() => host.terminate());

  const start = async (create: string, state?: WireState): Promise<Started> => {
    host = makeHost();
    return startOn(host, await files.compile(strategyFile(create)), state);
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
      isolation: 'worker',
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
        { stream: 'eur', qty: '-2', avgPrice: 1.05, cost: '-2100', contractSize: '1000', rate: 1, openedAt: 500 },
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
});
