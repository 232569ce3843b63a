/** Code that throws, exits or eats all memory is one strategy's event: seen, restarted within a budget, told with its place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { BODY_LINE, eventsOf, holder, Scene, strategySource, type Deployed } from './trading-scene.ts';

const SOON_MS = 10_000;

const until = (strategy: Deployed, state: string, withinMs = SOON_MS): Promise<Record<string, unknown>> =>
  poll(
    `${strategy.name} to be ${state}`,
    async () => {
      const status = await strategy.status();
      return status['state'] === state ? status : undefined;
    },
    withinMs,
  );

/** Wrong in the third call of each run. */
const thrower = (name: string): string => strategySource(name, `if (ticks === 3)\n  throw new Error('out of ideas');`);
const PLACE = `${BODY_LINE + 1}:9`;

it('a callback that throws crashes its strategy, which restarts three times and then has failed, for good until somebody starts it', async () => {
  const scene = await Scene.open();
  const [bad, good] = [await scene.deploy('bad', thrower('bad')), await scene.deploy('good', holder('good'))];
  scene.daemon.openMarkets();

  const crashed = await until(bad, 'crashed');
  const file = join(scene.daemon.dir, 'bad.ts');
  const lastError = {
    code: 'QKT_E_CALLBACK',
    message: expect.stringContaining('out of ideas') as string,
    file,
    line: BODY_LINE + 1,
    column: 9,
  };
  expect(crashed['lastError']).toMatchObject(lastError);
  expect((await bad.get('/health')).status).toBe(503);
  expect((await bad.get('/health/ready')).status).toBe(503);

  const failed = await until(bad, 'failed', 20_000);
  expect(failed).toMatchObject({ restarts: 3, lastError });
  const crashes = (await eventsOf(bad, 'lifecycle')).filter(({ to }) => to === 'crashed' || to === 'failed');
  expect(crashes.map(({ to }) => to)).toEqual(['crashed', 'crashed', 'crashed', 'failed']);
  const log = readFileSync(join(scene.daemon.app.stateDir, 'logs', 'bad.log'), 'utf8');
  const line = `ERROR strategy=bad trading → crashed cause=CRASHED detail="${file}:${PLACE}: out of ideas"`;
  expect(log.split('\n').filter((entry) => entry.includes(line))).toHaveLength(3);

  expect((await good.get('/health')).status).toBe(200);
  expect(await good.status()).toMatchObject({ state: 'trading', restarts: 0 });
  expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toMatchObject([
    { name: 'bad', state: 'failed', health: 'unhealthy', restarts: 3 },
    { name: 'good', state: 'trading', health: 'ok' },
  ]);

  const mended = scene.daemon.write('bad.ts', holder('bad'));
  expect((await scene.daemon.deploy(mended, { name: 'bad', replace: true })).status).toBe(201);
  expect((await until(bad, 'trading'))['lastError']).toBeUndefined();
}, 40_000);

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
  const { lastError } = await until(bad, 'crashed');
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
  const crashed = await until(strategy, 'crashed');
  const orders = [{ role: 'stopLoss', price: 1.0952 }, { tag: 'seen' }];
  expect(crashed).toMatchObject({ positions: [{ qty: 10000, stopLoss: 1.0952 }], orders });
  const again = await until(strategy, 'trading');
  expect(again).toMatchObject({ restarts: 1, tradesTotal: 1, positions: [{ qty: 10000, stopLoss: 1.0952 }], orders });
});
