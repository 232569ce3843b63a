/** How many strategies the daemon's health counts, and as what. */
import { expect, it, onTestFinished } from 'vitest';
import { TestDaemon } from '../doubles/daemon.ts';

const sourceOf = (name: string): string => `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${name}',
  streams: { eur: { symbol: 'EURUSD' } },
  create: () => ({ onTick() {} }),
});
`;

it('counts strategies by state, and as halted the very ones that the list shows so', async () => {
  const daemon = await TestDaemon.boot();
  onTestFinished(() => daemon.close());
  const counts = async () => (await daemon.get('/daemon/health')).json()['strategies'];
  expect(await counts()).toEqual({ total: 0, trading: 0, halted: 0 });
  for (const name of ['free', 'held', 'stopped']) await daemon.deployed(daemon.write(`${name}.ts`, sourceOf(name)));
  expect(await counts()).toEqual({ total: 3, halted: 0, trading: 3 });

  for (const name of ['held', 'stopped']) await daemon.post(`/daemon/strategies/${name}/halt`, { reason: 'news' });
  await daemon.post('/daemon/strategies/stopped/stop');

  expect(await counts()).toEqual({ total: 3, halted: 2, trading: 1, stopped: 1 });
  await daemon.post('/daemon/strategies/free/stop');
  expect(await counts()).toEqual({ total: 3, trading: 0, halted: 2, stopped: 2 });
  const rows = JSON.parse((await daemon.get('/daemon/list')).text) as readonly { name: string; halted: boolean }[];
  expect(rows.filter(({ halted }) => halted).map(({ name }) => name)).toEqual(['held', 'stopped']);
});
