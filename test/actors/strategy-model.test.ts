/** Paths are generated from the strategy machine and replayed on the real actor, until every transition is covered. */
import { describe, expect, it } from 'vitest';
import type { StrategyEvent } from '../../src/actors/strategy-events.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { createHarness, settle, type Harness, type PromiseName } from './strategy-harness.ts';
import { expectInvariants } from './strategy-invariants.ts';
import { RESTORED, SETTINGS, strategyWalks, type Step } from './strategy-walks.ts';
import { allTransitions } from './transition-coverage.ts';

/** Makes happen on the real actor what the model calls by its event type. */
async function perform(h: Harness, step: Step): Promise<void> {
  const [, outcome, name] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(step.type) ?? [];
  if (name !== undefined) {
    if (outcome === 'done') await h.done(name as PromiseName, step.output);
    else await h.fail(name as PromiseName);
  } else if (step.type.startsWith('xstate.after.')) {
    h.clock.runNext();
    await settle();
  } else await h.send(step as StrategyEvent);
}

describe('every transition of the strategy machine', () => {
  const walked = strategyWalks();

  it('is reached by a generated path', () => {
    const all = allTransitions(strategyMachine).filter((key) => key !== RESTORED);
    expect(all.filter((key) => !walked.has(key))).toEqual([]);
    expect(walked.size).toBe(new Set(all).size);
  });

  it('behaves on the real actor as in the model, and every state on the way keeps its promises', async () => {
    for (const [key, { steps, value }] of walked) {
      const h = createHarness({ settings: SETTINGS });
      expectInvariants(h);
      for (const step of steps) {
        const before = h.actor.state();
        await perform(h, step);
        expectInvariants(h);
        if (before === 'halted' && h.actor.state() === 'trading') {
          expect(step).toMatchObject({ type: 'RESUME', reason: expect.stringMatching(/\w/) as string });
        }
      }
      expect({ key, value: h.actor.snapshot().value }).toEqual({ key, value });
    }
  });
});
