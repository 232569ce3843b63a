/**
 * A daemon that trades, a real Prometheus with the printed rules, and two real Alertmanagers, one for each side, that of
 * Prometheus with the printed configuration: what
 * goes wrong is raised by both, arrives with the same labels, and ends on both sides. All times of the table are
 * divided by sixty.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { prometheusRules, prometheusRulesFile } from '../../src/alerts/prometheus-rules.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { NO_ALERT_SETTINGS } from '../../src/alerts/settings.ts';
import { WallClock } from '../../src/clock.ts';
import type { AlertView } from '../../src/domain/alerts.ts';
import { qkt } from '../cli/support.ts';
import { Alertmanager, hasAlertmanager, type HeldAlert } from '../doubles/alertmanager.ts';
import { poll } from '../doubles/daemon.ts';
import { hasPrometheus, Prometheus } from '../doubles/prometheus.ts';
import { Sightings } from './sightings.ts';
import { STRATEGY_NAMES, TroubledDaemon, TROUBLES } from './troubled-daemon.ts';

const FASTER = 60;
const SCRAPE_MS = 1000;
/** By which one side may come to the same later than the other: scrapes, looks of a second, and a busy machine. */
const APART_MS = 6 * SCRAPE_MS;
/** What this run is about: a busy machine may well have a slow disk besides. */
const RULES: ReadonlySet<string> = new Set(TROUBLES.map((key) => key.split(':')[0]!));

const keyOf = ({ labels }: HeldAlert): string =>
  `${labels['alertname']}:${labels['strategy'] ?? labels['gateway'] ?? labels['account']}`;

/** What else is noted of alerts while they are looked at. */
interface Noted {
  /** By key. */
  readonly labels: Map<string, string>;
  /** Keys of those that their cause spoke for. */
  readonly inhibited: Set<string>;
}
const nothingNoted = (): Noted => ({ labels: new Map(), inhibited: new Set() });

function watched(name: string, manager: Alertmanager, { labels, inhibited }: Noted): Sightings {
  return new Sightings(name, async () => {
    const alerts = (await manager.active()).filter(({ labels: own }) => RULES.has(own['alertname']!));
    for (const alert of alerts) {
      expect(alert.annotations['runbook']).toMatch(/^docs\/runbooks\//);
      labels.set(keyOf(alert), JSON.stringify(alert.labels));
      if (alert.status.inhibitedBy.length > 0) inhibited.add(keyOf(alert));
    }
    return alerts.map(keyOf);
  });
}

/** Ready, and with figures of all strategies: what it has not seen high it cannot see fall. */
async function startPrometheus(scene: TroubledDaemon, alertmanager: Alertmanager): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'qkt-live-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const book = new Rulebook(NO_ALERT_SETTINGS, new Map(), FASTER);
  writeFileSync(join(dir, 'rules.yml'), prometheusRulesFile(prometheusRules(book, new Map())));
  const scrape = await qkt(['monitoring', 'prometheus-scrape', '--state-dir', scene.daemon.app.stateDir]);
  const targets = `alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanager.port}"] }] }]`;
  const every = `${SCRAPE_MS}ms`;
  const prometheus = await Prometheus.start(
    `global: { scrape_interval: ${every}, scrape_timeout: ${every}, evaluation_interval: ${every} }\n` +
      `rule_files: [${JSON.stringify(join(dir, 'rules.yml'))}]\nalerting: { ${targets} }\n${scrape.stdout}`,
  );
  await prometheus.values('qkt_equity', 'strategy', STRATEGY_NAMES.length);
  await prometheus.values('qkt_account_equity_index', 'account', 2);
}

