/**
 * A daemon, a real Prometheus with the printed rules and two real Alertmanagers, one for each side: what goes wrong
 * arrives in both, with the same labels, and ends in both. Times are divided by sixty.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { prometheusRules, prometheusRulesFile } from '../../src/alerts/prometheus-rules.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { ALERT_RULES } from '../../src/alerts/rules.ts';
import { NO_ALERT_SETTINGS } from '../../src/alerts/settings.ts';
import { strategySource } from '../acceptance/trading-scene.ts';
import { qkt } from '../cli/support.ts';
import { Alertmanager, hasAlertmanager } from '../doubles/alertmanager.ts';
import { TestDaemon } from '../doubles/daemon.ts';
import { hasPrometheus, Prometheus } from '../doubles/prometheus.ts';

const FASTER = 60;
/** What this run is about: a busy machine may well have a slow disk besides. */
const RULES = ['strategy_halted', 'gateway_down'];

/** Of the table, for the engine. */
const quickRules = Object.fromEntries(
  ALERT_RULES.map(({ id, forMs, keepFiringMs }) => [
    id,
    { for: span(forMs / FASTER), keepFiringFor: span(keepFiringMs / FASTER) },
  ]),
);
function span(ms: number): string {
  return ms === 0 ? '0s' : `${Math.round(ms)}ms`;
}

/** Of the table, for Prometheus: minutes become seconds. */
const quickFile = prometheusRulesFile(
  prometheusRules(new Rulebook(NO_ALERT_SETTINGS, new Map()), new Map()).map((rule) => ({
    ...rule,
    expr: rule.expr.replaceAll(/\[(\d+)m\]/g, '[$1s]').replaceAll('[1h]', '[60s]'),
    for: quick(rule.for),
    ...(rule.keep_firing_for !== undefined && { keep_firing_for: quick(rule.keep_firing_for) }),
  })),
);
function quick(seconds: string): string {
  return span((Number.parseInt(seconds, 10) * 1000) / FASTER);
}

it.skipIf(!hasPrometheus || !hasAlertmanager)(
  'arrives in Alertmanager from the engine and from Prometheus alike, and is resolved there (skipped without Debian’s prometheus and alertmanager)',
  async () => {
    const [ofEngine, ofPrometheus] = [await Alertmanager.start(), await Alertmanager.start()];
    const daemon = await TestDaemon.boot({
      config: {
        alerts: { rules: quickRules, channels: { am: { type: 'alertmanager', urls: [ofEngine.url] } } },
      },
    });
    onTestFinished(() => daemon.close());
    await daemon.deployed(daemon.write('quiet.ts', strategySource('quiet', '')));
    daemon.openMarkets();

    const dir = mkdtempSync(join(tmpdir(), 'qkt-live-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, 'rules.yml'), quickFile);
    const printed = await qkt(['monitoring', 'prometheus-scrape', '--state-dir', daemon.app.stateDir]);
    const targets = `alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${ofPrometheus.port}"] }] }]`;
    await Prometheus.start(
      'global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }\n' +
        `rule_files: [${JSON.stringify(join(dir, 'rules.yml'))}]\nalerting: { ${targets} }\n${printed.stdout}`,
    );
    const both = async (...wanted: readonly string[]): Promise<void> => {
      const [engine, prometheus] = await Promise.all([
        ofEngine.holds(RULES, wanted),
        ofPrometheus.holds(RULES, wanted),
      ]);
      const labels = (alerts: typeof engine) => alerts.map((alert) => JSON.stringify(alert.labels)).toSorted();
      expect(labels(engine)).toEqual(labels(prometheus));
      for (const { annotations } of [...engine, ...prometheus])
        expect(annotations['runbook']).toMatch(/^docs\/runbooks\//);
    };

    await daemon.post('/daemon/strategies/quiet/halt', { reason: 'to be told' });
    await both('strategy_halted P1 quiet');
    daemon.app.faults('paper').loseGateway('a test');
    await both('gateway_down P2 paper', 'strategy_halted P1 quiet');
    daemon.app.faults('paper').loseGateway(undefined);
    await both('strategy_halted P1 quiet');
    await daemon.post('/daemon/strategies/quiet/resume', { reason: 'seen' });
    await both();
  },
  180_000,
);
