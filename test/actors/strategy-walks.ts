/** For every transition of the strategy machine the shortest walk that takes it, generated from its definition. */
import { getNextSnapshot } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { strategyState, type StrategySnapshot } from '../../src/actors/strategy-actor.ts';
import type { StrategyEvent } from '../../src/actors/strategy-events.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { VirtualClock } from '../../src/clock.ts';
import { cause, EVENTS, GOOD, PROMISES } from './strategy-harness.ts';
import { transitionKey } from './transition-coverage.ts';

export const SETTINGS = { restartBudget: 1, restartWindowMs: 1e12 };
export type Step = { readonly type: string; readonly output?: unknown };

const DELAYS = [
  'launchTimeout.strategy.starting',
  'recoverTimeout.strategy.recovering',
  'haltTimeout.strategy.halting',
  'hangGrace.strategy.unresponsive',
  'backOff.strategy.crashed',
  'cancelTimeout.strategy.stopping.cancelling',
  'flattenTimeout.strategy.stopping.flattening',
  'drainTimeout.strategy.stopping.draining',
].map((delay) => ({ type: `xstate.after.${delay}` }));

const STEPS: readonly Step[] = [
  ...Object.values(EVENTS).filter(({ type }) => type !== 'PROGRESS'),
  EVENTS.PROGRESS,
  { ...EVENTS.HALT, cause: cause('c2', 'book') } as StrategyEvent,
  { ...EVENTS.RESUME, scope: 'book' } as StrategyEvent,
  { ...EVENTS.RESUME, reason: ' ' } as StrategyEvent,
  ...PROMISES.map((name) => ({ type: `xstate.done.actor.${name}`, output: GOOD[name] })),
  { type: 'xstate.done.actor.recover', output: { haltCauses: [cause()] } },
  ...PROMISES.map((name) => ({ type: `xstate.error.actor.${name}`, error: new Error(`${name} failed`) })),
  ...DELAYS,
];

/** States differ by their value and by what guards read; not by times, texts and views. */
function serialize({ value, context }: StrategySnapshot): string {
  const { guest, warmed, ran, haltCauses, crashes, latched, stop } = context;
  const scopes = haltCauses.map(({ scope }) => scope).toSorted();
  const stopped = stop === null ? null : [stop.flatten, stop.verified, stop.flattened];
  return JSON.stringify([value, guest, warmed, ran, scopes, Math.min(crashes.length, 2), latched, stopped]);
}

/** Nobody restores this one as failed: that edge has a test of its own. */
export const RESTORED = 'stopped  [latched] → failed';
const FAILING = 'crashed  [latched] → failed';

const takenFrom = (before: StrategySnapshot, step: Step): string[] =>
  strategyMachine.getTransitionData(before, step as never).map(transitionKey);

/** What a step does from here: the transition of its event, and the eventless one that may follow it. */
function transitionsOf(before: StrategySnapshot, step: Step, after: StrategySnapshot): string[] {
  const follows = strategyState(after) === 'failed' && strategyState(before) !== 'failed' && step.type !== 'FAULT';
  return follows ? [...takenFrom(before, step), FAILING] : takenFrom(before, step);
}

export interface Walk {
  readonly steps: readonly Step[];
  readonly value: unknown;
}

/** For every transition the shortest walk that takes it, last. */
export function strategyWalks(): Map<string, Walk> {
  const paths = getShortestPaths(strategyMachine, {
    events: STEPS as never,
    serializeState: serialize,
    input: { name: 'ema-cross', clock: new VirtualClock(1_000_000), settings: SETTINGS },
  });
  const found = new Map<string, Walk>();
  for (const { state, steps } of paths.toSorted((a, b) => a.steps.length - b.steps.length)) {
    const before = steps.map(({ event }) => event as Step).filter(({ type }) => type !== 'xstate.init');
    for (const step of STEPS) {
      if (takenFrom(state, step).every((key) => found.has(key)) && found.has(FAILING)) continue;
      const after = getNextSnapshot(strategyMachine, state, step as never);
      for (const key of transitionsOf(state, step, after)) {
        if (!found.has(key)) found.set(key, { steps: [...before, step], value: after.value });
      }
    }
  }
  return found;
}
