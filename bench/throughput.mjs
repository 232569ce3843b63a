/**
 * Ticks per second of the whole path with every surface on, against the same with all of them off,
 * and against a bare loop over the same ticks. Both daemons live as long as the comparison does and
 * are handed the same quotes in turn, so that what else the machine does falls on both.
 */
import { bareLoop } from './bare-loop.mjs';
import { startChild } from './child.mjs';
import { openHost, replayConfig, withDirectory } from './host.mjs';
import { tickSeries } from './market-data.mjs';
import { comparePairs, spreadOf } from './statistics.mjs';

/** The default of the strategy's parameter. */
const QTY = 10_000;
const POLLS_PER_SECOND = 20;
/** Two rules that are watched and never breached. */
const HALT_RULES = `
risk: { halt: [{ rule: maxDrawdown, basis: peak, limit: 0.5 }, { rule: maxDailyLoss, limit: 5000 }] }
`;
/** Strategies that follow one symbol, and how many of its quotes make one measurement. */
const SIZES = [
  { count: 1, ticks: 400_000 },
  { count: 10, ticks: 30_000 },
  { count: 100, ticks: 3_000 },
];

/** Of one strategy. With the journal on in both, what is left is the price of being observed alone. */
const VARIANTS = [
  { way: 'inline, journal on in both', isolation: 'inline', journalInBoth: true },
  { way: 'worker, journal on in both', isolation: 'worker', journalInBoth: true },
  { way: 'inline, two halt rules', isolation: 'inline', more: HALT_RULES },
];

export const throughput = {
  title: (pairs) =>
    `the whole path with every surface on, against all of them off, and against a bare loop (medians of ${pairs} interleaved pairs, least to most)`,
  columns: [
    ['STRATEGIES', 'count', 'whole'],
    ['WAY', 'way', 'text'],
    ['TICKS/S, ON', 'on', 'spread'],
    ['TICKS/S, OFF', 'off', 'middle'],
    ['ON / OFF', 'ratio', 'ratio'],
    ['BARE LOOP / ON', 'bareRatio', 'times'],
    ['READ MB/S', 'readMb', 'middle'],
  ],
  async run({ pairs, told }) {
    const rows = [];
    for (const size of SIZES)
      for (const isolation of ['inline', 'worker']) {
        told(`${size.count} ${isolation}`);
        rows.push({ count: size.count, way: isolation, ...(await compare({ ...size, isolation, pairs })) });
      }
    for (const { way, ...variant } of VARIANTS) {
      told(`1 ${way}`);
      rows.push({ count: 1, way, ...(await compare({ ...SIZES[0], pairs, ...variant })) });
    }
    return rows;
  },
};

/** Ticks per second are deliveries: a quote that ten strategies follow counts ten times. */
function compare({ count, ticks, isolation, pairs, more = '', journalInBoth = false }) {
  return withDirectory(async (directory) => {
    const config = await replayConfig(directory, { more });
    const quiet = await replayConfig(directory, { more, logLevel: 'error' });
    const on = await openHost({ directory, count, isolation, config });
    const off = await openHost({ directory, count, isolation, config: quiet, keepsNothing: !journalInBoth });
    const ports = on.names.map((name) => on.app.daemon.strategy(name).port());
    const readers = await startChild('readers.mjs', { ports });
    const series = tickSeries(config.instruments.get('EURUSD'));
    const chunks = [];
    const chunkOf = (round) => (chunks[round] ??= series.take(ticks));
    const bare = bareLoop();
    const [bareSpeeds, readMb] = [[], []];
    let gained;
    try {
      const speeds = await comparePairs(
        pairs,
        async (round) => {
          const chunk = chunkOf(round);
          readers.tell('poll', { perSecond: POLLS_PER_SECOND });
          const ms = await timed(on, chunk);
          readers.tell('poll', { perSecond: 0 });
          // What is still on its way to the readers must not slow the others down.
          await new Promise((resolve) => setTimeout(resolve, 100));
          const { bytes } = await readers.ask('read');
          const begun = performance.now();
          gained = bare.run(chunk);
          const bareMs = performance.now() - begun;
          if (round > 0) bareSpeeds.push(ms / bareMs / count);
          if (round > 0) readMb.push(bytes / ms / 1000);
          return (ticks * count * 1000) / ms;
        },
        async (round) => (ticks * count * 1000) / (await timed(off, chunkOf(round))),
      );
      chunks.length = 0;
      for (const host of [on, off]) checkSame(host, ticks * (pairs + 1), gained);
      const { first, second, ratio } = speeds;
      return { on: first, off: second, ratio, bareRatio: spreadOf(bareSpeeds), readMb: spreadOf(readMb) };
    } finally {
      await readers.end();
      await on.close();
      await off.close();
    }
  });
}

async function timed({ hand, worked }, ticks) {
  const begun = performance.now();
  hand(ticks);
  await worked();
  return performance.now() - begun;
}

/** A ratio of two runs that did different work would say nothing. */
function checkSame({ app, names }, ticks, bare) {
  for (const name of names) {
    const { ticks: seen, tradesTotal, realized } = app.summary(name);
    if (seen !== ticks) throw new Error(`${name} worked through ${seen} of ${ticks} ticks`);
    const money = bare.gain * QTY;
    if (bare.trades !== tradesTotal || Math.abs(money - realized.toNumber()) > 1e-4)
      throw new Error(
        `not the same trades: ${bare.trades} for ${money} in the bare loop, ${tradesTotal} for ${realized.toString()} hosted`,
      );
  }
}
