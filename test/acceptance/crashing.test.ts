/** Code that throws, exits or eats all memory is one strategy's event: seen, restarted within a budget, told with its place. */
import { expect, it } from 'vitest';
import { holder, Scene, strategySource, untilState } from './trading-scene.ts';

it.each([
  ['calls process.exit', 'if (ticks === 3) process.exit(7);', 'QKT_E_WORKER_EXIT', /process\.exit\(7\)/],
  [
    'runs out of memory',
    'if (ticks === 3) { const all = []; for (;;) all.push(new Array(1e5).fill(ticks)); }',
    'QKT_E_WORKER_EXIT',
    /memory/,
  ],
  [
    'returns a promise',
    'if (ticks === 3) return Promise.resolve();',
    'QKT_E_ASYNC_CALLBACK',
    /onTick returned a promise/,
  ],
  [
    'leaves a rejection behind',
    `if (ticks === 3) void Promise.reject(new Error('nobody looks'));`,
    'QKT_E_CALLBACK',
    /nobody looks/,
  ],
  ['asks for a senseless order', `if (ticks === 3) ctx.buy('eur', { qty: -1 });`, 'QKT_E_INTENT', /qty/],
  ['asks for a stream that is not there', `if (ticks === 3) ctx.buy('eru', { qty: 1 });`, 'QKT_E_INTENT', /eru/],
])('a strategy that %s crashes alone, and says why', async (_, onTick, code, message) => {
  const scene = await Scene.open();
  const [bad, good] = [
    await scene.deploy('bad', strategySource('bad', onTick)),
    await scene.deploy('good', holder('good')),
  ];
  scene.daemon.openMarkets();
  const { lastError } = await untilState(bad, 'crashed');
  expect(lastError).toMatchObject({ code, message: expect.stringMatching(message) as string });
  expect((await bad.get('/health')).status).toBe(503);
  expect((await good.get('/health')).status).toBe(200);
  expect((await scene.daemon.get('/daemon/health')).status).toBe(200);
  // A stop of what has crashed is a stop like any other, and ends the restarts.
  expect((await bad.post('/stop')).json()).toMatchObject({ state: 'stopped', openPositions: 0, verified: true });
});

it('a crash keeps position, stop and ledger, and the next run trades on with them', async () => {
  const scene = await Scene.open();
  const onTick = `if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.005 } } });
if (ticks === 9 && !ctx.orders('eur').some(({ tag }) => tag === 'seen')) {
  ctx.sell('eur', { qty: 1, type: 'limit', price: 2, tag: 'seen' });
}
if (ticks === 12 && ctx.now < params.at) throw new Error('once');`;
  // Engine time begins in 2023, far from the parameter: only the first quotes of the data throw.
  const source = strategySource('phoenix', onTick).replace('{ min: 1 }', '{ min: 1, max: 1e13 }');
  const strategy = scene.at(
    'phoenix',
    await scene.daemon.deployed(scene.daemon.write('phoenix.ts', source), {
      params: { at: 1_700_000_000_000 + 20_000 },
    }),
  );
  scene.daemon.openMarkets();
  const crashed = await untilState(strategy, 'crashed');
  const orders = [{ role: 'stopLoss', price: 1.0952 }, { tag: 'seen' }];
  expect(crashed).toMatchObject({ positions: [{ qty: 10000, stopLoss: 1.0952 }], orders });
  const again = await untilState(strategy, 'trading');
  expect(again).toMatchObject({ restarts: 1, tradesTotal: 1, positions: [{ qty: 10000, stopLoss: 1.0952 }], orders });
});
