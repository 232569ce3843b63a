/**
 * A real daemon and a real gateway simulator, each killed again and again while strategies trade. `QKT_MT5_KILLED` sets
 * how many sessions there are, `QKT_SEED` repeats what is done in them: see docs/development.md.
 */
import { expect, it } from 'vitest';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import { Chaos } from './rig/chaos.ts';
import { RealScene } from './rig/real-scene.ts';

const SESSIONS = Number(process.env['QKT_MT5_KILLED'] ?? 2);
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const STEPS = 60;
const AGREED_MS = 120_000;
const HOME = { XAUUSDm: 2400, EURUSDm: 1.1 };
const DIGITS = { XAUUSDm: 3, EURUSDm: 5 };
type Symbol = keyof typeof HOME;

/** When something comes is the point of it: nothing is waited for. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function offer(scene: RealScene, symbol: Symbol, price: number): Promise<void> {
  const bid = Number(price.toFixed(DIGITS[symbol]));
  await scene.ask('/sim/quote', { symbol, bid, ask: Number((bid + HOME[symbol] * 0.00005).toFixed(DIGITS[symbol])) });
}

async function quote(scene: RealScene, prices: Map<Symbol, number>, prng: Prng): Promise<void> {
  for (const [symbol, before] of prices) {
    const home = HOME[symbol];
    const price = before + (prng.next() - 0.5) * home * 0.0004 + (home - before) * 0.01;
    prices.set(symbol, price);
    await offer(scene, symbol, price);
  }
}

/** The same prices again. */
async function stand(scene: RealScene, prices: ReadonlyMap<Symbol, number>): Promise<void> {
  for (const symbol of prices.keys()) await offer(scene, symbol, prices.get(symbol)!);
  await pass(200);
}

async function play(seed: number): Promise<number> {
  const prng = createPrng(`mt5-killed:${seed}`);
  const below = (n: number): number => Math.floor(prng.next() * n);
  const account = 'hedging';
  const scene = new RealScene(seed, ['alpha', 'beta']);
  const chaos = new Chaos(prng, account);
  const prices = new Map(Object.entries(HOME) as [Symbol, number][]);
  try {
    await scene.open(account);
    scene.isTrading = true;
    // One kill of each at least, wherever the draws fall.
    const kills = new Map([[10 + below(20), 'daemon'], [35 + below(20), 'gateway']]); // prettier-ignore
    for (let step = 0; step < STEPS; step++) {
      await quote(scene, prices, prng);
      await scene.noteOrders();
      const draw = below(100);
      const kill = kills.get(step);
      if (draw < 6) await scene.ask('/sim/faults', { ...chaos.fault(), for: 3000 });
      if (kill === 'daemon' || draw === 6) {
        await scene.killDaemon();
        await scene.startDaemon();
      }
      if (kill === 'gateway' || draw === 7) {
        await scene.killGateway();
        await pass(below(3000));
        await scene.startGateway();
      }
      await pass(50 + below(300));
    }
    scene.isTrading = false;
    await scene.agreed(() => stand(scene, prices), AGREED_MS);
    return scene.orders;
  } catch (cause) {
    throw new Error(`repeat it: QKT_SEED=${seed} QKT_MT5_KILLED=1 npx vitest run test/mt5/killed.test.ts`, { cause });
  } finally {
    await scene.end();
  }
}

it(
  `books are the broker's after ${SESSIONS} sessions in which daemon and gateway are killed`,
  { timeout: 60_000 + SESSIONS * 240_000 },
  async () => {
    let orders = 0;
    for (let seed = SEED; seed < SEED + SESSIONS; seed++) orders += await play(seed);
    expect(orders).toBeGreaterThan(SESSIONS);
  },
);
