/** A day with a daemon as a trader lives it: every verb a process of its own, on a daemon that was detached. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { qkt } from '../cli/support.ts';
import { poll, scratchDir } from '../doubles/daemon.ts';
import { call } from '../http/support.ts';
import { holder, marketFile, strategySource } from './trading-scene.ts';

type Row = Record<string, unknown>;

/** Where a daemon will live, and `qkt` on it. */
function home() {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const state = join(dir, 'state');
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const run = (...args: readonly string[]) => qkt([...args, '--state-dir', state]);
  return {
    dir,
    file,
    run,
    /** Runs a verb that must succeed; gives what it printed. */
    said: async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(...args);
      expect(code, stderr).toBe(0);
      return stdout;
    },
  };
}

/** Starts a detached daemon that ends with its test, whatever comes. */
async function detached({ dir, file, said }: ReturnType<typeof home>, ...more: readonly string[]): Promise<number> {
  file('quotes.csv', marketFile());
  const config = file(
    'qkt.config.yaml',
    'venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }\nhttp: { controlPort: 0, portPool: 20200-20299 }\n',
  );
  const started = await said('daemon', 'start', '--detach', '--json', '--config', config, ...more);
  const { pid, stateDir } = JSON.parse(started) as { pid: number; stateDir: string };
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  });
  expect(stateDir).toBe(join(dir, 'state'));
  return pid;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('list, status, health, machine, events and logs show what runs, and stop, start, restart and remove rule it', async () => {
  const trader = home();
  const { dir, file, run, said } = trader;
  mkdirSync(join(dir, 'strategies'));
  file('strategies/holder.ts', holder('holder', ', bracket: { stopLoss: { by: 0.005 } }'));
  const pid = await detached(trader, '--load-dir', join(dir, 'strategies'));

  const rows = async (): Promise<Row[]> => JSON.parse(await said('list', '--json')) as Row[];
  const [row] = await poll('the trade', async () => {
    const all = await rows();
    return all[0]?.['trades'] === 1 ? all : undefined;
  });
  expect(row).toMatchObject({
    name: 'holder',
    state: 'trading',
    halted: false,
    health: 'ok',
    equity: 9998,
    unrealized: -2,
  });
  expect(await said('list')).toMatch(/^holder +trading /m);
  expect(await said('daemon', 'status')).toContain('daemon is healthy');
  expect(await said('status')).toMatch(new RegExp(`process ${pid}[^]*holder`));
  expect(await said('status', 'holder')).toMatch(/EURUSD 10000 @ 1\.1002.*stop 1\.0952/);
  expect(await said('health')).toContain('eventLoop');
  expect(await said('health', 'holder')).toMatch(/tickLoop +ok/);
  expect(await said('machine', 'holder')).toContain('trading');
  expect(JSON.parse(await said('machine', 'holder', '--json'))).toMatchObject({
    machine: 'strategy',
    value: 'trading',
  });
  expect(await said('events', 'holder', '--types', 'fill')).toContain('price=1.1002');
  expect(await said('logs', 'holder', '--lines', '50')).toMatch(/INFO {2}strategy=holder order filled .*qty=10000/);

  const second = strategySource('second', '');
  const deployed = await said('deploy', file('second.ts', second), '--as', 'other', '--param', 'at=7');
  const port = Number(/^QKT_PORT=(\d+)$/m.exec(deployed)![1]);
  expect((await call(port, '/health')).status).toBe(200);
  expect((await rows()).map(({ name }) => name)).toEqual(['holder', 'other']);

  expect((await run('remove', 'holder', '--yes')).code).toBe(1);
  expect(JSON.parse(await said('stop', 'holder', '--json', '--yes'))).toMatchObject({
    openPositions: 1,
    unprotected: [],
  });
  expect((await run('health', 'holder')).code).toBe(4);
  const refused = await run('remove', 'holder', '--yes');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('EURUSD 10000') as string]);
  expect(await said('start', 'holder')).toContain(String(row!['port']));
  for (const verb of ['start', 'restart']) {
    const { code, stderr } = await run(verb, 'holder');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/holder is trading: it is running already\nPossible now: HALT, STOP/) as string]); // prettier-ignore
  }
  await said('stop', 'holder', '--flatten', '--yes');
  await said('restart', 'holder');
  await said('stop', 'holder', '--flatten', '--yes');
  await said('remove', 'holder', '--yes');
  expect((await rows()).map(({ name }) => name)).toEqual(['other']);
  const unknown = await run('status', 'othre');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('other') as string]);

  await said('daemon', 'stop', '--yes');
  expect(runs(pid)).toBe(false);
  expect((await run('list')).code).toBe(3);
}, 60_000);

it('named tokens command as far as their scope goes', async () => {
  const trader = home();
  const { file, said } = trader;
  await detached(trader);
  const deployed = await said('deploy', file('holder.ts', holder('holder')));
  const port = Number(/^QKT_PORT=(\d+)$/m.exec(deployed)![1]);
  const token = (await said('token', 'add', 'desk', '--scope', 'halt')).trim();
  const ask = (given: string, path: string) => call(port, path, { method: 'POST', token: given, body: {} });
  expect((await ask(`${token}x`, '/stop')).status).toBe(401);
  expect((await ask(token, '/stop')).status).toBe(200);
  expect(await said('token', 'list')).toMatch(/desk +halt/);
  await said('token', 'revoke', 'desk');
  expect((await ask(token, '/stop')).status).toBe(401);
});

it.each([
  'list',
  'status',
  'status holder',
  'health',
  'events',
  'logs holder',
  'machine holder',
  'stop holder --yes',
  'start holder',
  'daemon stop --yes',
])('without a daemon, qkt %s exits 3 and says how to start one', async (line) => {
  const { code, stdout, stderr } = await home().run(...line.split(' '));
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('qkt daemon start');
});
