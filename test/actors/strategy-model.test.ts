/** Paths are generated from the strategy machine and replayed on the real actor, until every transition is covered. */
import { describe, expect, it } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { getNextSnapshot } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import { STRATEGY_STATES } from '../../src/domain/views.ts';
import { allowedCommands, strategyState, type StrategySnapshot } from '../../src/actors/strategy-actor.ts';
import type { StrategyEvent } from '../../src/actors/strategy-events.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import {
  cause,
  createHarness,
  EVENTS,
  GOOD,
  PROMISES,
  settle,
  type Harness,
  type PromiseName,
} from './strategy-harness.ts';
import { allTransitions, transitionKey } from './transition-coverage.ts';

const SETTINGS = { restartBudget: 1, restartWindowMs: 1e12 };
type Step = { readonly type: string; readonly output?: unknown };

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
const RESTORED = 'stopped  [latched] → failed';
const FAILING = 'crashed  [latched] → failed';

const takenFrom = (before: StrategySnapshot, step: Step): string[] =>
  strategyMachine.getTransitionData(before, step as never).map(transitionKey);

/** What a step does from here: the transition of its event, and the eventless one that may follow it. */
function transitionsOf(before: StrategySnapshot, step: Step, after: StrategySnapshot): string[] {
  const follows = strategyState(after) === 'failed' && strategyState(before) !== 'failed' && step.type !== 'FAULT';
  return follows ? [...takenFrom(before, step), FAILING] : takenFrom(before, step);
}

interface Walk {
  readonly steps: readonly Step[];
  readonly value: unknown;
}

/** For every transition the shortest walk that takes it, last. */
function walks(): Map<string, Walk> {
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

function checkInvariants(h: Harness): void {
  const snapshot = h.actor.snapshot();
  const state = h.actor.state();
  expect(snapshot.status).toBe('active');
  expect(STRATEGY_STATES).toContain(state);
  expect(snapshot.hasTag('gateOpen')).toBe(state === 'trading');
  expect(h.gate.open).toBe(state === 'trading');
  expect(snapshot.hasTag('halted')).toBe(state === 'halting' || state === 'halted');
  if (state === 'trading' || state === 'warming') expect(snapshot.context.haltCauses).toEqual([]);
  if (state === 'halted') expect(snapshot.context.haltCauses).not.toEqual([]);
  if (state === 'failed') expect(snapshot.context.latched).not.toBeNull();
  if (state === 'stopped' && snapshot.context.stop !== null) expect(snapshot.context.stop.endedAt).not.toBeNull();
  const running = PROMISES.filter((name) => h.pending(name) !== undefined);
  // What it has working is dealt with while it is failed already: that state waits for nothing.
  if (state === 'failed' && running.length === 0) return;
  expect(running).toEqual(RUNS[state] ?? []);
  const allowed = allowedCommands(snapshot);
  expect(allowed).toEqual(expect.arrayContaining(['HALT', 'STOP']));
  for (const command of ['START', 'RESTART'] as const) {
    expect(snapshot.can(EVENTS[command])).toBe(allowed.includes(command));
  }
  const lifts = ['strategy', 'book'].some((scope) => snapshot.can({ ...EVENTS.RESUME, scope }));
  expect(lifts).toBe(allowed.includes('RESUME'));
}

const RUNS: Readonly<Record<string, readonly PromiseName[]>> = {
  starting: ['launch'],
  recovering: ['recover'],
  halting: ['cancelEntries'],
  cancelling: ['cancelEntries'],
  flattening: ['flatten'],
  draining: ['drain'],
  failed: ['abandon'],
};

describe('every transition of the strategy machine', () => {
  const walked = walks();

  it('is reached by a generated path', () => {
    const all = allTransitions(strategyMachine).filter((key) => key !== RESTORED);
    expect(all.filter((key) => !walked.has(key))).toEqual([]);
    expect(walked.size).toBe(new Set(all).size);
  });

  it('behaves on the real actor as in the model, and every state on the way keeps its promises', async () => {
    for (const [key, { steps, value }] of walked) {
      const h = createHarness({ settings: SETTINGS });
      checkInvariants(h);
      for (const step of steps) {
        const before = h.actor.state();
        await perform(h, step);
        checkInvariants(h);
        if (before === 'halted' && h.actor.state() === 'trading') {
          expect(step).toMatchObject({ type: 'RESUME', reason: expect.stringMatching(/\w/) as string });
        }
      }
      expect({ key, value: h.actor.snapshot().value }).toEqual({ key, value });
    }
  });
});
