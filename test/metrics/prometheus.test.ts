/** A real Prometheus scrapes a real daemon: by what `qkt monitoring` prints, and as users write it by hand. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { strategySource } from '../acceptance/trading-scene.ts';
import { qkt } from '../cli/support.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { checkMetrics, hasPrometheus, Prometheus } from '../doubles/prometheus.ts';
import { call } from '../http/support.ts';

const BUSY = strategySource(
  'busy',
  `if (ticks % 10 !== 0) return;
      if (ctx.position('eur').qty !== 0) ctx.close('eur'); else ctx.buy('eur', { qty: 1000 });`,
);
const QUIET = strategySource('quiet', '');
const hasJq = spawnSync('jq', ['--version'], { stdio: 'ignore' }).status === 0;

/** With a strategy that trades and one that does not, on a market that flows. */
async function boot(): Promise<{ readonly daemon: TestDaemon; readonly busy: number; readonly quiet: number }> {
  const daemon = await TestDaemon.boot();
  onTestFinished(() => daemon.close());
  const busy = await daemon.deployed(daemon.write('busy.ts', BUSY));
  const quiet = await daemon.deployed(daemon.write('quiet.ts', QUIET));
  daemon.openMarkets();
  await poll(
    'a trade',
    async () => {
      const { tradesTotal } = (await call(busy, '/status')).json() as { tradesTotal: number };
      return tradesTotal > 0 || undefined;
    },
    20_000,
  );
  return { daemon, busy, quiet };
}

/** Every second instead of every minute. */
const EVERY_SECOND = 'global: { scrape_interval: 1s, scrape_timeout: 1s }\n';

describe.skipIf(!hasPrometheus)('Prometheus (skipped without prometheus and promtool)', () => {
  it(
    'finds every strategy by the printed configuration, and never sees a stopped one down',
    { timeout: 90_000 },
    async () => {
      const { daemon } = await boot();
      const printed = await qkt(['monitoring', 'prometheus-scrape', '--state-dir', daemon.app.stateDir]);
      expect([printed.code, printed.stderr]).toEqual([0, '']);
      const prometheus = await Prometheus.start(EVERY_SECOND + printed.stdout);
      const equity = await prometheus.values('qkt_equity', 'strategy', 2);
      expect(Object.keys(equity).toSorted()).toEqual(['busy', 'quiet']);
      expect(equity['quiet']).toBe(10_000);
      expect((await prometheus.values('qkt_daemon_healthy', 'job'))['qkt']).toBe(1);
      expect(await prometheus.query('{exported_strategy!=""}')).toEqual([]);
      const states = await prometheus.values('qkt_strategy_state == 1', 'strategy', 2);
      expect(Object.keys(states).toSorted()).toEqual(['busy', 'quiet']);
      const median = 'histogram_quantile(0.5, qkt_tick_processing_seconds_bucket)';
      expect((await prometheus.values(median, 'strategy', 2))['busy']).toBeLessThan(1);
      await daemon.post('/daemon/strategies/quiet/stop');
      await poll(
        'the target to go',
        async () => ((await prometheus.query('up{job="qkt-strategies"}')).length === 1 ? true : undefined),
        20_000,
      );
      expect(await prometheus.query('min_over_time(up[5m]) == 0')).toEqual([]);
      expect(Object.keys(await prometheus.values('qkt_strategy_state{state="stopped"} == 1', 'strategy'))).toEqual([
        'quiet',
      ]);
    },
  );

  it('scrapes one port as the page that users know says', { timeout: 60_000 }, async () => {
    const { busy } = await boot();
    const prometheus = await Prometheus.start(`${EVERY_SECOND}scrape_configs:
  - job_name: qkt
    metrics_path: /status
    params:
      format: [prometheus]
    static_configs:
      - targets: ['127.0.0.1:${busy}']
`);
    expect((await prometheus.values('qkt_trades_total', 'strategy'))['busy']).toBeGreaterThan(0);
    expect((await prometheus.values('up', 'job'))['qkt']).toBe(1);
  });

  it('has nothing to say about either page', { timeout: 30_000 }, async () => {
    const { daemon, busy } = await boot();
    expect(checkMetrics((await call(busy, '/status?format=prometheus')).text)).toBe('');
    expect(checkMetrics((await daemon.get('/daemon/metrics')).text)).toBe('');
  });
});

/** The shell lines of a section of docs/metrics.md, for another port. */
function documented(heading: string, port: number): string {
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const section = text.split(/^#+ /m).find((part) => part.startsWith(heading))!;
  return /```sh\n([\s\S]*?)```/.exec(section)![1]!.replaceAll('localhost:47000', `127.0.0.1:${port}`);
}

describe.skipIf(!hasJq)('jq (skipped without it)', () => {
  it(
    'makes a textfile of /status by the documented line, with each figure as the status has it',
    { timeout: 30_000 },
    async () => {
      const { daemon, quiet } = await boot();
      const line = documented('A textfile', quiet);
      const { stderr } = await promisify(execFile)('sh', ['-c', line], { cwd: daemon.dir });
      expect(stderr).toBe('');
      const written = readFileSync(`${daemon.dir}/qkt.prom`, 'utf8');
      expect(written).toBe(
        [
          'qkt_equity{strategy="quiet"} 10000',
          'qkt_balance{strategy="quiet"} 10000',
          'qkt_realized_pnl{strategy="quiet"} 0',
          'qkt_unrealized_pnl{strategy="quiet"} 0',
          'qkt_trades_total{strategy="quiet"} 0',
          '',
        ].join('\n'),
      );
    },
  );
});
