import { rmSync } from 'node:fs';
import { onTestFinished, describe, expect, it } from 'vitest';
import { Scene, holder, strategySource, untilState, untilTrades } from '../acceptance/trading-scene.ts';
import { scratchDir, TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';
import { instrument } from '../doubles/engine.ts';
import { DeskScene, rule } from './desk-scene.ts';

const STUCK = strategySource(
  'stuck',
  `if (ticks === params.at) ctx.buy('eur', { qty: 10000 });
   if (ctx.position('eur').qty !== 0) while (true) {}`,
);

describe('a kill', () => {
  it('closes everything, of a strategy that hangs as well, and says the same again', async () => {
    const scene = await Scene.open();
    const stuck = await scene.deploy('stuck', STUCK);
    const calm = await scene.deploy('calm', holder('calm'));
    scene.daemon.openMarkets();
    await untilTrades(calm, 1);
    await untilTrades(stuck, 1);
    const killed = await scene.daemon.post('/daemon/kill?wait=30');
    expect(killed.status).toBe(200);
    const { strategies } = killed.json() as { strategies: Record<string, Record<string, unknown>> };
    for (const name of ['stuck', 'calm'])
      expect(strategies[name]).toMatchObject({ state: 'stopped', flattened: true, openPositions: 0, verified: true });
    const again = await scene.daemon.post('/daemon/kill?wait=30');
    expect([again.status, again.json()['strategies']]).toEqual([200, strategies]);
  }, 40_000);
});

describe('a halt of the book', () => {
  it('is in force for who is deployed during it; one resume lifts it for all', async () => {
    const scene = await Scene.open();
    const first = await scene.deploy('first', holder('first'));
    scene.daemon.openMarkets();
    await untilTrades(first, 1);
    const halted = await scene.daemon.post('/daemon/halt', { reason: 'news' });
    expect(halted.status).toBe(200);
    const second = await scene.deploy('second', holder('second'));
    const status = await untilState(second, 'halted');
    expect(status['riskState']).toMatchObject({ halted: true, scope: 'book', reason: 'news', rule: 'manual' });
    const own = await scene.daemon.post('/daemon/strategies/second/resume', { reason: 'I want to' });
    expect([own.status, own.json()['code'] ?? own.text]).toEqual([409, expect.stringContaining('QKT_E_BOOK_HALT')]);
    const resumed = await scene.daemon.post('/daemon/resume', { reason: 'news is over' });
    expect(resumed.status).toBe(200);
    await untilState(second, 'trading');
    await untilState(first, 'trading');
    const acts = (await scene.daemon.get('/daemon/journal')).text;
    expect(acts).toContain('news is over');
  }, 40_000);
});

describe("the book's rules over a restart of the daemon", () => {
  it('do not take accounts that come back for losses', async () => {
    const dir = scratchDir();
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const config = {
      venues: { paper: { type: 'paper', feed: 'synthetic', seed: 7 } },
      risk: { book: [{ rule: 'maxDrawdown', limit: 0.1, basis: 'peak' }] },
    } satisfies DaemonOptions['config'];
    const before = await TestDaemon.boot({ config, dir });
    for (const name of ['a', 'b'])
      await before.deployed(before.write(`${name}.ts`, strategySource(name, '')), { name });
    before.openMarkets();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await before.close();
    const after = await TestDaemon.boot({ config, dir });
    onTestFinished(() => after.close());
    after.openMarkets();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const rows = (await after.get('/daemon/list')).json() as unknown as { state: string; halted: boolean }[];
    expect(rows.map(({ halted }) => halted)).toEqual([false, false]);
  }, 30_000);
});

describe('flattening', () => {
  const TERMS = [instrument('X', { volumeStep: '0.1', volumeMin: '0.1', volumeMax: 3 })];
  const stop = { type: 'STOP', by: 'test', flatten: true, timeoutMs: 10_000 } as const;

  it('goes in parts where the venue or our own cap takes no more at once, during a halt as well', async () => {
    const scene = await DeskScene.open({ instruments: TERMS, gate: { maxOrderQty: 2 } });
    scene.quote(1000);
    for (let i = 0; i < 3; i++) scene.s.trade('BUY', 1.5);
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    scene.s.runtime.actor.send(stop);
    await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 0]);
    const parts = scene.s.book.trades.kept().filter(({ orderId }) => orderId.includes('flatten'));
    expect(parts.map(({ qty }) => qty.toNumber())).toEqual([2, 2, 0.5]);
  });

  it('asks again where the venue refuses for a while', async () => {
    const scene = await DeskScene.open({ instruments: TERMS, seed: 5, paper: { rejectionRate: 0.7 } });
    scene.quote(1000);
    for (let i = 0; i < 30 && scene.s.qty() === 0; i++) scene.s.trade('BUY', 2);
    expect(scene.s.qty()).toBeGreaterThan(0);
    scene.s.runtime.actor.send(stop);
    for (let i = 0; i < 20 && scene.s.state !== 'stopped'; i++) await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 0]);
    const { stop: record } = scene.s.runtime.actor.snapshot().context;
    expect(record).toMatchObject({ flattened: true, verified: true, left: [] });
    expect(scene.s.book.rejected['VENUE_REJECTED']).toBeGreaterThan(0);
  });

  it('names what is left at its deadline, and a further stop takes it up again', async () => {
    const scene = await DeskScene.open({ instruments: TERMS });
    scene.quote(1000);
    scene.s.trade('BUY', 2);
    await scene.rest();
    scene.gatewayReady = false;
    scene.s.runtime.actor.send({ ...stop, timeoutMs: 1000 });
    for (let i = 0; i < 10 && scene.s.state !== 'stopped'; i++) await scene.rest();
    const { stop: record } = scene.s.runtime.actor.snapshot().context;
    expect([scene.s.state, record?.flattened, record?.verified]).toEqual(['stopped', false, false]);
    expect(record?.left.join()).toContain('position');
    scene.gatewayReady = true;
    scene.s.runtime.actor.send(stop);
    for (let i = 0; i < 10 && scene.s.qty() !== 0; i++) await scene.rest();
    expect([scene.s.state, scene.s.qty()]).toEqual(['stopped', 0]);
  });
});

