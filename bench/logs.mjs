/**
 * What a log line costs a strategy: lines a second until all of them are in the files, with the sink (a
 * file of the strategy and the daemon's; redaction, escaping, folding, rotation) and with bare pino (one file).
 */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import sonic from 'sonic-boom';
import { createLogSink } from '../dist/actors/log-sink.js';
import { WallClock } from '../dist/clock.js';
import { withDirectory } from './host.mjs';
import { spreadOf } from './statistics.mjs';

const LINES = 40_000;
/** Between two looks at the event loop, as strategies that take ticks leave it. */
const BURST = 250;

export const logs = {
  title: (pairs) =>
    `${LINES} log lines of five fields of a strategy, bare pino and the sink by turns (medians of ${pairs})`,
  columns: [
    ['', 'name', 'text'],
    ['LINES PER SECOND', 'perSecond', 'middle'],
    ['OF BARE PINO', 'share', 'percent'],
  ],
  run: ({ pairs, told }) =>
    withDirectory(async (directory) => {
      const rates = { 'bare pino': [], 'sink, text': [], 'sink, json': [] };
      for (let pair = 0; pair < pairs; pair++) {
        told(`${pair + 1} of ${pairs}`);
        const dir = join(directory, String(pair));
        rates['bare pino'].push(await barePino(`${dir}-bare.log`));
        rates['sink, text'].push(await sink(`${dir}-text`, 'text'));
        rates['sink, json'].push(await sink(`${dir}-json`, 'json'));
      }
      const bare = spreadOf(rates['bare pino']).median;
      return Object.entries(rates).map(([name, all]) => {
        const perSecond = spreadOf(all);
        return { name, perSecond, share: perSecond.median / bare };
      });
    }),
};

async function barePino(dest) {
  const destination = new sonic.SonicBoom({ dest, sync: false });
  await once(destination, 'ready');
  const log = pino({ base: { strategy: 'bench' } }, destination);
  return rateOf(
    (fields, msg) => log.info(fields, msg),
    () => new Promise((resolve) => destination.flush(resolve)),
    () => statSync(dest).size,
  );
}

async function sink(dir, format) {
  const config = { level: 'info', format, maxFileMB: 50, keepDays: 7, totalMB: 500 };
  const all = createLogSink({ dir, config, clock: new WallClock(), secrets: ['a-secret-of-this-daemon'] });
  const log = all.logger('bench');
  // As fast as the files take them: what falls out of the ring would cost nothing.
  const deep = () => Math.max(all.queue('bench').depth, all.queue().depth) > 512 * 1024;
  const waiting = () => Object.values(all.status()).some((file) => file.waiting > 0);
  const rate = await rateOf(
    (fields, msg) => log.info(msg, fields),
    async () => {
      while (waiting()) await new Promise(setImmediate);
    },
    () => statSync(all.path('bench')).size,
    deep,
  );
  const { dropped } = all.status().bench;
  await all.close();
  if (dropped > 0) throw new Error(`${dropped} lines were dropped: this is no measurement`);
  return rate;
}

async function rateOf(write, written, size, deep = () => false) {
  const begun = performance.now();
  for (let n = 0; n < LINES; n++) {
    write({ symbol: 'EURUSD', side: 'BUY', qty: 10_000, price: 1.0973, orderId: `bench-1-${n}` }, 'order filled');
    if (n % BURST !== BURST - 1) continue;
    do await new Promise(setImmediate);
    while (deep());
  }
  await written();
  const rate = (LINES / (performance.now() - begun)) * 1000;
  if (size() < LINES * 80) throw new Error('not all lines are in the file');
  return rate;
}
