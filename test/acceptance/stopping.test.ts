/** Stop, start, flatten and remove: what each answers, and that it is so. */
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { call } from '../http/support.ts';
import {
  ASK,
  BID,
  eventsOf,
  holder,
  Scene,
  strategySource,
  untilState,
  untilTrades,
  type Deployed,
} from './trading-scene.ts';

async function trading(order = ''): Promise<{ scene: Scene; strategy: Deployed }> {
  const scene = await Scene.open();
  const strategy = await scene.deploy('holder', holder('holder', order));
  scene.daemon.openMarkets();
  await untilTrades(strategy, 1);
  return { scene, strategy };
}

describe('a stop', () => {
  it('names the open position and that it has no stop; the port answers 503 on /health, and everything else as before', async () => {
    const { scene, strategy } = await trading();
    expect((await strategy.get('/health')).status).toBe(200);
    const stopped = await strategy.post('/stop');
    expect([stopped.status, stopped.json()]).toEqual([
      200,
      {
        state: 'stopped',
        flattened: false,
        openPositions: 1,
        cancelled: 0,
        tookMs: expect.any(Number) as number,
        positions: [{ symbol: 'EURUSD', qty: 10000, stopLoss: null }],
        unprotected: ['EURUSD'],
        verified: true,
      },
    ]);
    const health = await strategy.get('/health');
    expect([health.status, health.json()]).toEqual([
      503,
      expect.objectContaining({ ok: false, status: 'stopped', broken: ['tickLoop'] }),
    ]);
    expect(await strategy.status()).toMatchObject({ state: 'stopped', tradesTotal: 1, positions: [{ qty: 10000 }] });
    expect((await scene.daemon.get('/daemon/strategies/holder/health')).status).toBe(503);
    expect((await scene.daemon.get('/daemon/health')).json()).toMatchObject({ ok: true, strategies: { stopped: 1 } });
  });

  it('says of a protected position where its stop is, and leaves the stop at the venue', async () => {
    const { strategy } = await trading(', bracket: { stopLoss: { by: 0.005 }, takeProfit: { by: 0.01 } }');
    expect((await strategy.post('/stop')).json()).toMatchObject({
      openPositions: 1,
      positions: [{ symbol: 'EURUSD', qty: 10000, stopLoss: 1.0952 }],
      unprotected: [],
    });
    expect(await strategy.status()).toMatchObject({
      positions: [{ stopLoss: 1.0952, takeProfit: 1.1102 }],
      orders: [
        { role: 'stopLoss', status: 'working' },
        { role: 'takeProfit', status: 'working' },
      ],
    });
  });

  it('cancels working entries and waiting layers, and counts them', async () => {
    const scene = await Scene.open();
    const orders = `if (ticks === 5) {
      ctx.buy('eur', { qty: 1000, type: 'limit', price: 1.05 });
      ctx.buy('eur', { qty: 1000, stack: { layers: 3, spacing: 0.01, direction: 'with', within: '1h' } });
    }`;
    const strategy = await scene.deploy('orders', strategySource('orders', orders));
    scene.daemon.openMarkets();
    await untilTrades(strategy, 1);
    expect(await strategy.status()).toMatchObject({ orders: [{ type: 'limit' }], pendingStackLayers: [{}, {}] });
    expect((await strategy.post('/stop')).json()).toMatchObject({ cancelled: 3, openPositions: 1 });
    expect(await strategy.status()).toMatchObject({ orders: [], pendingStackLayers: [] });
  });

  it('with flatten is flat, verified, and the loss of the spread is realized to the cent', async () => {
    const { scene, strategy } = await trading(', bracket: { stopLoss: { by: 0.005 } }');
    const stopped = await strategy.post('/stop?flatten=true');
    expect([stopped.status, stopped.json()]).toMatchObject([
      200,
      { state: 'stopped', flattened: true, openPositions: 0, verified: true },
    ]);
    const status = await strategy.status();
    expect(status).toMatchObject({
      positions: [],
      orders: [],
      realized: -2,
      balance: 9998,
      equity: 9998,
      unrealized: 0,
    });
    expect(
      (status['trades'] as { side: string; price: number }[]).map(({ side, price }) => [side, String(price)]),
    ).toEqual([
      ['BUY', ASK],
      ['SELL', BID],
    ]);
    expect((await scene.command('holder', 'start')).json()).toMatchObject({ name: 'holder', port: strategy.port });
    await untilState(strategy, 'trading');
    expect(await strategy.status()).toMatchObject({ startingBalance: 10000, realized: -2 });
  });

  it('repeated has the same result, with the same key and without one', async () => {
    const { scene, strategy } = await trading();
    const key = { 'idempotency-key': 'stop-1' };
    const [first, second] = await Promise.all([strategy.post('/stop', key), strategy.post('/stop', key)]);
    expect(second.text).toBe(first.text);
    expect((await strategy.post('/stop')).text).toBe(first.text);
    expect((await scene.command('holder', 'stop')).text).toBe(first.text);
    // Flat is something else: this one has work to do.
    expect((await strategy.post('/stop?flatten=true')).json()).toMatchObject({ flattened: true, openPositions: 0 });
    expect((await strategy.post('/stop?flatten=true')).json()).toMatchObject({ flattened: true, openPositions: 0 });
  });

  it('with flatten closes all while a stop without it waits for the author’s onStop, which runs once', async () => {
    const scene = await Scene.open();
    const slow = `onStop(ctx) { ctx.buy('eur', { qty: 1 }); for (const end = Date.now() + 1500; Date.now() < end; ); },`;
    const strategy = await scene.deploy('slow', holder('slow', '', slow));
    scene.daemon.openMarkets();
    await untilTrades(strategy, 1);
    const plain = strategy.post('/stop');
    await poll('the author’s onStop', async () => {
      const { value } = (await strategy.get('/machine')).json();
      return JSON.stringify(value) === '{"stopping":"draining"}' || undefined;
    });
    const flat = await strategy.post('/stop?flatten=true');
    expect([flat.status, flat.json()]).toMatchObject([
      200,
      { state: 'stopped', flattened: true, openPositions: 0, verified: true },
    ]);
    expect((await plain).json()).toMatchObject({ state: 'stopped', openPositions: 0 });
    expect(await eventsOf(strategy, 'rejection')).toHaveLength(1);
  });

  it('that is not waited for answers 202, and its operation tells the outcome', async () => {
    const scene = await Scene.open();
    const slow = 'onStop() { for (const end = Date.now() + 300; Date.now() < end; ); },';
    const strategy = await scene.deploy('slow', strategySource('slow', '', slow));
    const answer = await strategy.post('/stop?wait=0');
    expect(answer.status).toBe(202);
    const { operation } = answer.json() as { operation: string };
    const done = await poll('the outcome', async () => {
      const view = (await strategy.get(operation)).json();
      return view['done'] === true ? view : undefined;
    });
    expect(done).toMatchObject({
      command: 'stop',
      strategy: 'slow',
      by: 'owner',
      status: 200,
      result: { state: 'stopped' },
    });
    expect((await scene.daemon.get(`/daemon${operation}`)).json()).toEqual(done);
  });
});

