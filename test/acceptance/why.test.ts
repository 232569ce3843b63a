import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import type { ExampleView, WhyView } from '../../src/domain/why.ts';
import { Scene, strategySource } from './trading-scene.ts';

/** At the fifth tick 10 000, then at every hundredth 10 000 more than its cap allows. */
const GREEDY = strategySource(
  'greedy',
  "if (ticks === 5 || ticks % 100 === 0) ctx.buy('eur', { qty: ticks === 5 ? 10000 : 15000.5 });",
).replace('  create(', '  risk: { gate: { maxOrderQty: 15000 } },\n  create(');

type Answered = Omit<WhyView, 'outcomes'> & {
  readonly outcomes: readonly { readonly outcome: string; readonly count: number; readonly last: ExampleView | null }[];
};

describe('/why', () => {
  it('tells of a running strategy what passed, which gate stopped the rest with its figures, and what an entry would come to', async () => {
    const scene = await Scene.open();
    const greedy = await scene.deploy('greedy', GREEDY);
    const why = async () => (await greedy.get('/why')).json() as unknown as Answered;

    const before = await why();
    expect(before.now).toMatchObject([{ symbol: 'EURUSD', side: 'BUY', passes: false, code: 'STALE_FEED' }]);
    expect(before.evaluations.total).toBe(0);

    scene.daemon.openMarkets();
    const denied = await poll('a denial', async () => {
      const answer = await why();
      return answer.outcomes.some(({ outcome }) => outcome === 'MAX_ORDER_QTY') ? answer : undefined;
    });
    expect(denied.now).toEqual([{ symbol: 'EURUSD', side: 'BUY', passes: true }]);
    expect(denied.outcomes.map(({ outcome }) => outcome)).toEqual(['noSignal', 'order', 'MAX_ORDER_QTY']);
    const [, order, blocked] = denied.outcomes;
    expect(order).toMatchObject({ count: 1, last: { on: 'tick', side: 'BUY', qty: 10_000, type: 'market' } });
    expect(blocked?.last).toMatchObject({
      on: 'tick',
      symbol: 'EURUSD',
      qty: 15_000.5,
      reason: 'quantity 15000.5 is over the cap of 15000',
      measured: 15_000.5,
      limit: 15_000,
    });
    expect(denied.outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(denied.evaluations.total);

    await scene.daemon.post('/daemon/strategies/greedy/halt', { reason: 'the desk is closed' });
    const { now, state } = await why();
    expect(state).toBe('halted');
    expect(now).toEqual([
      { symbol: 'EURUSD', side: 'BUY', passes: false, code: 'HALTED', reason: 'halted: the desk is closed' },
    ]);
  });
});
