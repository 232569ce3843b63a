/**
 * What a daemon takes in memory, and how long 100 strategies take until all of them run. Each daemon is
 * a process of its own; its resident set is taken after some seconds of 10 000 ticks a second in all.
 */
import { startChild } from './child.mjs';
import { withDirectory } from './host.mjs';

const SCENES = [
  { isolation: 'inline', count: 0 },
  { isolation: 'inline', count: 100 },
  { isolation: 'worker', count: 100 },
];
const TICKS_PER_SECOND = 10_000;
const SETTLE_MS = 4000;

export const footprint = {
  title: () => `resident set after ${SETTLE_MS / 1000} s of ${TICKS_PER_SECOND} ticks a second in all`,
  columns: [
    ['STRATEGIES', 'count', 'whole'],
    ['WAY', 'way', 'text'],
    ['RESIDENT', 'rss', 'megabytes'],
    ['EACH', 'each', 'megabytes'],
    ['ALL DEPLOYED AFTER', 'deployedMs', 'milli'],
  ],
  async run({ told }) {
    const rows = [];
    for (const { isolation, count } of SCENES) {
      told(`${count} ${isolation}`);
      const { rss, deployedMs } = await withDirectory((directory) => measure({ directory, count, isolation }));
      const each = count === 0 ? undefined : (rss - rows[0].rss) / count;
      rows.push({ count, way: isolation, rss, each, deployedMs: count === 0 ? undefined : deployedMs });
    }
    return rows;
  },
};

async function measure(options) {
  const daemon = await startChild('daemon-child.mjs', options);
  try {
    if (options.count > 0) daemon.tell('tick', { perSecond: TICKS_PER_SECOND / options.count });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { rss: await daemon.ask('memory'), deployedMs: daemon.ready.deployedMs };
  } finally {
    await daemon.end();
  }
}
