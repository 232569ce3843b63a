/** SIGHUP, `qkt daemon reload` and `POST /daemon/reload`: the configuration read again while everything goes on. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { call } from '../http/support.ts';
import { holder, marketFile, strategySource } from './trading-scene.ts';

const REPLAY = 'venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }\n';

/** A daemon whose strategy holds 10000 at a loss of 2. */
async function holding(): Promise<HostedDaemon> {
  const daemon = new HostedDaemon(REPLAY);
  daemon.write('quotes.csv', marketFile());
  await daemon.start();
  await daemon.deploy(daemon.write('holder.ts', holder('holder')));
  await poll('the trade', async () => ((await status(daemon))['tradesTotal'] === 1 ? true : undefined));
  return daemon;
}

const status = async (daemon: HostedDaemon): Promise<Record<string, unknown>> =>
  (await daemon.get('/daemon/strategies/holder/status')).json();

describe('a reload', () => {
  it('takes halt rules at once, halts what breaches them, and forgives nothing when they are loosened', async () => {
    const daemon = await holding();
    daemon.configure(`${REPLAY}risk: { halt: [{ rule: maxDailyLoss, limit: 1 }] }`);
    const { code, stdout } = await daemon.qkt('daemon', 'reload');
    expect([code, stdout]).toEqual([0, 'in force now: risk.halt\n']);
    await poll('the halt', async () => ((await status(daemon))['state'] === 'halted' ? true : undefined));
    expect(await status(daemon)).toMatchObject({
      tradesTotal: 1,
      riskState: { halted: true, rule: 'maxDailyLoss', dailyLoss: 2 },
    });
    daemon.configure(REPLAY);
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject({ applied: ['risk.halt'], needsRestart: [] });
    expect(await status(daemon)).toMatchObject({ state: 'halted' });
    await daemon.kill('SIGTERM');
  });

  it('takes rules of the book where there were none', async () => {
    const daemon = await holding();
    daemon.configure(`${REPLAY}risk: { book: [{ rule: maxDrawdown, limit: 0.5, basis: peak }] }`);
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject({ applied: ['risk.book'] });
    expect((await daemon.get('/daemon/strategies/holder/risk')).text).toContain('book.maxDrawdown');
    expect(await status(daemon)).toMatchObject({ state: 'trading' });
    await daemon.kill('SIGTERM');
  });

  it('takes what is expected of a strategy at once, in its metrics and in its alerts', async () => {
    const slipping = 'venues: { paper: { type: paper, slippagePoints: 3 } }\n';
    const daemon = new HostedDaemon(slipping);
    await daemon.start();
    const trade = "if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 1000 }); else ctx.close('eur');";
    await daemon.deploy(daemon.write('trader.ts', strategySource('trader', trade)));
    daemon.configure(`${slipping}strategies: { trader: { expectTradesEvery: 8h, highSlippage: 0.0000001 } }`);
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject({
      applied: ['strategies.trader.expectTradesEvery', 'strategies.trader.highSlippage'],
      needsRestart: [],
    });
    const [row] = (await daemon.get('/daemon/list')).json() as unknown as readonly { readonly port: number }[];
    const metrics = await call(row!.port, '/metrics');
    const metric = 'qkt_expected_trade_interval_seconds{strategy="trader"} 28800';
    expect(metrics.text.split('\n')).toContain(metric);
    const told = async (): Promise<boolean> =>
      (await daemon.get('/daemon/alerts')).text.includes('high_slippage:trader');
    await poll('the alert', async () => ((await told()) ? true : undefined), 20_000);
    await daemon.kill('SIGTERM');
  });

  it('names what needs a restart until it is there, in the answer and in one line of the log', async () => {
    const daemon = new HostedDaemon();
    await daemon.start();
    daemon.configure('account: { startingBalance: 5 }\nlogging: { level: debug }');
    const first = { file: daemon.config, applied: ['logging.level'], needsRestart: ['account.startingBalance'] };
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject(first);
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject({ ...first, applied: [] });
    await daemon.logged(/WARN .*after a restart only.*account\.startingBalance/);
    await daemon.kill('SIGTERM');
  });

  it('at a mistake changes nothing and names its line; so does a file that is gone', async () => {
    const daemon = await holding();
    daemon.configure(`${REPLAY}logging: { level: loud }\nrisk: { halt: [{ rule: maxDailyLoss, limit: 1 }] }`);
    const { code, stderr } = await daemon.qkt('daemon', 'reload');
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${daemon.config}:4:19: "level" must be`)]);
    daemon.signal('SIGHUP');
    await daemon.logged(/WARN {2}reload refused .*by=signal:SIGHUP code=QKT_E_CONFIG detail=.*:4:19/);
    rmSync(daemon.config);
    expect((await daemon.post('/daemon/reload')).status).toBe(400);
    expect(await status(daemon)).toMatchObject({ state: 'trading', riskState: { halted: false } });
    expect((await daemon.get('/daemon/strategies/holder/risk')).text).not.toContain('maxDailyLoss');
    await daemon.kill('SIGTERM');
  });

  it('opens the logs anew, and is an act in the journal', async () => {
    const daemon = new HostedDaemon();
    await daemon.start();
    const file = join(daemon.state, 'logs', 'daemon.log');
    await daemon.logged(/daemon started/);
    renameSync(file, `${file}.1`);
    daemon.signal('SIGHUP');
    await poll('the new file', () => (existsSync(file) ? true : undefined));
    await daemon.logged(/reload done .*by=signal:SIGHUP/);
    expect((await daemon.qkt('journal')).stdout).toMatch(/signal:SIGHUP +reload/);
    await daemon.kill('SIGTERM');
  });

  it('needs the scope admin', async () => {
    const daemon = new HostedDaemon();
    await daemon.start();
    const token = (await daemon.qkt('token', 'add', 'desk', '--scope', 'halt')).stdout.trim();
    const answer = await call(daemon.port, '/daemon/reload', { method: 'POST', body: {}, token });
    expect(answer.status).toBe(403);
    await daemon.kill('SIGTERM');
  });
});