describe('a halt', () => {
  it.each(['stopped', 'warming', 'trading', 'halted', 'unresponsive', 'crashed', 'failed'])(
    'is accepted in the state %s, and survives what follows',
    async (state) => {
      const scene = await DeskScene.open({ halt: [rule('maxDailyLoss', 1e6)] });
      scene.quote(1000);
      const { actor, halts } = scene.s.runtime;
      const error = { code: 'QKT_E_CALLBACK', message: 'boom' };
      const manual = { rule: 'manual', scope: 'strategy', by: 'test' } as const;
      if (state === 'stopped') actor.send({ type: 'STOP', by: 'test', flatten: false, timeoutMs: 1000 });
      if (state === 'warming') actor.send({ type: 'RESTART', by: 'test' });
      if (state === 'halted') void halts.halt({ ...manual, reason: 'before' });
      if (state === 'unresponsive') actor.send({ type: 'HUNG', hang: { cause: 'spinning', detail: 'test' } });
      if (state === 'crashed') actor.send({ type: 'CRASHED', cause: 'threw', error });
      if (state === 'failed') actor.send({ type: 'FAULT', error, during: 'test' });
      if (state === 'stopped') await scene.rest();
      const halted = halts.halt({ ...manual, reason: 'look' });
      expect(scene.s.trade('BUY', 1)).toBe('HALTED');
      await scene.rest();
      expect(await halted).toMatchObject({ halted: true, durable: true });
      await scene.restart();
      expect(scene.s.causes.map(({ reason }) => reason)).toContain('look');
      expect(['halted', 'failed']).toContain(scene.s.state);
      expect(scene.s.trade('BUY', 1)).toBe('HALTED');
    },
  );
});
