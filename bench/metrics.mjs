/**
 * A scrape of 100 strategies and of their daemon: our pages, taken from the running daemon and written,
 * against prom-client writing the same families with the same labels and values, which it has been
 * handed before.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { daemonMetricsText } from '../dist/observe/daemon-metrics.js';
import { DAEMON_FAMILIES, STRATEGY_FAMILIES } from '../dist/observe/metric-families.js';
import { strategyMetricsText } from '../dist/observe/strategy-metrics.js';
import { openHost, replayConfig, withDirectory } from './host.mjs';
import { tickSeries } from './market-data.mjs';
import { comparePairs } from './statistics.mjs';

const COUNT = 100;
/** Each strategy's, so that there is something to tell. */
const TICKS = 3000;

export const metrics = {
  title: (pairs) =>
    `a scrape of ${COUNT} strategies and their daemon, and prom-client with the same families (medians of ${pairs} interleaved pairs, least to most)`,
  columns: [
    ['PAGES', 'pages', 'text'],
    ['FAMILIES', 'families', 'whole'],
    ['SERIES', 'series', 'whole'],
    ['BYTES', 'bytes', 'whole'],
    ['ALL OF THEM', 'ours', 'spreadMilli'],
    ['BY PROM-CLIENT', 'theirs', 'middleMilli'],
    ['OF ITS TIME', 'ratio', 'ratio'],
  ],
  run: ({ pairs, told }) =>
    withDirectory(async (directory) => {
      told(`${COUNT} strategies`);
      const config = await replayConfig(directory);
      const { app, names, hand, worked, close } = await openHost({
        directory,
        count: COUNT,
        isolation: 'inline',
        config,
      });
      try {
        hand(tickSeries(config.instruments.get('EURUSD')).take(TICKS));
        await worked();
        const { daemon } = app;
        const strategies = names.map((name) => daemon.strategy(name));
        const own = () => strategies.map((strategy) => strategyMetricsText(strategy.metrics(), 'prometheus').text);
        const whole = () => [daemonMetricsText(daemon.metrics(), 'prometheus').text];
        return [
          { pages: `${COUNT} strategies`, ...(await compare(own, STRATEGY_FAMILIES, pairs)) },
          { pages: 'their daemon', ...(await compare(whole, DAEMON_FAMILIES, pairs)) },
        ];
      } finally {
        await close();
      }
    }),
};

/** @param pages gives their texts, anew each time */
async function compare(pages, families, pairs) {
  const texts = pages();
  const registries = texts.map((text) => registryOf(text, families));
  const { first, second, ratio } = await comparePairs(
    pairs,
    () => timed(pages),
    () => timed(() => Promise.all(registries.map((registry) => registry.metrics()))),
  );
  const lines = texts.join('').split('\n');
  return {
    families: new Set(lines.flatMap((line) => (line.startsWith('# TYPE') ? [line] : []))).size,
    series: lines.filter((line) => line !== '' && !line.startsWith('#')).length,
    bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    ours: first,
    theirs: second,
    ratio,
  };
}

/** Milliseconds. */
async function timed(run) {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

/** The same page by prom-client: every family with its labels, values and buckets. */
function registryOf(text, families) {
  const registry = new Registry();
  const metrics = new Map();
  const lastCounts = new Map();
  const metricOf = (name, bounds) => {
    if (!metrics.has(name)) {
      const { type, help, labels: labelNames } = families[name];
      const options = { name, help, labelNames, registers: [registry] };
      const made = { gauge: Gauge, counter: Counter, histogram: Histogram }[type];
      metrics.set(name, new made(bounds === undefined ? options : { ...options, buckets: bounds }));
    }
    return metrics.get(name);
  };
  const samples = text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [sampleOf(line)]));
  for (const { name, labels, value } of samples) {
    if (families[name]?.type === 'gauge') metricOf(name).set(labels, value);
    if (families[name]?.type === 'counter') metricOf(name).inc(labels, value);
    const histogram = name.replace(/_bucket$/, '');
    if (histogram === name || families[histogram]?.type !== 'histogram') continue;
    const { le, ...own } = labels;
    const bounds = samples
      .filter((sample) => sample.name === name && sample.labels.le !== '+Inf')
      .map((sample) => Number(sample.labels.le));
    const metric = metricOf(histogram, [...new Set(bounds)]);
    const key = histogram + JSON.stringify(own);
    if (!lastCounts.has(key)) metric.zero(own);
    for (let seen = lastCounts.get(key) ?? 0; seen < value; seen++)
      metric.observe(own, le === '+Inf' ? 1e9 : Number(le));
    lastCounts.set(key, value);
  }
  return registry;
}

function sampleOf(line) {
  const [, name, , labels = '', value] = /^([^{ ]+)(\{(.*)\})? (\S+)$/.exec(line);
  const pairs = [...labels.matchAll(/([a-z_]+)="((?:\\.|[^\\"])*)"/g)].map(([, label, text]) => [label, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
