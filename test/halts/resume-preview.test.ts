import { describe, expect, it } from 'vitest';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import type { Rebase, ResumeRequest } from '../../src/domain/ports.ts';
import { QktError } from '../../src/errors.ts';
import { instrument } from '../doubles/engine.ts';
import { DeskScene, rule, settled, type DeskSceneOptions } from './desk-scene.ts';

const STATES = 10_000;
const STATES_EACH = 100;

const pick = <T>(prng: Prng, list: readonly T[]): T => list[Math.floor(prng.next() * list.length)]!;

function options(prng: Prng): DeskSceneOptions {
  const some = <T>(value: T): readonly T[] => (prng.next() < 0.6 ? [value] : []);
  return {
    keeps: false,
    instruments: [instrument('X', { volumeMin: '0.1', volumeStep: '0.1' })],
    halt: [
      ...some(rule('maxDrawdown', '0.02', { basis: 'peak' })),
      ...some(rule('maxDrawdown', '0.2', { basis: 'start' })),
      ...some(rule('maxDailyLoss', 150)),
      ...some(rule('maxDailyLoss', 100, { realizedOnly: true })),
      ...some(rule('maxDailyDrawdown', '0.03', { basis: 'balance' })),
      ...some(rule('maxLosingStreak', 3)),
      ...some(rule('maxRejections', 3, { windowMs: 500 })),
      ...some(rule('maxClosesPerWindow', 5)),
    ],
    paper: { rejectionRate: pick(prng, [0, 0.2]) },
  };
}

/** A few ticks with orders of all kinds between them. */
function live(scene: DeskScene, prng: Prng, price: number): number {
  let next = price;
  const trading = Math.ceil(prng.next() * 5);
  for (let i = 0; i < trading; i++) {
    next = Math.max(500, next + (prng.next() - 0.5) * 30);
    scene.quote(Number(next.toFixed(2)));
    if (prng.next() < 0.3) scene.s.close();
    else if (prng.next() < 0.6) scene.s.trade(pick(prng, ['BUY', 'SELL']), 1 + Math.floor(prng.next() * 5));
    else scene.s.ask({ side: 'BUY', type: 'limit', price: '400', qty: '1' });
  }
  return next;
}

const request = (rebase: Rebase): ResumeRequest => ({ by: 'test', reason: 'looked at it', rebase });

describe('the preview of a resume', () => {
  it(`is what the resume then does, over ${STATES} states of a trading strategy`, async () => {
    const seen = { resumed: 0, refused: 0 };
    for (let seed = 1; seed <= STATES / STATES_EACH; seed++) {
      const prng = createPrng(seed);
      const scene = await DeskScene.open(options(prng));
      const { halts, risk, actor } = scene.s.runtime;
      let price = 1000;
      for (let state = 0; state < STATES_EACH; state++) {
        price = live(scene, prng, price);
        if (halts.causes.length === 0)
          void halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
        await settled();
        const rebase = pick(prng, ['none', 'peak', 'day'] as const);
        const known = halts.causes;
        const preview = halts.preview(rebase);
        expect(preview.wouldResume).toBe(preview.wouldTrip.length === 0);
        expect(halts.causes).toBe(known);
        const outcome = await halts.resume(request(rebase)).catch((error: unknown) => error as QktError);
        if (outcome instanceof QktError) {
          expect([seed, state, outcome.code]).toEqual([seed, state, 'QKT_E_WOULD_TRIP']);
          expect(outcome.extras.members?.['preview']).toMatchObject({
            wouldResume: false,
            wouldTrip: preview.wouldTrip,
          });
          expect([preview.wouldResume, actor.state(), halts.causes]).toEqual([false, 'halted', known]);
          seen.refused += 1;
        } else {
          expect([seed, state, preview.wouldResume]).toEqual([seed, state, true]);
          expect([outcome.state, outcome.halted, halts.causes]).toEqual(['trading', false, []]);
          expect(outcome.lifted).toEqual(known);
          expect(risk.preview('none').headroom).toEqual(preview.headroom);
          seen.resumed += 1;
        }
      }
      expect(scene.s.faults).toEqual([]);
      scene.s.runtime.dispose();
    }
    expect(seen.resumed).toBeGreaterThan(2000);
    expect(seen.refused).toBeGreaterThan(1000);
  }, 120_000);

  it('names orders that work and orders whose fate is not known', async () => {
    const scene = await DeskScene.open();
    scene.quote(1000);
    scene.s.ask({ side: 'BUY', type: 'market', qty: '1', bracket: { stopLoss: { by: '50' } } });
    await scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    await settled();
    const { workingOrders, unknownOrders } = scene.s.runtime.halts.preview('none');
    expect([workingOrders.map(({ role }) => role), unknownOrders]).toEqual([['stopLoss'], []]);
  });

  it('is of the moment in which the resume is asked for, not of the one in which it is on disk', async () => {
    const scene = await DeskScene.open({ syncMs: 50, halt: [rule('maxDailyLoss', 100)] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    void scene.s.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' });
    await scene.rest();
    const resumed = scene.s.runtime.halts.resume(request('none'));
    scene.quote(890);
    expect(scene.s.trade('BUY', 1)).toBe('HALTED');
    await scene.rest();
    expect(await resumed).toMatchObject({ halted: true });
    expect(scene.s.state).toBe('halted');
    expect(scene.s.causes.map((cause) => cause.rule)).toContain('maxDailyLoss');
  });
});
