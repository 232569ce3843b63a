/**
 * Crashes in process, under the virtual clock: the state of the process is dropped, the store is opened again.
 * `QKT_CRASHES` sets how many random moments there are, `QKT_SEED` repeats a run: see docs/development.md.
 */
import { describe, expect, it } from 'vitest';
import { createPrng } from '../../src/domain/prng.ts';
import { Journals } from '../store/journal-fixture.ts';
import { Lineage, MOMENTS, type Moment } from './lineage.ts';

const journals = new Journals();
const CRASHES = Number(process.env['QKT_CRASHES'] ?? 200);
/** The same in every `npm test`; the campaign draws its own. */
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const LIVES = 40;

/** Runs a lineage through crashes at these moments, and looks once more at what the last one has left. */
async function lives(seed: number, moments: readonly Moment[]): Promise<Lineage['seen']> {
  const lineage = new Lineage(journals, seed);
  for (const [life, moment] of [...moments, 'opening' as const].entries()) {
    try {
      await lineage.crash(moment);
    } catch (cause) {
      throw new Error(`QKT_SEED=${SEED}, lineage ${seed}, before the crash of life ${life} (${moment})`, { cause });
    }
  }
  return lineage.seen;
}

describe('a strategy whose process dies', () => {
  it.each(MOMENTS)(
    'remembers all that was announced when that happens again and again at the moment "%s"',
    async (moment) => {
      const others: Moment[] = ['macro', 'turn', moment, moment];
      await lives(
        SEED,
        Array.from({ length: 12 }, (_, i) => others[i % others.length]!),
      );
    },
  );

  it(`remembers it after crashes at ${CRASHES} random moments`, { timeout: 60_000 + CRASHES * 500 }, async () => {
    const prng = createPrng(SEED);
    const total = { fills: 0, halts: 0, resumes: 0, layers: 0, protected: 0, working: 0, stops: 0 };
    for (let done = 0, lineage = 1; done < CRASHES; done += LIVES, lineage++) {
      const count = Math.min(LIVES, CRASHES - done);
      const moments = Array.from({ length: count }, () => MOMENTS[Math.floor(prng.next() * MOMENTS.length)]!);
      const seen = await lives(SEED + lineage, moments);
      for (const [what, times] of Object.entries(seen)) total[what as keyof typeof total] += times;
    }
    for (const [what, times] of Object.entries(total))
      expect(times, `${what} in ${CRASHES} crashes`).toBeGreaterThan(0);
  });
});
