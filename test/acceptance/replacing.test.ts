/** Redeploying over a running strategy: ledger and port stay, and a broken replacement changes nothing. */
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import {
  eventsOf,
  holder,
  Scene,
  statesOf,
  strategySource,
  untilState,
  untilTrades,
  type Deployed,
} from './trading-scene.ts';

async function holding(): Promise<{ scene: Scene; strategy: Deployed }> {
  const scene = await Scene.open();
  const strategy = await scene.deploy('holder', holder('holder', ', bracket: { stopLoss: { by: 0.005 } }'));
  scene.daemon.openMarkets();
  await untilTrades(strategy, 1);
  return { scene, strategy };
}

const NEXT = strategySource('holder', `if (ticks === 3) ctx.close('eur');`).replace(
  "'holder',",
  "'holder', version: 2,",
);

it('a replacement goes on with ledger, position, protective orders, port and event sequence', async () => {
  const { scene, strategy } = await holding();
  const before = await strategy.status();
  const file = scene.daemon.write('next.ts', NEXT);
  const answer = await scene.daemon.deploy(file, { name: 'holder', replace: true });
  expect([answer.status, answer.json()]).toMatchObject([201, { name: 'holder', port: strategy.port, version: 2 }]);
  const after = await untilTrades(strategy, 2);
  expect(after).toMatchObject({ version: 2, positions: [], orders: [], realized: -2, equity: 9998 });
  expect(after['seq']).toBeGreaterThan(before['seq'] as number);
  expect((after['trades'] as unknown[])[0]).toEqual((before['trades'] as unknown[])[0]);
  const seqs = (await eventsOf(strategy, 'fill', 'lifecycle', 'signal')).map(({ seq }) => seq as number);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
});

it.each([
  ['does not compile', 'export default {', ':1:17: '],
  [
    'throws while it is created',
    strategySource('holder', '').replace('let ticks = 0;', 'throw new Error("no");'),
    ':7:11: no',
  ],
  ['trades a symbol that nobody knows', strategySource('holder', '').replace('EURUSD', 'EURUDS'), ':5:29: '],
])('a replacement that %s leaves the old one trading', async (_, source, says) => {
  const { scene, strategy } = await holding();
  const file = scene.daemon.write('next.ts', source);
  const refused = await scene.daemon.deploy(file, { name: 'holder', replace: true });
  expect(refused.status).toBe(400);
  expect(refused.json()['detail']).toContain(`${file}${says}`);
  const first = await strategy.status();
  expect(first).toMatchObject({
    state: 'trading',
    version: 1,
    restarts: 0,
    positions: [{ qty: 10000, stopLoss: 1.0952 }],
  });
  await poll('it to see further ticks', async () =>
    (await strategy.status())['seq']! > first['seq']! ? true : undefined,
  );
  expect(await eventsOf(strategy, 'lifecycle')).toHaveLength(4);
});

it('a parameter out of its bounds is refused as a broken file is, and a good one takes effect', async () => {
  const { scene, strategy } = await holding();
  const file = scene.daemon.write('holder.ts', holder('holder'));
  const bad = await scene.daemon.deploy(file, { name: 'holder', replace: true, params: { at: 0 } });
  expect([bad.status, bad.json()]).toMatchObject([400, { code: 'QKT_E_PARAM', line: 4 }]);
  expect((await strategy.get('/health')).status).toBe(200);
  expect((await scene.daemon.deploy(file, { name: 'holder', replace: true, params: { at: '7' } })).status).toBe(201);
});

it('without replace the name is taken, and an unknown name has its nearest told', async () => {
  const { scene } = await holding();
  const file = scene.daemon.write('holder.ts', holder('holder'));
  const taken = await scene.daemon.deploy(file, { name: 'holder' });
  expect([taken.status, taken.json()]).toMatchObject([409, { code: 'QKT_E_NAME_TAKEN' }]);
  const unknown = await scene.command('hodler', 'stop');
  expect([unknown.status, unknown.json()]).toMatchObject([404, { candidates: ['holder'] }]);
});

it('a restart begins a new run of a stopped one, with the same ledger', async () => {
  const { scene, strategy } = await holding();
  expect((await scene.command('holder', 'restart')).status).toBe(409);
  await strategy.post('/stop');
  expect((await scene.command('holder', 'restart')).json()).toMatchObject({ name: 'holder', port: strategy.port });
  expect(await untilState(strategy, 'trading')).toMatchObject({ tradesTotal: 1, positions: [{ qty: 10000 }] });
  const run = ['starting', 'recovering', 'warming', 'trading'];
  expect(await statesOf(strategy, 11)).toEqual([...run, 'cancelling', 'draining', 'stopped', ...run]);
});
