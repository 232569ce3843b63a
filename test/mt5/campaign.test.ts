/**
 * Random trading sessions on a simulated MT5 gateway, under the virtual clock, with faults and crashes. `QKT_MT5` sets
 * how many there are, `QKT_SEED` the first one's seed: see docs/development.md.
 */
import { describe, expect, it } from 'vitest';
import { NOTHING_SEEN, Session, type Seen } from './rig/session.ts';

const SESSIONS = Number(process.env['QKT_MT5'] ?? 200);
/** The same in every `npm test`; the campaign draws its own. */
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const TRADING_MS = 30_000;
/** So many that each kind of thing has come about. */
const ENOUGH = 20;

async function played(seed: number): Promise<Seen> {
  const session = new Session(seed);
  try {
    const found = await session.run(TRADING_MS);
    expect(found).toEqual([]);
    return session.seen;
  } catch (cause) {
    throw new Error(`repeat it: QKT_SEED=${seed} QKT_MT5=1 npx vitest run test/mt5/campaign.test.ts`, { cause });
  } finally {
    await session.end();
  }
}

describe('trading on an MT5 gateway', () => {
  it(
    `ends with books that are the broker's after each of ${SESSIONS} sessions with faults and crashes`,
    { timeout: 60_000 + SESSIONS * 3000 },
    async () => {
      const total = { ...NOTHING_SEEN };
      for (let seed = SEED; seed < SEED + SESSIONS; seed++) {
        const seen = await played(seed);
        for (const [what, times] of Object.entries(seen)) total[what as keyof Seen] += times;
      }
      if (SESSIONS < ENOUGH) return;
      for (const [what, times] of Object.entries(total)) expect(times, `${what} in all`).toBeGreaterThan(0);
    },
  );
});
