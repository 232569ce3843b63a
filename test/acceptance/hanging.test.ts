/** Code stuck in `while(true){}`: seen within two seconds, stoppable at once, and nobody else's trouble. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { poll, scratchDir } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { call } from '../http/support.ts';
import { holder, marketFile, Scene, strategySource, untilState, type Deployed } from './trading-scene.ts';

const SEEN_WITHIN_MS = 2000;

const stuck = (name: string, more = ''): string =>
  strategySource(name, `if (ticks === 3) { ${more} while (true) {} }`, 'onStop() { while (true) {} },');

const evaluationsOf = async (strategy: Deployed): Promise<number> =>
  ((await strategy.status())['evaluations'] as { total: number }).total;

async function timed<T>(action: Promise<T>): Promise<{ value: T; tookMs: number }> {
  const start = performance.now();
  const value = await action;
  return { value, tookMs: performance.now() - start };
}

it('is seen within two seconds while /status and /stop of that very strategy answer and others trade on', async () => {
  const scene = await Scene.open();
  const hangs = await scene.deploy('hangs', stuck('hangs', `ctx.buy('eur', { qty: 1000 });`));
  const good = await scene.deploy('good', holder('good'));
  expect((await hangs.get('/health')).status).toBe(200);

  scene.daemon.openMarkets();
  const { value: health, tookMs } = await timed(
    poll('the hang to be seen', async () => {
      const answer = await hangs.get('/health');
      return answer.status === 503 ? answer.json() : undefined;
    }),
  );
  expect(tookMs).toBeLessThan(SEEN_WITHIN_MS);
  expect(health).toMatchObject({ ok: false, broken: ['tickLoop'] });

  const status = await timed(
    poll('the state to follow', async () => {
      const now = await hangs.status();
      return now['state'] === 'unresponsive' ? now : undefined;
    }),
  );
  expect(status.tookMs).toBeLessThan(500);
  expect(status.value['lastError']).toMatchObject({ code: 'QKT_E_UNRESPONSIVE' });
  // What the stuck callback asked for never left its thread.
  expect(status.value).toMatchObject({ orders: [], positions: [], tradesTotal: 0 });

  const before = await evaluationsOf(good);
  await poll('others to go on', async () => ((await evaluationsOf(good)) > before ? true : undefined));
  expect((await good.get('/health')).status).toBe(200);
  expect((await scene.daemon.get('/daemon/health')).status).toBe(200);

  const stopped = await timed(hangs.post('/stop?flatten=true'));
  expect(stopped.tookMs).toBeLessThan(1000);
  expect([stopped.value.status, stopped.value.json()]).toMatchObject([200, { state: 'stopped', flattened: true }]);
});

it('with a position open is flattened all the same, verified', async () => {
  const scene = await Scene.open();
  const buyFirst = strategySource(
    'hangs',
    `if (ticks === 3) ctx.buy('eur', { qty: 10000 });
     if (ticks === 30) while (true) {}`,
  );
  const strategy = await scene.deploy('hangs', buyFirst);
  scene.daemon.openMarkets();
  await poll('the hang', async () => ((await strategy.status())['state'] === 'unresponsive' ? true : undefined));
  const stopped = await strategy.post('/stop?flatten=true');
  expect([stopped.status, stopped.json()]).toMatchObject([
    200,
    { state: 'stopped', flattened: true, openPositions: 0, verified: true },
  ]);
  expect(await strategy.status()).toMatchObject({ realized: -2, positions: [] });
});

it('is halted as it is seen, unless it declares otherwise, and takes commands while it hangs', async () => {
  const scene = await Scene.open();
  const strategy = await scene.deploy('hangs', stuck('hangs'));
  scene.daemon.openMarkets();
  const { riskState } = (await poll('the halt', async () => {
    const status = await strategy.status();
    const { halted } = status['riskState'] as { halted: boolean };
    return status['state'] === 'unresponsive' && halted ? status : undefined;
  })) as { riskState: { measured: number } };
  expect(riskState).toMatchObject({ rule: 'onHang', scope: 'strategy', by: null, limit: 1500 });
  expect(riskState.measured).toBeGreaterThanOrEqual(1500);

  const asked = { method: 'POST', token: scene.daemon.token, body: { reason: 'looking at it' } } as const;
  const halted = await timed(call(strategy.port, '/halt', asked));
  expect([halted.value.status, halted.value.json()]).toMatchObject([200, { halted: true, state: 'unresponsive' }]);
  const resumed = await timed(call(strategy.port, '/resume', asked));
  expect([resumed.value.status, resumed.value.json()]).toMatchObject([409, { state: 'unresponsive' }]);
  const killed = await timed(scene.daemon.post('/daemon/kill'));
  expect(killed.value.status).toBe(200);
  for (const { tookMs } of [halted, resumed, killed]) expect(tookMs).toBeLessThan(1000);
  expect(await strategy.status()).toMatchObject({ state: 'stopped', riskState: { halted: true } });
});

it('in a lock is told from spinning; held, it keeps its entries and trades on when it comes back', async () => {
  const scene = await Scene.open();
  const sleeps = strategySource(
    'sleeps',
    `if (ticks === 3) ctx.buy('eur', { qty: 1000, type: 'limit', price: 1 });
     if (ticks === 9) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);`,
  ).replace('params:', `onHang: 'hold', params:`);
  const strategy = await scene.deploy('sleeps', sleeps);
  scene.daemon.openMarkets();
  const hung = await untilState(strategy, 'unresponsive');
  expect(hung).toMatchObject({
    lastError: { code: 'QKT_E_UNRESPONSIVE', message: expect.stringMatching(/^idle: no turn finished/) as string },
    orders: [{ role: 'entry' }],
    riskState: { halted: false },
  });
  expect(await untilState(strategy, 'trading')).toMatchObject({ orders: [{ role: 'entry' }], losses: [] });
});

it('with onHang flatten is flat while it still hangs, without anybody asking', async () => {
  const scene = await Scene.open();
  const source = strategySource(
    'hangs',
    `if (ticks === 3) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.01 } } });
     if (ticks === 30) while (true) {}`,
  ).replace('params:', `onHang: 'flatten', params:`);
  const strategy = await scene.deploy('hangs', source);
  scene.daemon.openMarkets();
  const flat = await poll('it to be flat', async () => {
    const status = await strategy.status();
    return status['tradesTotal'] === 2 ? status : undefined;
  });
  expect(flat).toMatchObject({ positions: [], orders: [], riskState: { halted: true, rule: 'onHang' } });
  expect((await strategy.get('/health')).status).toBe(503);
});

it.runIf(process.platform !== 'win32')(
  'is no word for a process that was stopped and continued',
  async () => {
    const dir = scratchDir();
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'good.ts');
    writeFileSync(join(dir, 'quotes.csv'), marketFile());
    writeFileSync(file, holder('good'));
    const replay = ['--replay', join(dir, 'quotes.csv'), '--symbol', 'EURUSD', '--speed', '60'];
    const where = ['--state-dir', join(dir, 'state'), '--control-port', '0', '--port-pool', '20200-20299'];
    const run = new QktProcess('run', file, ...replay, ...where);
    onTestFinished(() => void run.kill('SIGKILL'));
    const port = Number(await run.says(/QKT_PORT=(\d+)/));
    const strategy = { get: (path: string) => call(port, path) };
    const state = async (): Promise<unknown> => (await strategy.get('/status')).json()['state'];
    await poll('it to trade', async () => ((await state()) === 'trading' ? true : undefined), 20_000);
    for (let round = 0; round < 3; round += 1) {
      run.child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      run.child.kill('SIGCONT');
      await poll('it to be healthy', async () => ((await strategy.get('/health')).status === 200 ? true : undefined));
    }
    const states = (await strategy.get('/events?types=lifecycle')).text;
    expect(states).toContain('"to":"trading"');
    expect(states).not.toContain('unresponsive');
  },
  60_000,
);
