import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { call } from '../http/support.ts';
import { TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';

const IDLE = `
import { defineStrategy } from 'qkt';
export default defineStrategy({ name: 'idle', streams: { eur: { symbol: 'EURUSD' } }, create: () => ({}) });
`;

async function boot(options: DaemonOptions): Promise<{ daemon: TestDaemon; file: string }> {
  const daemon = await TestDaemon.boot(options);
  onTestFinished(() => daemon.close());
  return { daemon, file: daemon.write('idle.ts', IDLE) };
}

/** Listens on a port as another program would; tells whether it was free. */
async function hold(port: number): Promise<(() => Promise<void>) | undefined> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!free) return undefined;
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Of this process alone: other tests run daemons on the default pool, 47000 to 47100, at the same time. */
const RANGES = [12_000, 15_000, 18_000].map((base) => base + (process.pid % 20) * 110);

/** The first port of so many free ones in a row. */
async function freeRange(length: number): Promise<number> {
  for (const first of RANGES) {
    const held = await Promise.all(Array.from({ length }, (_, index) => hold(first + index)));
    for (const release of held) await release?.();
    if (held.every((release) => release !== undefined)) return first;
  }
  throw new Error(`no ${length} free ports in a row were found`);
}

const listed = async (daemon: TestDaemon): Promise<readonly { name: string; port: number; health: string }[]> =>
  JSON.parse((await daemon.get('/daemon/list')).text) as { name: string; port: number; health: string }[];

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `idle-${index + 1}`);

it('101 strategies deployed at once use 101 ports without a clash, and the 102nd is refused and changes nothing', async () => {
  const first = await freeRange(101);
  const { daemon, file } = await boot({ isolation: 'inline', portPool: `${first}-${first + 100}` });

  const answers = await Promise.all(names(101).map((name) => daemon.deploy(file, { name })));
  expect(answers.flatMap(({ status, text }) => (status === 201 ? [] : [text]))).toEqual([]);
  const ports = answers.map((answer) => answer.json()['port'] as number);
  expect(ports.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, index) => first + index));

  for (const port of ports) expect((await call(port, '/health')).status).toBe(200);
  const before = await listed(daemon);
  expect(before).toHaveLength(101);

  const refused = await daemon.deploy(file, { name: 'one-too-many' });
  expect(refused.status).toBe(409);
  expect(refused.json()).toMatchObject({
    code: 'QKT_E_PORT_POOL_EMPTY',
    detail: `all ports from ${first} to ${first + 100} are in use`,
  });
  expect((await listed(daemon)).map(({ name, port }) => [name, port])).toEqual(
    before.map(({ name, port }) => [name, port]),
  );
  expect((await daemon.get('/daemon/strategies/one-too-many/status')).status).toBe(404);
  for (const port of [ports[0]!, ports[100]!]) expect((await call(port, '/health')).status).toBe(200);
}, 60_000);

it('six strategies in threads of their own do the same with a pool of five', async () => {
  const first = await freeRange(5);
  const { daemon, file } = await boot({ isolation: 'worker', portPool: `${first}-${first + 4}` });
  const answers = await Promise.all(names(6).map((name) => daemon.deploy(file, { name })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
  expect(answers.find(({ status }) => status !== 201)!.json()).toMatchObject({ code: 'QKT_E_PORT_POOL_EMPTY' });
  const rows = await listed(daemon);
  expect(rows.map(({ port }) => port).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4].map((n) => first + n));
  for (const { port } of rows) expect((await call(port, '/health')).status).toBe(200);
});

it('a port that another program holds is skipped, and taken once it is free', async () => {
  const first = await freeRange(3);
  const release = await hold(first + 1);
  const { daemon, file } = await boot({ isolation: 'inline', portPool: `${first}-${first + 2}` });
  const ports = [];
  for (const name of names(2)) ports.push(await daemon.deployed(file, { name }));
  expect(ports).toEqual([first, first + 2]);
  expect((await daemon.deploy(file, { name: 'none-left' })).json()['code']).toBe('QKT_E_PORT_POOL_EMPTY');
  await release?.();
  expect(await daemon.deployed(file, { name: 'now-there-is' })).toBe(first + 1);
});

it('a redeploy and a restart keep the port, and a removed strategy gives it back', async () => {
  const first = await freeRange(3);
  const { daemon, file } = await boot({ isolation: 'inline', portPool: `${first}-${first + 2}` });
  for (const name of names(2)) await daemon.deployed(file, { name });
  const second = '/daemon/strategies/idle-2';
  expect(await daemon.deployed(file, { name: 'idle-2', replace: true })).toBe(first + 1);
  expect((await call(first + 1, '/health')).status).toBe(200);

  // The lowest port becomes free, and is not taken by what has one already.
  expect((await daemon.post('/daemon/strategies/idle-1/stop')).status).toBe(200);
  expect((await daemon.remove('idle-1')).status).toBe(200);
  expect(await daemon.deployed(file, { name: 'idle-2', replace: true })).toBe(first + 1);
  expect((await daemon.post(`${second}/stop`)).status).toBe(200);
  expect((await daemon.post(`${second}/start`)).json()).toMatchObject({ name: 'idle-2', port: first + 1 });
  expect(await daemon.deployed(file, { name: 'idle-3' })).toBe(first);
});
