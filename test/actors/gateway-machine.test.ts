/** The gateway machine on the real actor: every transition by a generated path, and what an operator relies on. */
import { describe, expect, it } from 'vitest';
import { createActor, fromPromise, getNextSnapshot, type SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { VirtualClock } from '../../src/clock.ts';
import { faultTolerant } from '../../src/actors/fault-tolerant.ts';
import { LinkError, type GatewayEvent } from '../../src/actors/gateway-events.ts';
import { gatewayMachine } from '../../src/actors/gateway.ts';
import type { DeadlineInput } from '../../src/actors/strategy-events.ts';
import { settle } from './strategy-harness.ts';
import { allTransitions, transitionKey } from './transition-coverage.ts';

const START = 50_000;
const PROMISES = ['connect', 'verify', 'reconcile'] as const;
type PromiseName = (typeof PROMISES)[number];
type State = SnapshotFrom<typeof gatewayMachine>['value'];

const LOST = { type: 'LOST', cause: 'no answer', link: 'terminal' } as const;
const DEGRADED = { type: 'DEGRADED', cause: 'slow', link: 'service' } as const;
const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'broken' } } as const;
const EVENTS: readonly GatewayEvent[] = [
  { type: 'CONNECT' },
  { type: 'DISCONNECT' },
  { type: 'RECOVERED' },
  { type: 'RETURNED' },
  { type: 'KILLED' },
  { type: 'RELEASED' },
  { type: 'CHECKED' },
  LOST,
  DEGRADED,
  FAULT,
];

/** Which orders each state lets through: the table at the top of the machine. */
const TAKES: Readonly<Record<State, readonly string[]>> = {
  offline: [],
  connecting: [],
  verifying: [],
  reconciling: [],
  ready: ['takesEntries', 'takesExits', 'takesCancels'],
  degraded: ['takesExits', 'takesCancels'],
  down: [],
  killed: ['takesCancels'],
};
const RUNS: Readonly<Partial<Record<State, PromiseName>>> = {
  connecting: 'connect',
  verifying: 'verify',
  reconciling: 'reconcile',
};

interface Pending {
  resolve(): void;
  reject(error: Error): void;
  readonly deadline: number;
}

class Scene {
  readonly clock = new VirtualClock(START);
  readonly running = new Map<PromiseName, Pending>();
  readonly actor = createActor(
    faultTolerant(
      gatewayMachine.provide({
        actors: {
          connect: this.#promise('connect'),
          verify: this.#promise('verify'),
          reconcile: this.#promise('reconcile'),
        },
      }),
      () => undefined,
    ),
    { input: { name: 'mt5', clock: this.clock }, clock: this.clock.xstate },
  ).start();

  get state(): State {
    return this.actor.getSnapshot().value;
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  send(...events: readonly GatewayEvent[]): void {
    for (const event of events) this.actor.send(event);
  }

  async done(...names: readonly PromiseName[]): Promise<void> {
    for (const name of names) {
      this.running.get(name)!.resolve();
      await settle();
    }
  }

  async fail(name: PromiseName, error = new Error(`${name} failed`)): Promise<void> {
    this.running.get(name)!.reject(error);
    await settle();
  }

  async toReady(): Promise<void> {
    this.send({ type: 'CONNECT' });
    await this.done(...PROMISES);
  }

  #promise(name: PromiseName) {
    return fromPromise<unknown, DeadlineInput>(({ input, signal }) =>
      new Promise<void>((resolve, reject) => {
        const mine = { resolve, reject, deadline: input.deadline };
        this.running.set(name, mine);
        signal.addEventListener('abort', () => {
          if (this.running.get(name) === mine) this.running.delete(name);
        });
      }).finally(() => this.running.delete(name)),
    );
  }
}

type Step = { readonly type: string };
const STEPS: readonly Step[] = [
  ...EVENTS,
  ...PROMISES.map((name) => ({ type: `xstate.done.actor.${name}` })),
  ...PROMISES.map((name) => ({ type: `xstate.error.actor.${name}`, error: new Error(`${name} failed`) })),
  ...['connecting', 'verifying', 'reconciling'].map((state) => ({
    type: `xstate.after.stepTimeout.gateway.${state}`,
  })),
  { type: 'xstate.after.backOff.gateway.down' },
];

/** For every transition the shortest walk that takes it, last. */
function walks(): Map<string, { readonly steps: readonly Step[]; readonly value: State }> {
  const paths = getShortestPaths(gatewayMachine, {
    events: STEPS as never,
    serializeState: ({ value, context }) => `${value} ${context.killed}`,
    input: { name: 'mt5', clock: new VirtualClock(START) },
  });
  const found = new Map<string, { steps: readonly Step[]; value: State }>();
  for (const { state, steps } of paths.toSorted((a, b) => a.steps.length - b.steps.length)) {
    const before = steps.map(({ event }) => event as Step).filter(({ type }) => type !== 'xstate.init');
    for (const step of STEPS)
      for (const key of gatewayMachine.getTransitionData(state, step as never).map(transitionKey)) {
        const { value } = getNextSnapshot(gatewayMachine, state, step as never);
        if (!found.has(key)) found.set(key, { steps: [...before, step], value });
      }
  }
  return found;
}

