/**
 * The dashboard on a daemon with 100 strategies and 10 000 ticks a second in all: what it costs the daemon, in
 * CPU-seconds, by rounds with the page open and without it in turns; then how the page itself fares over ten
 * minutes: long tasks, frames, live memory. The page runs in a Chromium of its own; without one there is no row.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { startChild } from './child.mjs';
import { withDirectory } from './host.mjs';
import { comparePairs, percentilesOf } from './statistics.mjs';

const CHROMIUM = '/usr/bin/chromium';
const COUNT = 100;
const TICKS_PER_SECOND = 10_000;
const ROUND_MS = 8000;
/** Until what a page asks for when it opens has been answered. */
const SETTLE_MS = 2000;
const WATCHED_MS = 600_000;
/** What a browser counts as a long task begins at 50 ms. */
const WATCH = `(() => {
  globalThis.seen = { tasks: [], frames: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ type: 'longtask' });
  let last = performance.now();
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;

export const dashboard = {
  title: (pairs) =>
    `${COUNT} strategies in threads, ${TICKS_PER_SECOND} ticks a second in all; the daemon's CPU-seconds a second with the page and without it (medians of ${pairs} interleaved pairs of ${ROUND_MS / 1000} s, least to most), and the page over ${WATCHED_MS / 60_000} minutes`,
  columns: [
    ['CPU, WITH', 'with', 'spread'],
    ['WITHOUT', 'without', 'spread'],
    ['WITH / WITHOUT', 'ratio', 'ratio'],
    ['LONG TASKS', 'longTasks', 'whole'],
    ['LONGEST', 'longest', 'milli'],
    ['FRAME P50', 'frameP50', 'milli'],
    ['P99', 'frameP99', 'milli'],
    ['LIVE HEAP, FIRST', 'heapFirst', 'megabytes'],
    ['LAST', 'heapLast', 'megabytes'],
  ],
  async run({ pairs, told }) {
    if (!existsSync(CHROMIUM)) return [];
    return withDirectory(async (directory) => {
      const daemon = await startChild('daemon-child.mjs', { directory, count: COUNT, isolation: 'worker' });
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
      try {
        daemon.tell('tick', { perSecond: TICKS_PER_SECOND / COUNT });
        const page = await browser.newPage();
        told('its price');
        const cost = await price({ daemon, page, pairs });
        told('the page over ten minutes');
        return [{ ...cost, ...(await fare({ daemon, page })) }];
      } finally {
        await browser.close();
        await daemon.end();
      }
    });
  },
};

/** CPU-seconds of the whole daemon process, threads included, a second. */
async function price({ daemon, page, pairs }) {
  const spent = async () => {
    const before = await daemon.ask('cpu');
    const begun = performance.now();
    await sleep(ROUND_MS);
    return ((await daemon.ask('cpu')) - before) / (performance.now() - begun);
  };
  const measured = (address) => async () => {
    await page.goto(address);
    await sleep(SETTLE_MS);
    return spent();
  };
  const { first, second, ratio } = await comparePairs(
    pairs,
    measured(daemon.ready.controlUrl),
    measured('about:blank'),
  );
  return { with: first, without: second, ratio };
}

async function fare({ daemon, page }) {
  await page.goto(daemon.ready.controlUrl);
  await page
    .locator('tr[data-strategy]')
    .nth(COUNT - 1)
    .waitFor();
  await sleep(SETTLE_MS);
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const heap = async () => {
    await client.send('HeapProfiler.collectGarbage');
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize').value;
  };
  const heapFirst = await heap();
  await page.evaluate(WATCH);
  await sleep(WATCHED_MS);
  const { tasks, frames } = await page.evaluate('seen');
  const { p50: frameP50, p99: frameP99 } = percentilesOf(frames);
  return {
    longTasks: tasks.length,
    longest: Math.max(0, ...tasks),
    frameP50,
    frameP99,
    heapFirst,
    heapLast: await heap(),
  };
}