it.skipIf(!hasPrometheus || !hasAlertmanager)(
  'raises in Alertmanager from the engine and from Prometheus alike what goes wrong, and resolves it there (skipped without Debian’s prometheus and alertmanager)',
  async () => {
    const ofEngine = await Alertmanager.start();
    const scene = await TroubledDaemon.boot({
      clock: new WallClock(),
      quoteMs: 200,
      silentFor: '20s',
      alertsFaster: FASTER,
      alerts: { channels: { am: { type: 'alertmanager', urls: [ofEngine.url] } } },
    });
    onTestFinished(() => scene.close());
    await scene.deploy();
    await poll('all of them trade', async () => (await scene.trades()) || undefined, 30_000);
    const printed = await qkt(['monitoring', 'alertmanager', '--state-dir', scene.daemon.app.stateDir]);
    const ofPrometheus = await Alertmanager.start(printed.stdout);
    await startPrometheus(scene, ofPrometheus);
    const noted = { engine: nothingNoted(), told: nothingNoted(), prometheus: nothingNoted() };
    const engine = new Sightings('the engine', async () => {
      const alerts = JSON.parse((await scene.daemon.get('/daemon/alerts')).text) as readonly AlertView[];
      const firing = alerts.filter(({ state, id }) => state === 'firing' && RULES.has(id));
      for (const { key, inhibitedBy } of firing) if (inhibitedBy !== null) noted.engine.inhibited.add(key);
      return firing.map(({ key }) => key);
    });
    const told = watched('the engine’s Alertmanager', ofEngine, noted.told);
    const prometheus = watched('the Alertmanager of Prometheus', ofPrometheus, noted.prometheus);
    onTestFinished(async () => {
      await Promise.all([engine, told, prometheus].map((sightings) => sightings.end()));
    });
    const both = async (what: 'come' | 'go', ...keys: readonly (typeof TROUBLES)[number][]): Promise<void> => {
      await Promise.all([engine, prometheus].map((sightings) => sightings[what](...keys)));
    };

    scene.enterLarge('loser');
    await poll('the loser has entered', async () => (await scene.holds('loser')) || undefined, 20_000);
    scene.exness.move(-26, 10);
    await both('come', 'book_equity_drop:exness', 'equity_floor:loser', 'headroom_low:loser', 'strategy_halted:loser');
    scene.exness.move(26, 10);
    await both('go', 'book_equity_drop:exness', 'equity_floor:loser', 'headroom_low:loser');
    expect(await scene.resume('loser')).toBe(200);

    scene.far.isDead = true;
    scene.exness.refuse(true);
    for (let n = 0; n < 20; n++) scene.enter('stormy');
    await both('come', 'rejection_rate:stormy');
    scene.exness.refuse(false);
    scene.exness.slip = 1;
    scene.enter('slipped');
    await both('come', 'high_slippage:slipped', 'gateway_down:far', 'stale_feed:abroad', 'no_trades:silent');
    scene.far.isDead = false;
    await both('go', ...TROUBLES.filter((key) => key !== 'no_trades:silent'));
    scene.enter('silent');
    await both('go', ...TROUBLES);

    for (const sightings of [engine, prometheus]) expect([...sightings.seen.keys()].toSorted()).toEqual(TROUBLES);
    // What its cause speaks for the engine does not tell; what it tells has the same labels.
    expect([...noted.engine.inhibited]).toEqual(['stale_feed:abroad']);
    expect([...noted.prometheus.inhibited]).toEqual(['stale_feed:abroad']);
    const own = TROUBLES.filter((key) => key !== 'stale_feed:abroad');
    await told.go(...own);
    for (const key of own) expect(noted.told.labels.get(key), key).toBe(noted.prometheus.labels.get(key));
    for (const key of TROUBLES) {
      const [a, b] = [engine.seen.get(key)!, prometheus.seen.get(key)!];
      expect([a.times, b.times], key).toEqual([1, 1]);
      expect(Math.abs(a.from - b.from), key).toBeLessThan(APART_MS);
      expect(Math.abs(a.to! - b.to!), key).toBeLessThan(APART_MS);
    }
  },
  180_000,
);
