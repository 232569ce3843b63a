/** Metrics of a whole daemon: what it tells while strategies come, go and stop, and over its own orderly restarts. */
import { rmSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { DAEMON_FAMILIES, STRATEGY_FAMILIES } from '../../src/observe/metric-families.ts';
import { marketFile, strategySource } from '../acceptance/trading-scene.ts';
import { poll, scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { call } from '../http/support.ts';
import { readMetrics, valueOf, type Page } from './conformance.ts';

/** In and out every ten ticks; an entry is filled at the ask, the signal's own price. */
const BUSY = strategySource(
  'busy',
  `if (ticks % 10 !== 0) return;
      if (ctx.position('eur').qty !== 0) ctx.close('eur'); else ctx.buy('eur', { qty: 1000 });`,
);
const QUIET = strategySource('quiet', '');
const CONFIG = {
  venues: { paper: { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: 60, slippagePoints: 10 } },
  strategies: { busy: { highSlippage: '0.00005', expectTradesEvery: '8h' } },
} as const;

async function boot(dir: string): Promise<TestDaemon> {
  return TestDaemon.boot({ config: CONFIG, dir, files: { 'quotes.csv': marketFile() } });
}

function scratch(): string {
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function page(port: number, path: string): Promise<Page> {
  const answer = await call(port, path);
  expect([answer.status, path]).toEqual([200, path]);
  const read = readMetrics(answer.text);
  expect(read.problems).toEqual([]);
  return read;
}

const targetsOf = async (daemon: TestDaemon): Promise<readonly string[]> =>
  (JSON.parse((await daemon.get('/daemon/sd')).text) as { labels: { strategy: string } }[]).map(
    ({ labels }) => labels.strategy,
  );

/** Absent until something has been measured, configured or connected. */
const NOT_YET = [
  'qkt_alert_',
  'qkt_gateway_probe',
  'process_virtual',
  'process_max',
  'process_threads',
  'process_open',
];

it('a busy daemon tells every family, with each counter there from the start', { timeout: 30_000 }, async () => {
  const daemon = await boot(scratch());
  onTestFinished(() => daemon.close());
  const port = await daemon.deployed(daemon.write('busy.ts', BUSY));
  const before = await page(port, '/status?format=prometheus');
  for (const name of ['trades', 'signals', 'high_slippage_trades'])
    expect(valueOf(before, `qkt_${name}_total`)).toBe(0);
  expect(valueOf(before, 'qkt_ticks_total', { symbol: 'EURUSD' })).toBe(0);
  expect(valueOf(before, 'qkt_expected_trade_interval_seconds')).toBe(28_800);
  daemon.openMarkets();
  const traded = await poll('a round trip', async () => {
    const now = await page(port, '/metrics');
    return valueOf(now, 'qkt_trades_total')! >= 4 ? now : undefined;
  });
  expect([...traded.types.keys()].toSorted()).toEqual(Object.keys(STRATEGY_FAMILIES).toSorted().filter((name) => name !== 'qkt_risk_headroom_ratio')); // prettier-ignore
  expect(valueOf(traded, 'qkt_slippage_ratio_count')).toBe(valueOf(traded, 'qkt_trades_total'));
  expect(valueOf(traded, 'qkt_high_slippage_trades_total')).toBeGreaterThan(0);
  const whole = await page(daemon.port, '/metrics');
  const expected = Object.keys(DAEMON_FAMILIES).filter((name) => !NOT_YET.some((start) => name.startsWith(start)));
  expect([...whole.types.keys()]).toEqual(expect.arrayContaining(expected));
  expect(valueOf(whole, 'qkt_strategy_state', { strategy: 'busy', state: 'trading' })).toBe(1);
  expect(valueOf(whole, 'qkt_daemon_healthy')).toBe(1);
  expect(valueOf(whole, 'qkt_http_requests_total', { route: '/daemon/strategies', code: '201' })).toBe(1);
  expect(valueOf(whole, 'qkt_orders_submitted_total', { strategy: 'busy', venue: 'paper' })).toBeGreaterThan(0);
  expect(valueOf(whole, 'qkt_log_lines_total', { level: 'info' })).toBeGreaterThan(0);
});

it('an orderly restart begins no counter anew', { timeout: 60_000 }, async () => {
  const dir = scratch();
  const first = await boot(dir);
  const port = await first.deployed(first.write('busy.ts', BUSY));
  first.openMarkets();
  await poll('some trades', async () => valueOf(await page(port, '/metrics'), 'qkt_trades_total')! >= 6 || undefined);
  const stopped = await first.post('/daemon/strategies/busy/stop');
  expect(stopped.status).toBe(200);
  const before = await page(port, '/metrics');
  await first.close();
  const second = await boot(dir);
  onTestFinished(() => second.close());
  const after = await page(second.port, '/daemon/strategies/busy/metrics');
  for (const { name, labels, value } of before.samples) {
    if (!/_total$|_count$|_sum$|_bucket$/.test(name)) continue;
    expect(valueOf(after, name, labels), `${name} ${JSON.stringify(labels)}`).toBeGreaterThanOrEqual(value);
  }
  const whole = await page(second.port, '/metrics');
  expect(valueOf(whole, 'qkt_strategy_desired_running', { strategy: 'busy' })).toBe(0);
  expect(valueOf(whole, 'qkt_strategy_state', { strategy: 'busy', state: 'stopped' })).toBe(1);
});

it('a stopped strategy is no target from its end on, while its port still answers', { timeout: 30_000 }, async () => {
  const daemon = await boot(scratch());
  onTestFinished(() => daemon.close());
  const port = await daemon.deployed(daemon.write('busy.ts', BUSY));
  await daemon.deployed(daemon.write('quiet.ts', QUIET));
  expect(await targetsOf(daemon)).toEqual(['busy', 'quiet']);
  await daemon.post('/daemon/strategies/busy/stop');
  expect(await targetsOf(daemon)).toEqual(['quiet']);
  expect(valueOf(await page(port, '/metrics'), 'qkt_trades_total')).toBe(0);
  await daemon.post('/daemon/strategies/busy/start');
  expect(await targetsOf(daemon)).toEqual(['busy', 'quiet']);
});

it('deploying and removing a strategy moves the index of its account by nothing', { timeout: 30_000 }, async () => {
  const daemon = await boot(scratch());
  onTestFinished(() => daemon.close());
  const index = async (): Promise<number | undefined> =>
    valueOf(await page(daemon.port, '/metrics'), 'qkt_account_equity_index', { account: 'paper', currency: 'USD' });
  expect(await index()).toBeUndefined();
  await daemon.deployed(daemon.write('busy.ts', BUSY));
  expect(await index()).toBe(1);
  daemon.openMarkets();
  const lost = await poll('a loss', async () => {
    const now = await index();
    return now !== undefined && now < 1 ? now : undefined;
  });
  await daemon.post('/daemon/strategies/busy/stop?flatten=true');
  const stopped = (await index())!;
  expect(stopped).toBeLessThanOrEqual(lost);
  await daemon.deployed(daemon.write('quiet.ts', QUIET));
  expect(await index()).toBeCloseTo(stopped, 12);
  expect(valueOf(await page(daemon.port, '/metrics'), 'qkt_account_equity')).toBeGreaterThan(19_000);
  expect((await daemon.remove('busy')).status).toBe(200);
  expect(await index()).toBeCloseTo(stopped, 12);
  expect(valueOf(await page(daemon.port, '/metrics'), 'qkt_account_equity')).toBe(10_000);
});
