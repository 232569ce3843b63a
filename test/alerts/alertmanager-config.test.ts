/** The engine's grouping and inhibition as Alertmanager is told of it, before the real amtool. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  alertmanagerConfig,
  alertmanagerConfigFile,
  type AlertmanagerConfig,
} from '../../src/alerts/alertmanager-config.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { ALERT_RULES } from '../../src/alerts/rules.ts';
import { NO_ALERT_SETTINGS } from '../../src/alerts/settings.ts';
import { qkt, temporaryDir } from '../cli/support.ts';

const hasAmtool = spawnSync('amtool', ['--version'], { stdio: 'ignore' }).status === 0;

const ON = new Map([
  ['exness', ['gold', 'silver']],
  ['far', ['abroad']],
]);
const CONFIG = alertmanagerConfig({
  book: new Rulebook(NO_ALERT_SETTINGS, new Map()),
  repeatMs: NO_ALERT_SETTINGS.repeatMs,
  strategiesOn: ON,
});

/** What amtool has against it; empty when it has nothing. */
function complaint(text: string): string {
  const file = join(temporaryDir(), 'alertmanager.yml');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

describe('the configuration for Alertmanager', () => {
  it('lets every cause of the table speak for its effects, and no other', () => {
    const pairs = CONFIG.inhibit_rules.flatMap(({ source_matchers: [source], target_matchers: [targets] }) => {
      const [, cause] = /^alertname="(\w+)"$/.exec(source!)!;
      const [, effects] = /^alertname=~"([\w|]+)"$/.exec(targets!)!;
      return effects!.split('|').map((effect) => `${cause} ${effect}`);
    });
    const table = ALERT_RULES.flatMap(({ id, inhibits }) => inhibits.map((effect) => `${id} ${effect}`));
    expect([...new Set(pairs)].toSorted()).toEqual(table.toSorted());
  });

  it('lets a strategy speak for itself, and a gateway for the strategies on it', () => {
    const by = (cause: string) =>
      CONFIG.inhibit_rules.filter((rule) => rule.source_matchers[0] === `alertname="${cause}"`);
    expect(by('strategy_failed')).toEqual([
      {
        source_matchers: ['alertname="strategy_failed"'],
        target_matchers: ['alertname=~"strategy_down|stale_feed|no_trades"'],
        equal: ['strategy'],
      },
    ]);
    const effects = 'alertname=~"stale_feed|rejection_rate|no_trades|unprotected_position"';
    expect(by('gateway_down')).toEqual([
      {
        source_matchers: ['alertname="gateway_down"', 'gateway="exness"'],
        target_matchers: [effects, 'strategy=~"gold|silver"'],
      },
      {
        source_matchers: ['alertname="gateway_down"', 'gateway="far"'],
        target_matchers: [effects, 'strategy=~"abroad"'],
      },
    ]);
  });

  it('groups, waits and repeats as the engine does', () => {
    const { group_by, routes } = CONFIG.route;
    expect(group_by).toEqual(['alertname', 'severity']);
    expect(routes.map((route) => Object.values(route))).toEqual([
      [['severity="P1"'], '1s', '10s', '30m'],
      [['severity="P2"'], '5s', '1m', '4h'],
      [['severity="P3"'], '5s', '1m', '24h'],
    ]);
  });

  it.skipIf(!hasAmtool)('passes amtool check-config (skipped without Debian’s prometheus-alertmanager)', () => {
    expect(complaint(alertmanagerConfigFile(CONFIG, true))).toBe('');
  });

  it('is printed as configured, and without a daemon says what it leaves out', async () => {
    const dir = temporaryDir();
    const file = join(dir, 'qkt.config.yaml');
    writeFileSync(file, 'alerts: { repeat: { P2: 90m } }\n');
    const from = ['--config', file, '--state-dir', join(dir, 'state')];
    const { code, stdout, stderr } = await qkt(['monitoring', 'alertmanager', ...from]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('only a running daemon can tell which strategies are on it');
    const printed = parse(stdout) as AlertmanagerConfig;
    expect(printed.route.routes[1]!.repeat_interval).toBe('90m');
    const causes = printed.inhibit_rules.map(({ source_matchers: [cause] }) => cause);
    expect(causes).not.toContain('alertname="gateway_down"');
    expect(causes).toContain('alertname="strategy_halted"');
    if (hasAmtool) expect(complaint(stdout)).toBe('');
  });
});
