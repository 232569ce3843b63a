/**
 * How fast a breach becomes a halt, in a whole daemon: a replay whose quotes are handed over one at a
 * time, and a strategy with a position that each of them brings under its daily loss. The halt is
 * lifted again after each, with the day's reference taken anew.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrderDesk } from '../dist/streams/order-desk.js';
import { openHost, replayConfig, until, withDirectory } from './host.mjs';
import { START } from './market-data.mjs';
import { percentilesOf } from './statistics.mjs';
import { wrap } from './wrap.mjs';

const BREACHES = 1000;
const PRICE = 1.1;
/** 10 000 units lose 2 of the currency by each step, of which 1 is allowed. */
const STEP = 0.0002;
const WARM_UP = 20;
const HALT_RULES = `
risk: { halt: [{ rule: maxDailyLoss, limit: 1 }] }
`;
/** It tries to add to its position on every quote but the first. */
const STRATEGY = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'bench',
  version: 1,
  streams: { eur: { symbol: 'EURUSD' } },
  create() {
    let bought = false;
    return {
      onTick(tick, ctx) {
        if (!bought) ctx.buy('eur', { qty: 10000 });
        else if (ctx.position('eur').unrealized < 0) ctx.buy('eur', { qty: 1 });
        bought = true;
      },
    };
  },
});
`;

/**
 * `gate`: from the quote to the closing of the gate (what the author's code asks for on the same quote is
 * denied `HALTED`); `synced`: to the halt on disk and told. In microseconds.
 */
export const halts = {
  title: () => `${BREACHES} breaches of a daily loss, each by one quote`,
  columns: [
    ['FROM THE QUOTE TO', 'what', 'text'],
    ['P50', 'p50', 'micro'],
    ['P99', 'p99', 'micro'],
  ],
  async run({ told }) {
    told('breaches');
    const { gate, synced } = await withDirectory((directory) => withStrategy(directory, sample));
    return [
      { what: 'the closed gate, in its turn', ...percentilesOf(gate) },
      { what: 'the halt on disk and told', ...percentilesOf(synced) },
    ];
  },
};

async function withStrategy(directory, use) {
  const file = join(directory, 'bench.ts');
  await writeFile(file, STRATEGY);
  const config = await replayConfig(directory, { more: HALT_RULES });
  const { app, names, hand, close } = await openHost({ directory, file, config, isolation: 'inline' });
  try {
    return await use({ strategy: app.daemon.strategy(names[0]), hand });
  } finally {
    await close();
  }
}

async function sample({ strategy, hand }) {
  const [gate, synced] = [[], []];
  const closing = watchGate();
  for (let n = 0; n <= BREACHES; n++) {
    closing.at = undefined;
    const price = PRICE - n * STEP;
    const begun = performance.now();
    hand([{ ts: START + n * 1000, symbol: 'EURUSD', bid: round(price), ask: round(price) }]);
    if (n === 0) {
      await until(() => strategy.status().positions.length > 0);
      continue;
    }
    await until(() => strategy.health().status !== 'trading');
    const told = performance.now();
    await until(() => strategy.health().status === 'halted' && strategy.status().evaluations.blocked.HALTED === n);
    if (n > WARM_UP) {
      gate.push((closing.at - begun) * 1000);
      synced.push((told - begun) * 1000);
    }
    await strategy.resume({ by: 'bench', reason: 'once more', rebase: 'day' });
  }
  closing.restore();
  return { gate, synced };
}

/** When the gate was first closed since `at` was cleared. */
function watchGate() {
  const closing = { at: undefined, restore: () => {} };
  closing.restore = wrap(
    OrderDesk.prototype,
    'closeGate',
    (closeGate) =>
      function (...args) {
        closeGate.apply(this, args);
        closing.at ??= performance.now();
      },
  );
  return closing;
}

const round = (price) => Math.round(price * 1e5) / 1e5;