async function perform(scene: Scene, step: Step): Promise<void> {
  const [, outcome, name] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(step.type) ?? [];
  if (outcome === 'done') await scene.done(name as PromiseName);
  else if (outcome === 'error') await scene.fail(name as PromiseName);
  else if (step.type.startsWith('xstate.after.')) scene.clock.runNext();
  else scene.send(step as GatewayEvent);
  await settle();
}

function checkPromises(scene: Scene): void {
  expect(scene.actor.getSnapshot().status).toBe('active');
  expect([...scene.actor.getSnapshot().tags]).toEqual(TAKES[scene.state]);
  expect([...scene.running.keys()]).toEqual(scene.state in RUNS ? [RUNS[scene.state]] : []);
}

describe('every transition of the gateway machine', () => {
  const walked = walks();

  it('is reached by a generated path', () => {
    expect(allTransitions(gatewayMachine).filter((key) => !walked.has(key))).toEqual([]);
  });

  it('behaves on the real actor as in the model, and every state on the way takes what its table says', async () => {
    for (const [key, { steps, value }] of walked) {
      const scene = new Scene();
      checkPromises(scene);
      for (const step of steps) {
        await perform(scene, step);
        checkPromises(scene);
      }
      expect({ key, value: scene.state }).toEqual({ key, value });
    }
  });
});

describe('the gateway machine', () => {
  it('is ready only once it is there, is the right one, and has been compared with the book', async () => {
    const scene = new Scene();
    scene.send({ type: 'CONNECT' });
    for (const [index, name] of PROMISES.entries()) {
      expect(scene.state).toBe(['connecting', 'verifying', 'reconciling'][index]);
      expect(scene.running.get(name)?.deadline).toBe(START + 15_000);
      await scene.done(name);
    }
    expect(scene.state).toBe('ready');
    expect(scene.context).toMatchObject({ cause: null, failingLink: null, lastCheck: START });
  });

  it('says why it is degraded, the latest reason too, and forgets it when it has recovered', async () => {
    const scene = new Scene();
    await scene.toReady();
    scene.send(DEGRADED);
    expect(scene.context).toMatchObject({ cause: 'slow', failingLink: 'service' });
    scene.send({ type: 'DEGRADED', cause: 'no quotes', link: 'quotes' });
    expect(scene.context).toMatchObject({ cause: 'no quotes', failingLink: 'quotes' });
    scene.send({ type: 'RECOVERED' });
    expect(scene.state).toBe('ready');
    expect(scene.context).toMatchObject({ cause: null, failingLink: null });
  });

  it('names the link that a step has failed at, and the service where nobody can tell', async () => {
    const scene = new Scene();
    scene.send({ type: 'CONNECT' });
    await scene.done('connect');
    await scene.fail('verify', new LinkError('login', 'logged in to 999 instead of 4410021'));
    expect(scene.state).toBe('down');
    expect(scene.context).toMatchObject({ cause: 'logged in to 999 instead of 4410021', failingLink: 'login' });
    scene.clock.advanceBy(1000);
    scene.clock.advanceBy(15_000);
    expect(scene.state).toBe('down');
    expect(scene.context).toMatchObject({ cause: 'the venue did not answer in time', failingLink: 'service' });
    scene.send(LOST);
    expect(scene.context).toMatchObject({ cause: 'no answer', failingLink: 'terminal' });
  });

  it('tries again after 1 s, doubling to 30 s, and begins anew with 1 s after it was ready', async () => {
    const scene = new Scene();
    scene.send({ type: 'CONNECT' });
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      await scene.fail('connect');
      scene.clock.advanceBy(pause - 1);
      expect(scene.state).toBe('down');
      scene.clock.advanceBy(1);
      expect(scene.state).toBe('connecting');
    }
    await scene.done(...PROMISES);
    scene.send(LOST);
    scene.clock.advanceBy(1000);
    expect(scene.state).toBe('connecting');
  });

  it('does not wait for the back-off once what was lost answers again', async () => {
    const scene = new Scene();
    await scene.toReady();
    scene.send(LOST, { type: 'RETURNED' });
    expect(scene.state).toBe('connecting');
  });

  it('ends in killed while the kill switch is on, and compares the book anew when it is released', async () => {
    const scene = new Scene();
    scene.send({ type: 'CONNECT' }, { type: 'KILLED' });
    await scene.done(...PROMISES);
    expect(scene.state).toBe('killed');
    expect(scene.context).toMatchObject({ failingLink: 'killSwitch', cause: "the gateway's kill switch is on" });
    scene.send({ type: 'RELEASED' });
    expect(scene.state).toBe('reconciling');
    await scene.done('reconcile');
    expect(scene.state).toBe('ready');
    expect(scene.context.cause).toBeNull();
  });

  it('is killed after an outage as well when the switch was on before', async () => {
    const scene = new Scene();
    await scene.toReady();
    scene.send({ type: 'KILLED' }, LOST, { type: 'RETURNED' });
    await scene.done(...PROMISES);
    expect(scene.state).toBe('killed');
  });
});