describe('a stopped strategy', () => {
  it('starts again on its port with its ledger, and a second start is refused with what is possible', async () => {
    const { scene, strategy } = await trading();
    await strategy.post('/stop');
    const started = await scene.command('holder', 'start');
    expect([started.status, started.json()]).toMatchObject([200, { name: 'holder', port: strategy.port, version: 1 }]);
    await untilState(strategy, 'trading');
    expect((await strategy.get('/health')).status).toBe(200);
    expect(await strategy.status()).toMatchObject({ tradesTotal: 1, positions: [{ qty: 10000 }] });
    const refused = await scene.command('holder', 'start');
    expect([refused.status, refused.json()]).toMatchObject([409, { code: 'QKT_E_STATE', allowed: ['HALT', 'STOP'] }]);
  });

  it('is removed once it is flat, and not before', async () => {
    const { scene, strategy } = await trading();
    const running = await scene.daemon.remove('holder');
    expect([running.status, running.json()]).toMatchObject([409, { code: 'QKT_E_STATE', allowed: ['HALT', 'STOP'] }]);
    await strategy.post('/stop');
    const holding = await scene.daemon.remove('holder');
    expect([holding.status, holding.json()]).toMatchObject([409, { code: 'QKT_E_NOT_FLAT' }]);
    expect(holding.json()['detail']).toContain('EURUSD 10000');
    await strategy.post('/stop?flatten=true');
    expect((await scene.daemon.remove('holder')).json()).toEqual({ name: 'holder', removed: true });
    expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toEqual([]);
    expect((await scene.daemon.get('/daemon/strategies/holder/status')).status).toBe(404);
    await expect(call(strategy.port, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    // Its name is free again, and a new strategy of that name begins with nothing.
    const again = await scene.deploy('holder', holder('holder'));
    expect(await again.status()).toMatchObject({ startingBalance: 10000 });
  });
});
