/** Logs numbered lines into small files until it is killed: `node logging-without-end.mjs <dir> <run>`. */
import { createLogSink } from '../../dist/actors/log-sink.js';
import { WallClock } from '../../dist/clock.js';

const [dir, run] = process.argv.slice(2);
const config = { level: 'info', format: 'text', maxFileMB: 0.02, keepDays: 7, totalMB: 500 };
const log = createLogSink({ dir, config, clock: new WallClock(), secrets: [] }).logger('s');
for (let n = 0; ; n++) {
  log.info(`${run}-${n}`, { text: 'x'.repeat(100) });
  if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
