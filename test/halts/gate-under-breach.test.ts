import { describe, expect, it } from 'vitest';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import type { VenueReport } from '../../src/domain/venue.ts';
import { mayOpen } from '../../src/streams/order-store.ts';
import type { WireIntent } from '../../src/worker/protocol.ts';
import { DeskScene, rule, settled, type DeskSceneOptions, type Strategy } from './desk-scene.ts';

const RUNS = 220;
const TICKS = 500;

const pick = <T>(prng: Prng, list: readonly T[]): T => list[Math.floor(prng.next() * list.length)]!;

/** Rules that a wild market breaches again and again. */
function options(prng: Prng, seed: number): DeskSceneOptions {
  const some = <T>(value: T): readonly T[] => (prng.next() < 0.5 ? [value] : []);
  const halt = [
    ...some(rule('maxDrawdown', '0.02', { basis: 'peak' })),
    ...some(rule('maxDrawdown', '0.03', { basis: 'start', ...(prng.next() < 0.3 && { onBreach: 'flatten' }) })),
    ...some(rule('maxDailyLoss', 150)),
    ...some(rule('maxLosingStreak', 4)),
    ...some(rule('maxRejections', 3, { windowMs: 10_000 })),
    ...some(rule('maxClosesPerWindow', 12, { windowMs: 60_000 })),
  ];
  return {
    seed,
    keeps: false,
    halt,
    book: some(rule('maxDrawdown', '0.02', { basis: 'peak' })),
    strategies: ['a', 'b'],
    ...(prng.next() < 0.5 && { syncMs: pick(prng, [1, 5, 40]) }),
    paper: {
      latencyMs: pick(prng, [0, 0, 3, 30]),
      slippagePoints: pick(prng, [0, 2]),
      rejectionRate: pick(prng, [0, 0, 0.1]),
      partialFillRate: pick(prng, [0, 0.5]),
    },
  };
}

let ids = 0;

function intent(prng: Prng, price: number): WireIntent {
  const what = prng.next();
  const id = `r-1-${++ids}`;
  if (what < 0.08) return { kind: 'close', orderId: id, signalId: `${id}s`, stream: 'X' };
  if (what < 0.1) return { kind: 'cancelAll' };
  const type = pick(prng, ['market', 'market', 'limit', 'stop', 'trailingStop'] as const);
  const side = pick(prng, ['BUY', 'SELL'] as const);
  const away = (prng.next() - 0.5) * 20;
  const bracket = {
    stopLoss: { by: (1 + prng.next() * 5).toFixed(2) },
    takeProfit: { by: (1 + prng.next() * 5).toFixed(2) },
  };
  const layers = [1, 2, 3].map((k) => ({ offset: String((k - 1) * (prng.next() < 0.5 ? 1.5 : -1.5)), qty: '1' }));
  return {
    kind: 'place',
    tif: 'GTC',
    orderId: id,
    signalId: `${id}s`,
    stream: 'X',
    side,
    type,
    qty: (0.2 + prng.next() * 9.8).toFixed(1),
    ...(type === 'trailingStop' && { trail: (0.5 + prng.next() * 4).toFixed(2) }),
    ...((type === 'limit' || type === 'stop') && { price: (price + away).toFixed(2) }),
    ...(prng.next() < 0.4 && { bracket }),
    ...(prng.next() < 0.3 && { stack: { layers, withinMs: 60_000 } }),
  };
}

/** Says what was added to a position while a cause was in force. */
function watch(strategy: Strategy, said: string[], context: () => string): void {
  strategy.onReport = (report: VenueReport) => {
    if (strategy.causes.length === 0) return;
    if (report.kind === 'accepted') {
      const order = strategy.book.desk.orders().find(({ id }) => id === report.orderId);
      if (order !== undefined && mayOpen(order.role) && order.reduceOnly !== true)
        said.push(`${context()}: ${order.id} accepted`);
    }
    if (report.kind !== 'fill') return;
    const { side, qty, symbol, orderId } = report.fill;
    const held = strategy.book.ledger.position('paper', symbol)?.qty;
    const signed = side === 'BUY' ? qty : qty.negated();
    const opposite = held !== undefined && held.sign() * signed.sign() < 0;
    if (!opposite || qty.greaterThan(held.abs()))
      said.push(
        `${context()}: ${orderId} filled ${side} ${qty.toString()} on ${held?.toString() ?? 0} under ${strategy.causes.map((cause) => cause.rule).join()}`,
      );
  };
}

describe('once a halt is in force', () => {
  it(`nothing adds exposure on any path, over ${RUNS * TICKS} ticks with random intents and breaches`, async () => {
    const said: string[] = [];
    let breaches = 0;
    let denied = 0;
    let ticks = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const prng = createPrng(seed);
      const scene = await DeskScene.open(options(prng, seed));
      const strategies = [...scene.strategies.values()];
      let price = 1000;
      for (const strategy of strategies) {
        watch(strategy, said, () => `seed ${seed}, ${scene.clock.now()}`);
        strategy.author = () => (prng.next() < 0.25 ? [intent(prng, price)] : []);
      }
      for (let tick = 0; tick < TICKS; tick++) {
        price = Math.max(100, price + (prng.next() - 0.5) * (prng.next() < 0.05 ? 30 : 2));
        const bid = Number(price.toFixed(2));
        scene.quote(bid, Number((bid + 0.02).toFixed(2)), { afterMs: 1 + Math.floor(prng.next() * 40) });
        ticks += 1;
        const chance = prng.next();
        if (chance < 0.01) {
          const reason = 'by hand';
          void pick(prng, strategies).runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason, by: 'test' });
        }
        if (chance > 0.9) await settled();
        if (chance > 0.97) {
          const request = { by: 'test', reason: 'go on', rebase: pick(prng, ['none', 'peak', 'day'] as const) };
          void scene.book.resume(request).catch(() => undefined);
          for (const { runtime } of strategies) void runtime.halts.resume(request).catch(() => undefined);
        }
      }
      await scene.rest();
      for (const { runtime, book, faults } of strategies) {
        breaches += runtime.halts.save().count;
        denied += book.denied['HALTED'] ?? 0;
        expect(faults).toEqual([]);
        runtime.dispose();
      }
      scene.book.close();
    }
    expect(said.slice(0, 5)).toEqual([]);
    expect(ticks).toBeGreaterThanOrEqual(100_000);
    expect(breaches).toBeGreaterThan(1000);
    expect(denied).toBeGreaterThan(5000);
  }, 120_000);
});
