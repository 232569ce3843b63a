import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { holder, Scene } from './trading-scene.ts';

it('a stopped strategy answers on its port for fifteen seconds, then is asked through the daemon, and gets its port again', async () => {
  const scene = await Scene.open();
  const strategy = await scene.deploy('holder', holder('holder'));
  const idle = await scene.deploy('idle', holder('idle'));
  await strategy.post('/stop');
  const stoppedAt = performance.now();
  expect((await strategy.get('/health')).status).toBe(503);
  await poll(
    'the port to be released',
    () =>
      strategy.get('/health').then(
        () => undefined,
        ({ code }: NodeJS.ErrnoException) => (code === 'ECONNREFUSED' ? true : undefined),
      ),
    20_000,
  );
  expect(performance.now() - stoppedAt).toBeGreaterThan(14_500);

  // Its market was never opened: a loop without any tick answers probes all the same.
  expect((await idle.get('/health')).status).toBe(200);
  expect((await scene.daemon.get('/daemon/strategies/holder/health')).status).toBe(503);
  expect((await scene.daemon.get('/daemon/strategies/holder/status')).json()).toMatchObject({ state: 'stopped' });
  expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toMatchObject([
    { name: 'holder', port: null },
    { name: 'idle', port: idle.port },
  ]);

  expect((await scene.command('holder', 'start')).json()).toMatchObject({ port: strategy.port });
  await poll('health', async () => ((await strategy.get('/health')).status === 200 ? true : undefined));
});
