/** A thread, a process or the main thread: where an author's code runs changes nothing that it does. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { holder, Scene, strategySource, untilState, untilTrades } from '../acceptance/trading-scene.ts';
import { poll, scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';

const dir = scratchDir();
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const EXAMPLE = readFileSync(fileURLToPath(new URL('../../examples/ema-cross.ts', import.meta.url)), 'utf8');

/** Trades on every kind of callback, so that what comes back in one is asked about in the next. */
const BUSY = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'busy',
  streams: { eur: { symbol: 'EURUSD', bars: '1m', warmup: 3 } },
  timers: { often: { every: '45s' } },
  create() {
    let n = 0;
    return {
      onTick(tick, ctx) {
        n += 1;
        if (n % 97 === 0) ctx.buy('eur', { qty: 1000 + n, bracket: { stopLoss: { by: 0.0004 } }, tag: String(n) });
        if (n % 151 === 0) ctx.close('eur');
      },
      onBar(bar, ctx) { if (bar.close > bar.open) ctx.sell('eur', { qty: 500, type: 'limit', price: (bar.high + 0.0002).toFixed(5) }); },
      onFill(fill, ctx) { ctx.log('info', 'fill', { id: fill.orderId, equity: ctx.account.equity, qty: ctx.position('eur').qty }); },
      onReject(denial, ctx) { ctx.cancelAll('eur'); },
      onTimer(name, ctx) { if (ctx.orders('eur').length > 4) ctx.cancelAll('eur'); },
    };
  },
});
`;

/** Two hours that wander: two quotes a second. */
function quotes(): string {
  const rows = ['timestamp,symbol,bid,ask'];
  for (let i = 0; i < 14_400; i++) {
    const bid = 1.1 + Math.sin(i / 700) * 0.002 + Math.sin(i / 31) * 0.0003;
    rows.push(`${1_700_000_000_000 + i * 500},EURUSD,${bid.toFixed(5)},${(bid + 0.0001).toFixed(5)}`);
  }
  return rows.join('\n');
}
writeFileSync(join(dir, 'quotes.csv'), quotes());

const inProcess = (source: string): string => source.replace('  streams:', "  isolation: 'process',\n  streams:");

async function replayed(
  source: string,
  isolation: 'inline' | 'worker' = 'worker',
): Promise<readonly [unknown, string]> {
  const venue = { type: 'paper', feed: 'replay', file: join(dir, 'quotes.csv'), speed: 'max' } as const;
  const daemon = await TestDaemon.boot({ isolation, config: { venues: { paper: venue } } });
  try {
    const port = await daemon.deployed(daemon.write('strategy.ts', source), { name: 'one' });
    const status = await fetch(`http://127.0.0.1:${port}/status`);
    daemon.openMarkets();
    await daemon.app.feedsEnded;
    return [((await status.json()) as { isolation: unknown }).isolation, daemon.summary('one')];
  } finally {
    await daemon.close();
  }
}

describe.each([
  ['on bars, with brackets', EXAMPLE],
  ['that acts in every callback', BUSY],
])('a replay of a strategy %s', (_what, source) => {
  it('is the same to the last byte in a thread, in a process and in the main thread', async () => {
    const [thread, inThread] = await replayed(source);
    expect((JSON.parse(inThread) as { tradesTotal: number }).tradesTotal).toBeGreaterThan(3);
    const [process, inItsProcess] = await replayed(inProcess(source));
    expect(inItsProcess).toBe(inThread);
    const [inline, inMain] = await replayed(inProcess(source), 'inline');
    expect(inMain).toBe(inThread);
    expect([thread, process, inline]).toEqual(['worker', 'process', 'inline']);
  });
});

describe('a strategy in a process of its own', () => {
  it('is started again after native code has ended it, and its neighbours trade on', async () => {
    const scene = await Scene.open();
    const aborts = `if (ticks === 5) process.abort();`;
    const crashes = await scene.deploy('crashes', inProcess(strategySource('crashes', aborts)));
    const good = await scene.deploy('good', holder('good'));
    scene.daemon.openMarkets();
    await untilTrades(good, 1);
    const status = await poll('a restart', async () => {
      const now = await crashes.status();
      return (now['restarts'] as number) > 0 ? now : undefined;
    });
    expect(status['losses']).toMatchObject([
      { cause: 'died', detail: expect.stringContaining('died of SIGABRT') as string },
    ]);
  });

  it('is tried in a process before it is deployed: a crash while it loads is a refusal', async () => {
    const scene = await Scene.open();
    const file = scene.daemon.write('bad.ts', `${inProcess(holder('bad'))}\nprocess.abort();`);
    const answer = await scene.daemon.deploy(file);
    expect([answer.status, answer.json()['detail']]).toEqual([500, expect.stringContaining('died of SIGABRT')]);
    expect((await scene.daemon.get('/daemon/health')).status).toBe(200);
  });

  it('hangs, is seen, halted and stopped as one in a thread is', async () => {
    const scene = await Scene.open();
    const hangs = await scene.deploy('hangs', inProcess(strategySource('hangs', 'if (ticks === 3) for (;;);')));
    scene.daemon.openMarkets();
    const status = await untilState(hangs, 'unresponsive');
    expect(status).toMatchObject({ lastError: { code: 'QKT_E_UNRESPONSIVE' } });
    expect((await hangs.get('/health')).status).toBe(503);
    const stopped = await hangs.post('/stop');
    expect([stopped.status, stopped.json()]).toMatchObject([200, { state: 'stopped' }]);
  });

  it('leaves no process behind when the daemon is killed', async () => {
    const source = strategySource(
      'orphan',
      `if (ticks === 2) { ctx.log('info', 'pid ' + process.pid); } if (ticks === 4) for (;;);`,
    );
    const file = join(dir, 'orphan.ts');
    writeFileSync(file, inProcess(source));
    const state = join(dir, 'state');
    const where = ['--state-dir', state, '--control-port', '0', '--port-pool', '20300-20399'];
    const daemon = new QktProcess('run', file, '--replay', join(dir, 'quotes.csv'), '--speed', '10', ...where);
    const log = join(state, 'logs', 'orphan.log');
    const pid = await poll(
      'the pid in the log',
      () => {
        try {
          return /pid (\d+)/.exec(readFileSync(log, 'utf8'))?.[1];
        } catch {
          return undefined;
        }
      },
      20_000,
    );
    process.kill(Number(pid), 0);
    await daemon.kill('SIGKILL');
    await poll(
      'the end of its process',
      () => {
        try {
          process.kill(Number(pid), 0);
          return undefined;
        } catch {
          return true;
        }
      },
      20_000,
    );
  });
});
