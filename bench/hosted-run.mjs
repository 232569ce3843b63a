/** A whole daemon with one strategy, on a replay at full speed: feed, bars, guest, desk, ledger, record, events, views, servers. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '../dist/app.js';
import { loadConfig } from '../dist/config/load.js';
import { NDJSON, pageText } from '../dist/http/event-lines.js';
import { memorySource } from './market-data.mjs';

/** Events read at once, as for a stream over HTTP. */
const PAGE = 250;

const SETTINGS = `
venues: { paper: { type: paper, feed: replay, file: none.csv, speed: max } }
http: { controlPort: 0 }
`;

/** Two rules that are watched and never breached. */
export const HALT_RULES = `
risk: { halt: [{ rule: maxDrawdown, basis: peak, limit: 0.5 }, { rule: maxDailyLoss, limit: 5000 }] }
`;

/**
 * The defaults, with a replay as the market, whatever configuration this machine has.
 * @param more further sections, as YAML
 */
export async function replayConfig(directory, more = '') {
  const file = join(directory, 'qkt.config.yaml');
  await writeFile(file, SETTINGS + more);
  const { config } = await loadConfig({ file, env: {}, cwd: directory });
  return config;
}

/**
 * Replays all ticks through a strategy file; only the replay itself is timed.
 * @param isolation `inline` or `worker`
 * @param follow also read and write out every event, as a follower of `/events` has it done
 * @returns milliseconds, and what the strategy came to
 */
export async function runHosted(ticks, { file, config, directory, isolation, follow }) {
  // Nothing of a run before may be found again.
  const stateDir = await mkdtemp(join(directory, 'state-'));
  const app = createApp({ config, stateDir, isolation, openReplay: async () => memorySource(ticks) });
  await app.start();
  let follower;
  try {
    const { name } = await app.daemon.deploy({ file, by: 'bench' });
    if (follow) follower = followEvents(app.daemon.strategy(name).events);
    const begun = performance.now();
    app.openMarkets();
    await app.feedsEnded;
    const ms = performance.now() - begun;
    const { ticks: seen, tradesTotal, realized } = app.summary(name);
    if (seen !== ticks.length) throw new Error(`only ${seen} of ${ticks.length} ticks were worked through`);
    return { ms, trades: tradesTotal, realized: realized.toNumber() };
  } finally {
    follower?.unsubscribe();
    await app.stop();
  }
}

/** Reads what is new at every notice and writes it out; there is a gap where the replay was faster. */
function followEvents(events) {
  let since = 0;
  return events.changed$.subscribe(() => {
    for (;;) {
      const page = events.read(since, { limit: PAGE });
      pageText(page, NDJSON);
      since = page.next;
      if (page.events.length < PAGE) return;
    }
  });
}
