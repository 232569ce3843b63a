/**
 * A look of the alert engine at 100 strategies, as the daemon makes one every second: the facts, every rule on every
 * target, and whom to tell; against one scrape of the same strategies.
 */
import { AlertEngine } from '../dist/actors/alerts/alert-engine.js';
import { NoAlertMemory } from '../dist/actors/alerts/alert-memory.js';
import { FactsCollector } from '../dist/actors/alerts/facts-collector.js';
import { evaluate } from '../dist/alerts/evaluate.js';
import { Rulebook } from '../dist/alerts/rulebook.js';
import { NO_ALERT_SETTINGS } from '../dist/alerts/settings.js';
import { WallClock } from '../dist/clock.js';
import { dec } from '../dist/domain/decimal.js';
import { strategyMetricsText } from '../dist/observe/strategy-metrics.js';
import { openHost, replayConfig, withDirectory } from './host.mjs';
import { tickSeries } from './market-data.mjs';
import { comparePairs } from './statistics.mjs';

const COUNT = 100;
/** Each strategy's, so that there is something to look at. */
const TICKS = 3000;

export const alerts = {
  title: (pairs) =>
    `a look of the alert engine at ${COUNT} strategies, and a scrape of them (medians of ${pairs} interleaved pairs, least to most)`,
  columns: [
    ['RULES', 'rules', 'whole'],
    ['ALERTS LOOKED AT', 'judged', 'whole'],
    ['A LOOK', 'look', 'spreadMilli'],
    ['A SCRAPE', 'scrape', 'middleMilli'],
    ['OF ITS TIME', 'ratio', 'ratio'],
  ],
  run: ({ pairs, told }) =>
    withDirectory(async (directory) => {
      told(`${COUNT} strategies`);
      const config = await replayConfig(directory);
      const host = await openHost({ directory, count: COUNT, isolation: 'inline', config });
      try {
        host.hand(tickSeries(config.instruments.get('EURUSD')).take(TICKS));
        await host.worked();
        const { daemon } = host.app;
        const strategies = host.names.map((name) => daemon.strategy(name));
        const book = new Rulebook(NO_ALERT_SETTINGS, new Map());
        const judged = { count: 0 };
        const engine = engineOver(daemon, strategies, book, judged);
        const { first, second, ratio } = await comparePairs(
          pairs,
          () => timed(() => engine.look()),
          () => timed(() => strategies.map((strategy) => strategyMetricsText(strategy.metrics(), 'prometheus'))),
        );
        return [{ rules: book.inForce().length, judged: judged.count, look: first, scrape: second, ratio }];
      } finally {
        await host.close();
      }
    }),
};

/** The daemon's own cannot be asked to look: this one looks at the same strategies in the same way. */
function engineOver(daemon, strategies, book, judged) {
  const clock = new WallClock();
  const memory = new NoAlertMemory();
  const context = { haltLeft: [], stop: null };
  const members = strategies.map((queries) => ({
    queries,
    venue: 'paper',
    desired: 'running',
    runtime: { name: queries.name, actor: { snapshot: () => ({ context }) } },
  }));
  const { journalSync: syncs } = daemon.metrics();
  const collector = new FactsCollector({
    clock,
    memory,
    spans: book.spans,
    members: () => members,
    accounts: () => [{ account: 'paper', index: 1 }],
    gateways: () => daemon.gateways(),
    journal: () => ({ lease: daemon.health().leases.find(({ name }) => name === 'journal'), syncs }),
    freeBytes: () => daemon.health().leases.find(({ name }) => name === 'disk')?.freeBytes,
    diskBytes: () => undefined,
    highSlippage: () => undefined,
    losingShare: () => dec('0.02'),
    slowSync: () => 0.1,
  });
  const judge = () => {
    const all = evaluate(collector.look(), book);
    judged.count = all.length;
    return all;
  };
  return new AlertEngine({
    clock,
    judge,
    memory,
    repeatMs: NO_ALERT_SETTINGS.repeatMs,
    evidence: () => ({ trades: [], events: [] }),
    notify: () => undefined,
    record: () => undefined,
    onFault: ({ error }) => {
      throw new Error(error.message);
    },
  });
}

/** Milliseconds. */
function timed(run) {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}
