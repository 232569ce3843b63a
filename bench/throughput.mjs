/**
 * Ticks per second through feed → strategy → ledger → snapshot, against a bare loop over the same
 * ticks. Every measurement of a way to host is paired with one of the bare loop right before it, and
 * the ways take turns, so that what else the machine does falls on all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBareLoop } from './bare-loop.mjs';
import { HALT_RULES, replayConfig, runHosted } from './hosted-run.mjs';
import { makeTicks } from './market-data.mjs';
import { spreadOf } from './statistics.mjs';

const STRATEGY = fileURLToPath(new URL('../examples/ema-cross.ts', import.meta.url));
const SYMBOL = 'EURUSD';
/** The default of its parameter. */
const QTY = 10_000;
/** The bare loop takes some milliseconds: too short to time once. */
const BARE_PASSES = 5;

const WAYS = [
  { name: 'inline', isolation: 'inline', follow: false },
  { name: 'inline, two halt rules', isolation: 'inline', follow: false, rules: true },
  { name: 'inline, events followed', isolation: 'inline', follow: true },
  { name: 'worker', isolation: 'worker', follow: false },
  { name: 'worker, events followed', isolation: 'worker', follow: true },
];

/**
 * @param pairs measurements of each way, each with its bare loop
 * @param count ticks of one measurement
 * @returns a row per way: ticks per second and their ratio to the bare loop's, medians with the ends
 */
export async function measureThroughput({ pairs, count, told }) {
  const directory = await mkdtemp(join(tmpdir(), 'qkt-bench-'));
  try {
    const config = await replayConfig(directory);
    const ticks = makeTicks(config.instruments.get(SYMBOL), count);
    const ruled = await replayConfig(directory, HALT_RULES);
    const measure = (way) =>
      runHosted(ticks, { ...way, file: STRATEGY, config: way.rules ? ruled : config, directory });
    const samples = new Map(WAYS.map(({ name }) => [name, []]));
    // The first round only warms up.
    for (let round = 0; round <= pairs; round++)
      for (const way of WAYS) {
        const bare = timeBareLoop(ticks);
        const hosted = await measure(way);
        checkSame(bare, hosted);
        const sample = { hosted: perSecond(count, hosted.ms), bare: perSecond(count, bare.ms) };
        if (round > 0) samples.get(way.name).push(sample);
        told(way.name, round, sample);
      }
    return rows(samples);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function timeBareLoop(ticks) {
  const begun = performance.now();
  let result;
  for (let pass = 0; pass < BARE_PASSES; pass++) result = runBareLoop(ticks);
  return { ms: (performance.now() - begun) / BARE_PASSES, ...result };
}

const perSecond = (count, ms) => (count / ms) * 1000;

/** A ratio of two runs that did different work would say nothing. */
function checkSame(bare, hosted) {
  const money = bare.gain * QTY;
  if (bare.trades !== hosted.trades || Math.abs(money - hosted.realized) > 1e-4)
    throw new Error(
      `not the same trades: ${bare.trades} for ${money} in the bare loop, ${hosted.trades} for ${hosted.realized} hosted`,
    );
}

function rows(samples) {
  const bare = [...samples.values()].flat().map((sample) => sample.bare);
  return [
    { name: 'bare loop', speed: spreadOf(bare), ratio: undefined },
    ...[...samples].map(([name, taken]) => ({
      name,
      speed: spreadOf(taken.map(({ hosted }) => hosted)),
      ratio: spreadOf(taken.map(({ hosted, bare }) => hosted / bare)),
    })),
  ];
}
