/** `qkt monitoring`: files ready to use on stdout. */
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { stateDirOf, withCommonOptions, withVerbsBelow, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';

interface UnitOptions extends CommonOptions {
  readonly config?: string;
}
interface ScrapeOptions extends UnitOptions {
  readonly tokenFile?: string;
}

const CONFIG = [
  '--config <file>',
  'configuration file (default: the one that a daemon started here would use)',
] as const;

export function define(command: Command): void {
  withVerbsBelow(command);
  withCommonOptions(command.command('systemd-unit').description('a unit file for the daemon of this installation'))
    .option(...CONFIG)
    .action(printUnit);
  withCommonOptions(
    command.command('prometheus-scrape').description('a scrape configuration for the daemon and its strategies'),
  )
    .option(...CONFIG)
    .option('--token-file <file>', 'where Prometheus finds a token that may read; needed where reading is not open')
    .action(printScrape);
  withCommonOptions(
    command.command('prometheus-rules').description('the alert table as alerting rules, as it is configured'),
  )
    .option(...CONFIG)
    .action(printRules);
  withCommonOptions(
    command
      .command('alertmanager')
      .description("grouping, repetition and inhibition of the alert table, as Alertmanager's configuration"),
  )
    .option(...CONFIG)
    .action(printAlertmanager);
  withCommonOptions(
    command.command('grafana-dashboard').description('a dashboard over the metrics, for Grafana to import'),
  ).action(printDashboard);
}

async function printUnit(options: UnitOptions): Promise<void> {
  const { findConfigFile } = await import('../../config/find-file.ts');
  const { systemdUnit } = await import('../systemd-unit.ts');
  const config = await findConfigFile(options.config, process.env, process.cwd());
  const hasStateDir = options.stateDir !== undefined || (process.env['QKT_STATE_DIR'] ?? '') !== '';
  const unit = systemdUnit({
    node: process.execPath,
    program: fileURLToPath(new URL('../../../bin/qkt.js', import.meta.url)),
    user: userInfo().username,
    ...(hasStateDir && { stateDir: stateDirOf(options) }),
    ...(config !== undefined && { config: config.file }),
  });
  if (options.json === true) print(toJson({ unit }));
  else printExactly(unit);
}

async function printScrape(options: ScrapeOptions): Promise<void> {
  const { loadConfig } = await import('../../config/load.ts');
  const { prometheusScrape, scrapeTarget, TOKEN_FILE } = await import('../prometheus-scrape.ts');
  const { readPort } = await import('../endpoint.ts');
  const { isLoopback } = await import('../../http/bind.ts');
  const named = options.config === undefined ? {} : { file: options.config };
  const { http } = (await loadConfig({ ...named, env: process.env, cwd: process.cwd() })).config;
  const tokenFile = options.tokenFile ?? (isLoopback(http.bind) ? undefined : TOKEN_FILE);
  const config = prometheusScrape({
    target: scrapeTarget(http, readPort(stateDirOf(options))),
    ...(tokenFile !== undefined && { tokenFile }),
  });
  if (options.json === true) print(toJson({ config }));
  else printExactly(config);
}

async function printRules(options: UnitOptions): Promise<void> {
  const { prometheusRules, prometheusRulesFile } = await import('../../alerts/prometheus-rules.ts');
  const { book, changes } = await rulesOf(options);
  const rules = prometheusRules(book, changes);
  if (options.json === true) print(toJson({ rules }));
  else printExactly(prometheusRulesFile(rules));
}

async function printAlertmanager(options: UnitOptions): Promise<void> {
  const { alertmanagerConfig, alertmanagerConfigFile } = await import('../../alerts/alertmanager-config.ts');
  const { strategiesOnGateways } = await import('../strategies-on-gateways.ts');
  const { book, config } = await rulesOf(options);
  const strategiesOn = await strategiesOnGateways(options);
  const printed = alertmanagerConfig({ book, repeatMs: config.alerts.repeatMs, strategiesOn });
  if (options.json === true) print(toJson({ config: printed }));
  else printExactly(alertmanagerConfigFile(printed, strategiesOn !== undefined));
}

/** The alert table as a configuration has it. */
async function rulesOf({ config: file }: UnitOptions) {
  const { loadConfig } = await import('../../config/load.ts');
  const { Rulebook } = await import('../../alerts/rulebook.ts');
  const named = file === undefined ? {} : { file };
  const { config } = await loadConfig({ ...named, env: process.env, cwd: process.cwd() });
  const changes = new Map([...config.strategies].map(([name, { alerts = {} }]) => [name, alerts] as const));
  return { config, changes, book: new Rulebook(config.alerts, changes) };
}

async function printDashboard(): Promise<void> {
  const { grafanaDashboard } = await import('../../alerts/grafana-dashboard.ts');
  // It is JSON either way.
  print(JSON.stringify(grafanaDashboard(), null, 2));
}
