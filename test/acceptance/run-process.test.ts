/** `qkt run` as a process that goes on: signals, a second daemon, and what a killed one leaves behind. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { qkt } from '../cli/support.ts';
import { poll, scratchDir } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { call } from '../http/support.ts';

/** An hour of quotes, ten a second, that a strategy can hold a position on. */
const QUOTES = [
  'timestamp,bid,ask',
  ...Array.from({ length: 36_000 }, (_, i) => `${1_700_000_000_000 + i * 100},1.1000${i % 10},1.1001${i % 10}`),
].join('\n');

const HOLDER = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'holder',
  streams: { eur: { symbol: 'EURUSD' } },
  create() {
    let ticks = 0;
    return {
      onTick(tick, ctx) {
        ticks += 1;
        if (ticks === 5) ctx.buy('eur', { qty: 1000 });
      },
      onStop(ctx) {
        ctx.log('info', 'the last word', { ticks });
      },
    };
  },
});
`;

function scene() {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'holder.ts'), HOLDER);
  writeFileSync(join(dir, 'quotes.csv'), QUOTES);
  const state = join(dir, 'state');
  const where = ['--state-dir', state, '--control-port', '0', '--port-pool', '20100-20199'];
  const replay = ['--replay', join(dir, 'quotes.csv'), '--symbol', 'EURUSD', '--speed', '60'];
  const file = join(dir, 'holder.ts');
  return {
    dir,
    state,
    file,
    leftovers: () => readdirSync(state).filter((name) => /^(control\.(port|sock)|daemon\.lock)$/.test(name)),
    run: () => new QktProcess('run', file, ...replay, ...where),
    live: () => new QktProcess('run', file, ...where),
    again: () => qkt(['run', file, ...replay, ...where]),
    qkt: (...args: string[]) => qkt([...args, '--state-dir', state]),
  };
}

const portOf = async (process: QktProcess): Promise<number> => Number(await process.says(/^QKT_PORT=(\d+)$/m));

const tradesOf = (port: number, count: number): Promise<Record<string, unknown>> =>
  poll(`${count} trades`, async () => {
    const status = (await call(port, '/status')).json();
    return status['tradesTotal'] === count ? status : undefined;
  });

it('trades at sixty times real time, and ends in order at Ctrl-C with its last callback called', async () => {
  const { run, state, leftovers } = scene();
  const running = run();
  const port = await portOf(running);
  const status = await tradesOf(port, 1);
  expect(status).toMatchObject({ strategy: 'holder', state: 'trading', positions: [{ symbol: 'EURUSD', qty: 1000 }] });
  expect((await call(port, '/health')).status).toBe(200);

  expect(await running.kill('SIGINT')).toBe(0);
  expect(running.stderr).toContain('SIGINT: stopping in order');
  expect(leftovers()).toEqual([]);
  const log = readFileSync(join(state, 'logs', 'holder.log'), 'utf8');
  expect(log).toMatch(/the last word log\.ticks=\d+/);
  expect(log).toMatch(/draining → stopped/);
  await expect(call(port, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it('ends at a Ctrl-C that comes while the file is loaded, and leaves nothing behind', async () => {
  const { dir, file, live, leftovers } = scene();
  const loading = join(dir, 'loading');
  const slowly = `import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(loading)}, '');
    for (const from = Date.now(); Date.now() - from < 1000; );\n`;
  writeFileSync(file, slowly + HOLDER);
  const running = live();
  await poll('loading', () => (existsSync(loading) ? true : undefined));
  expect(await running.kill('SIGINT')).toBe(0);
  expect(running.stderr).toContain('interrupted before the strategy was loaded');
  expect(running.stderr).not.toContain('Try again');
  expect(leftovers()).toEqual([]);
});

it('refuses a second daemon on its state directory with the pid of the first, and goes on', async () => {
  const { run, again, qkt } = scene();
  const first = run();
  const port = await portOf(first);
  const second = await again();
  expect([second.code, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toContain(String(first.child.pid));
  expect((await call(port, '/health')).status).toBe(200);
  expect((await qkt('list')).stdout).toContain('holder');
  expect(await first.kill('SIGTERM')).toBe(0);
});

it('what kill -9 leaves behind misleads nobody, and is cleared by the next start', async () => {
  const { run, state, leftovers, qkt } = scene();
  const first = run();
  await tradesOf(await portOf(first), 1);
  expect(await first.kill('SIGKILL')).toBe('SIGKILL');
  expect(leftovers()).toContain('control.port');
  const stale = readFileSync(join(state, 'control.port'), 'utf8');

  const { code, stderr } = await qkt('list');
  expect([code, stderr]).toEqual([3, expect.stringContaining('qkt daemon start') as string]);

  const next = run();
  const port = await portOf(next);
  expect((await call(port, '/health')).status).toBe(200);
  // The ledger of before goes on with the same file.
  expect(await tradesOf(port, 2)).toMatchObject({ positions: [{ symbol: 'EURUSD', qty: 2000 }] });
  expect((await qkt('list')).code).toBe(0);
  expect(readFileSync(join(state, 'control.port'), 'utf8')).not.toBe(stale);
  expect(await next.kill('SIGINT')).toBe(0);
  expect(existsSync(join(state, 'control.port'))).toBe(false);
});
