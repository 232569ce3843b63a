/**
 * Logs with every call until long after a small disk is full, and ends as its second argument says;
 * what it prints comes after the last call. Runs the build: `node on-full-disk.mjs <dir> <end>`.
 */
import { createLogSink } from '../../dist/actors/log-sink.js';
import { WallClock } from '../../dist/clock.js';

const [dir, end] = process.argv.slice(2);
const config = { level: 'trace', format: 'text', maxFileMB: 50, keepDays: 7, totalMB: 500 };
const sink = createLogSink({ dir, config, clock: new WallClock(), secrets: ['a-secret-value'] });
// As the daemon does it.
process.on('exit', () => sink.flushSync());
const log = sink.logger('s');
const hostile = {
  get boom() {
    throw new Error('getter');
  },
  text: 'x'.repeat(500),
};
const everyCall = (round) => {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) {
    log[level](`${level} ${round}`, hostile);
    log.author(level, `author ${level} ${round}`, hostile);
  }
};
for (let round = 0; round < 100; round++) {
  everyCall(round);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
while (!['degraded', 'lost'].includes(sink.status().s.state)) await new Promise((resolve) => setTimeout(resolve, 5));
everyCall('while degraded');
console.log('every call came back');
const ends = {
  exit: () => process.exit(3),
  fatal: () => {
    log.fatal('the last words');
    process.exit(3);
  },
  close: async () => {
    await sink.close();
    process.exitCode = 3;
  },
  exception: () => {
    throw new Error('uncaught');
  },
  rejection: () => Promise.reject(new Error('unhandled')),
  recovery: async () => {
    while (sink.status().s.state !== 'open' || sink.status().s.waiting > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    log.info('open again');
    await sink.close();
    process.exitCode = 3;
  },
};
await ends[end]();
