/** Commands that begin or end a strategy, while another is at work on it. */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { poll, scratchDir, TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';
import type { Answer } from '../http/support.ts';

/** Does nothing; `create` and `callbacks` are the author's text. */
const idle = (version: number, { create = '', callbacks = '' } = {}): string => `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'idle',
  version: ${version},
  streams: { eur: { symbol: 'EURUSD' } },
  create() {
    ${create}
    return { onTick(tick, ctx) {}, ${callbacks} };
  },
});
`;
const busy = (ms: number): string => `for (const end = Date.now() + ${ms}; Date.now() < end; );`;

async function boot(options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await TestDaemon.boot(options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const row = async (daemon: TestDaemon): Promise<Record<string, unknown> | undefined> =>
  (JSON.parse((await daemon.get('/daemon/list')).text) as Record<string, unknown>[])[0];
const untilState = (daemon: TestDaemon, state: string): Promise<Record<string, unknown>> =>
  poll(`it to be ${state}`, async () => {
    const now = await row(daemon);
    return now?.['state'] === state ? now : undefined;
  });
const command = (daemon: TestDaemon, verb: string): Promise<Answer> => daemon.post(`/daemon/strategies/idle/${verb}`);
const wanted = async (daemon: TestDaemon): Promise<string | undefined> =>
  /^qkt_strategy_desired_running\{.*\} (\d)$/m.exec((await daemon.get('/daemon/metrics')).text)?.[1];
const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

it('a stop that comes while a deploy launches is remembered over a restart of the daemon', async () => {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const daemon = await TestDaemon.boot({ dir });
  const deploying = daemon.deploy(daemon.write('idle.ts', idle(1, { create: busy(1000) })));
  await untilState(daemon, 'starting');
  expect((await command(daemon, 'stop')).status).toBe(200);
  expect((await deploying).json()).toMatchObject({ state: 'stopped' });
  expect(await wanted(daemon)).toBe('0');
  await daemon.close();
  const again = await boot({ dir });
  expect(await row(again)).toMatchObject({ state: 'stopped' });
});

it('a deploy that fails leaves nothing behind for the next daemon', async () => {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const daemon = await TestDaemon.boot({ dir });
  const failed = await daemon.deploy(daemon.write('idle.ts', idle(1, { create: 'throw new Error("no");' })));
  expect(failed.status).toBe(400);
  await daemon.close();
  expect(await row(await boot({ dir }))).toBeUndefined();
});

it('a replacement is refused while a stop is under way, and changes nothing', async () => {
  const daemon = await boot();
  await daemon.deployed(daemon.write('idle.ts', idle(1, { callbacks: `onStop() { ${busy(1500)} }` })));
  daemon.openMarkets();
  await untilState(daemon, 'trading');
  const stopping = command(daemon, 'stop');
  await untilState(daemon, 'draining');
  const refused = await daemon.deploy(daemon.write('next.ts', idle(2)), { name: 'idle', replace: true });
  expect([refused.status, refused.json()]).toMatchObject([409, { code: 'QKT_E_STATE', state: 'draining' }]);
  expect((await stopping).status).toBe(200);
  expect(await row(daemon)).toMatchObject({ state: 'stopped', version: 1 });
  expect(await wanted(daemon)).toBe('0');
  // Once it is stopped, new code starts it.
  expect((await daemon.deploy(daemon.write('next.ts', idle(2)), { name: 'idle', replace: true })).status).toBe(201);
  expect(await wanted(daemon)).toBe('1');
});

it('of a removal and a start at once only one comes to pass', async () => {
  const daemon = await boot();
  await daemon.deployed(daemon.write('idle.ts', idle(1)));
  await command(daemon, 'stop');
  const [removed, started] = await Promise.all([daemon.remove('idle'), command(daemon, 'start')]);
  const ok = [removed, started].filter(({ status }) => status < 300);
  expect(ok).toHaveLength(1);
  expect((await row(daemon)) === undefined).toBe(removed.status === 200);
});

it('of several starts at once only one opens a port', async () => {
  const first = 27_000 + (process.pid % 100) * 4;
  const daemon = await boot({ portPool: `${first}-${first + 3}` });
  await daemon.deployed(daemon.write('idle.ts', idle(1)));
  await command(daemon, 'stop');
  const starts = await Promise.allSettled([1, 2, 3].map(() => daemon.app.daemon.start('idle', { by: 'test' })));
  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const open = await Promise.all([0, 1, 2, 3].map((at) => listens(first + at)));
  expect(open.filter(Boolean)).toHaveLength(1);
});

it('a stop is the later word than a start that was begun before it', async () => {
  const daemon = await boot();
  await daemon.deployed(daemon.write('idle.ts', idle(1)));
  await command(daemon, 'stop');
  for (let round = 0; round < 5; round++) {
    const starting = daemon.app.daemon.start('idle', { by: 'test' }).catch((error: unknown) => error);
    const stopped = daemon.app.daemon.strategy('idle')!.stop({ by: 'test', flatten: false, timeoutMs: 5000 });
    expect(await starting).toMatchObject({ code: 'QKT_E_STATE' });
    expect(await stopped).toMatchObject({ state: 'stopped', verified: true });
    expect([(await row(daemon))?.['state'], await wanted(daemon)]).toEqual(['stopped', '0']);
  }
});

it.each([
  ['a first deploy', false],
  ['a replacement', true],
])('a kill that comes while the file of %s is still being tried starts nothing', async (_, replaces) => {
  const daemon = await boot();
  if (replaces) await daemon.deployed(daemon.write('idle.ts', idle(1)));
  const file = daemon.write('next.ts', `${busy(500)}\n${idle(2)}`);
  const request = { file, name: 'idle', params: {}, replace: replaces, by: 'test' };
  const deploying = daemon.app.daemon.deploy(request).catch((error: unknown) => error);
  await daemon.app.daemon.kill({ by: 'test', flatten: true, timeoutMs: 5000 });
  expect(await deploying).toMatchObject({ code: 'QKT_E_STATE' });
  const left = await row(daemon);
  expect(left === undefined ? undefined : [left['state'], left['version']]).toEqual(
    replaces ? ['stopped', 1] : undefined,
  );
});

it('nothing is started any more while the daemon ends', async () => {
  const daemon = await boot();
  await daemon.deployed(daemon.write('idle.ts', idle(1)));
  await command(daemon, 'stop');
  void daemon.app.stop();
  await expect(daemon.app.daemon.start('idle', { by: 'test' })).rejects.toMatchObject({ code: 'QKT_E_STARTING' });
});

it('one that finds no port when the daemon starts again runs all the same, as the others do', async () => {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const first = 27_400 + (process.pid % 100) * 2;
  const daemon = await TestDaemon.boot({ dir, portPool: `${first}-${first + 1}` });
  for (const name of ['a', 'b']) await daemon.deployed(daemon.write(`${name}.ts`, idle(1)), { name });
  await daemon.close();
  const again = await boot({ dir, portPool: `${first}-${first}` });
  again.openMarkets();
  const rows = await poll('both to trade', async () => {
    const all = JSON.parse((await again.get('/daemon/list')).text) as { state: string; port: number | null }[];
    return all.every(({ state }) => state === 'trading') ? all : undefined;
  });
  expect(new Set(rows.map(({ port }) => port))).toEqual(new Set([first, null]));
});
