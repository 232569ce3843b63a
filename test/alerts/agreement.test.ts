/** The engine and a real Prometheus, fed by the same run, raise the same alerts within one scrape interval. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { prometheusRules, prometheusRulesFile } from '../../src/alerts/prometheus-rules.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { ruleOf } from '../../src/alerts/rules.ts';
import { NO_ALERT_SETTINGS } from '../../src/alerts/settings.ts';
import { hasPrometheus } from '../doubles/prometheus.ts';
import { record, SCRAPE_S, type RecordedRun } from './recorded-run.ts';
import { TROUBLES } from './troubled-daemon.ts';

const book = new Rulebook(NO_ALERT_SETTINGS, new Map());

/** As `ALERTS` names it. */
function sampleOf(key: string): string {
  const [id = '', target = ''] = key.split(':');
  const { scope, severity } = ruleOf(id)!;
  return `ALERTS{alertname="${id}",alertstate="firing",severity="${severity}",${scope}="${target}"}`;
}

/** Scrapes at which that is as it was at the one before, and as it is at the one after. */
function steady<T>(values: readonly T[], same: (a: T, b: T) => boolean): readonly number[] {
  return values.flatMap((value, n) => {
    const [before, after] = [values[n - 1], values[n + 1]];
    const isSteady = n > 1 && after !== undefined && same(value, before!) && same(value, after);
    return isSteady ? [n] : [];
  });
}

const sameKeys = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((key) => b.has(key));

let run: RecordedRun;
beforeAll(async () => {
  run = await record();
}, 300_000);

it('raises what went wrong, and nothing else', () => {
  const { firing } = run;
  expect([...new Set(firing.flatMap((keys) => [...keys]))].toSorted()).toEqual(TROUBLES);
  expect([...firing.at(-1)!]).toEqual([]);
});

it.skipIf(!hasPrometheus)(
  'is what Prometheus raises from the scrapes of the same run, within one interval (skipped without Debian’s prometheus)',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'qkt-agreement-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, 'rules.yml'), prometheusRulesFile(prometheusRules(book, new Map())));
    const series = [...run.series].map(([name, values]) => ({ series: name, values: values.join(' ') }));
    const scrapes = steady(run.firing, sameKeys);
    // Most of the run is looked at: changes are few.
    expect(scrapes.length).toBeGreaterThan(run.firing.length * 0.8);
    const at = (n: number, expr: string, firing: readonly string[]) => ({
      expr,
      eval_time: `${n * SCRAPE_S}s`,
      exp_samples: firing.map((key) => ({ labels: sampleOf(key), value: 1 })),
    });
    const together = scrapes.map((n) => at(n, 'ALERTS{alertstate="firing"}', [...run.firing[n]!]));
    // Each for itself is looked at as well while others change.
    const alone = TROUBLES.flatMap((key) => {
      const fires = run.firing.map((keys) => keys.has(key));
      return steady(fires, Object.is).map((n) => at(n, sampleOf(key), fires[n]! ? [key] : []));
    });
    writeFileSync(
      join(dir, 'test.yml'),
      stringify({
        rule_files: ['rules.yml'],
        evaluation_interval: `${SCRAPE_S}s`,
        tests: [{ interval: `${SCRAPE_S}s`, input_series: series, promql_expr_test: [...together, ...alone] }],
      }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(dir, 'test.yml')], {
      encoding: 'utf8',
    });
    expect(status === 0 ? '' : (stdout + stderr).slice(0, 4000)).toBe('');
  },
  60_000,
);
