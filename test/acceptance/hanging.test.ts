/** Code stuck in `while(true){}`: seen within two seconds, stoppable at once, and nobody else's trouble. */
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { holder, Scene, strategySource, type Deployed } from './trading-scene.ts';

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
