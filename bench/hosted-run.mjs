/** One strategy as the daemon hosts it, on a replay at full speed: feed, bars, guest, desk, ledger, events, views. */
import { createStrategyActor } from '../dist/actors/strategy-actor.js';
import { StrategyBook } from '../dist/actors/strategy-book.js';
import { StrategyRuntime } from '../dist/actors/strategy-runtime.js';
import { WallClock } from '../dist/clock.js';
import { Decimal, dec } from '../dist/domain/decimal.js';
import { createPrng } from '../dist/domain/prng.js';
import { pageText, NDJSON } from '../dist/http/event-lines.js';
import { parseRollover } from '../dist/risk/trading-day.js';
import { EventRings } from '../dist/streams/event-rings.js';
import { PaperAccount } from '../dist/venues/paper.js';
import { ReplayMarket } from '../dist/venues/replay-market.js';
import { compileStrategy } from '../dist/worker/compile.js';
import { createInlineHost } from '../dist/worker/inline-host.js';
import { resolveParams } from '../dist/worker/params.js';
import { createWorkerHost } from '../dist/worker/worker-host.js';
import { memorySource } from './market-data.mjs';

const NO_COSTS = {
  latencyMs: 0,
  slippagePoints: 0,
  rejectionRate: 0,
  partialFillRate: 0,
  commissionPerLot: Decimal.ZERO,
};
const PAGE = 250;

/** Compiles the strategy file into `outDir` and reads its definition. */
export async function prepareStrategy(file, outDir) {
  const compiled = await compileStrategy(file, { outDir });
  const host = createInlineHost();
  const definition = await host.load(compiled.moduleUrl);
  host.terminate();
  return { compiled, definition, params: resolveParams(definition, {}) };
}

/**
 * Replays all ticks; only the replay itself is timed.
 * @param isolation `inline` or `worker`
 * @param follow also read and write out every event, as a follower of `/events` has it done
 * @returns milliseconds, and what the strategy came to
 */
export async function runHosted(ticks, { deployment, instruments, isolation, follow, log }) {
  const clock = new WallClock();
  const failures = [];
  const failed = (error) => failures.push(error);
  const market = new ReplayMarket(memorySource(ticks), { speed: 'max', wall: clock, instruments, failed });
  const { name } = deployment.definition;
  const book = openBook(name, market, instruments, clock);
  const runtime = new StrategyRuntime({
    name,
    deployment,
    book,
    clock,
    spawn: createStrategyActor,
    createHost: () => (isolation === 'inline' ? createInlineHost() : createWorkerHost({ name })),
    log,
    onTransition: () => {},
  });
  const follower = follow ? followEvents(book.options.events) : undefined;
  try {
    runtime.actor.send({ type: 'START', by: 'bench' });
    await runtime.actor.reached('warming', 'trading', 'crashed');
    const begun = performance.now();
    market.open();
    await market.ended;
    const ms = performance.now() - begun;
    if (failures.length > 0) throw failures[0];
    if (book.ticks !== ticks.length) throw new Error(`only ${book.ticks} of ${ticks.length} ticks were worked through`);
    return { ms, trades: book.trades.total, realized: book.ledger.realized.toNumber() };
  } finally {
    follower?.unsubscribe();
    runtime.dispose();
  }
}

function openBook(name, market, instruments, clock) {
  return new StrategyBook({
    name,
    venue: 'paper',
    market,
    currency: 'USD',
    startingBalance: dec(10_000),
    instruments,
    rates: new Map(),
    rollover: parseRollover('00:00 UTC'),
    events: new EventRings({ strategy: name, clock }),
    openAccount: (report) =>
      new PaperAccount(NO_COSTS, {
        clock: market.clock,
        prng: createPrng(name),
        instrument: (symbol) => instruments.get(symbol),
        quote: (symbol) => market.quote(symbol),
        account: name,
        report,
      }),
    gatewayReady: () => true,
  });
}

/** Reads what is new at every notice and writes it out; a gap where the replay was faster. */
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
