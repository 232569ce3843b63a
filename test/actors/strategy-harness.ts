/** A strategy actor on the virtual clock whose invoked actors end when the test says so. */
import { fromPromise } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import type { TransitionView } from '../../src/domain/machine-views.ts';
import type { HaltCauseView } from '../../src/domain/risk-views.ts';
import type { FaultEvent } from '../../src/actors/fault-tolerant.ts';
import { createStrategyActor, type StrategyActor, type StrategyPorts } from '../../src/actors/strategy-actor.ts';
import type {
  Cancelled,
  DeadlineInput,
  Drained,
  DrainInput,
  Flattened,
  Recovered,
  StrategyEvent,
  StrategyInput,
} from '../../src/actors/strategy-events.ts';

export const PROMISES = ['launch', 'recover', 'cancelEntries', 'flatten', 'drain', 'abandon'] as const;
export type PromiseName = (typeof PROMISES)[number];

/** What each invoked actor answers when all goes well. */
export const GOOD: Readonly<Record<PromiseName, unknown>> = {
  launch: undefined,
  recover: { haltCauses: [] },
  cancelEntries: { cancelled: 1, left: [] },
  flatten: { flat: true, left: [] },
  drain: { left: [] },
  abandon: { cancelled: 1, left: [] },
};

export const cause = (causeId = 'c1', scope = 'strategy'): HaltCauseView => ({
  causeId,
  scope,
  rule: 'operator',
  reason: 'test',
  since: '1970-01-01T00:00:00.000Z',
  by: 'tester',
});

export const EVENTS = {
  PROGRESS: { type: 'PROGRESS', view: { seq: 1 } },
  WARMED: { type: 'WARMED' },
  HALT: { type: 'HALT', cause: cause() },
  RESUME: { type: 'RESUME', by: 'tester', reason: 'looked at it' },
  STOP: { type: 'STOP', by: 'tester', flatten: false, timeoutMs: 30_000 },
  STOP_FLAT: { type: 'STOP', by: 'tester', flatten: true, timeoutMs: 30_000 },
  START: { type: 'START', by: 'tester' },
  RESTART: { type: 'RESTART', by: 'tester' },
  REPLACE: { type: 'REPLACE', by: 'tester' },
  HUNG: { type: 'HUNG', hang: { cause: 'spinning', detail: 'no answer for 1500 ms' } },
  ANSWERED: { type: 'ANSWERED' },
  CRASHED: { type: 'CRASHED', cause: 'threw', error: { code: 'QKT_E_CALLBACK', message: 'boom' } },
  FAULT: { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'fault' }, during: 'test' },
} as const satisfies Record<string, StrategyEvent>;

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
  readonly signal: AbortSignal;
  readonly input: unknown;
}

export interface Harness {
  readonly clock: VirtualClock;
  readonly actor: StrategyActor;
  readonly transitions: TransitionView[];
  readonly faults: FaultEvent[];
  /** Names of the actions in the order they ran. */
  readonly actions: string[];
  /** Actions and guards that throw while they are in here. */
  readonly broken: Set<string>;
  readonly gate: { open: boolean };
  pending(name: PromiseName): Pending | undefined;
  /** Ends an invoked actor and waits until the machine has taken it in. */
  done(name: PromiseName, output?: unknown): Promise<void>;
  fail(name: PromiseName): Promise<void>;
  /** Sends the events, each after its predecessors have settled. */
  send(...events: readonly StrategyEvent[]): Promise<void>;
  /** From stopped to trading. */
  toTrading(): Promise<void>;
}

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createHarness(
  input: Partial<StrategyInput> = {},
  guards?: (broken: ReadonlySet<string>) => NonNullable<StrategyPorts['guards']>,
): Harness {
  const clock = new VirtualClock(1_000_000);
  const running = new Map<PromiseName, Pending>();
  const transitions: TransitionView[] = [];
  const faults: FaultEvent[] = [];
  const actions: string[] = [];
  const broken = new Set<string>();
  const gate = { open: false };

  const action = (name: string, run: () => void = () => {}) => {
    return () => {
      actions.push(name);
      if (broken.has(name)) throw new Error(`${name} is broken`);
      run();
    };
  };
  const promise = <Output, Input>(name: PromiseName) =>
    fromPromise<Output, Input>(
      ({ input: given, signal }) =>
        new Promise((resolve, reject) => {
          const mine: Pending = { resolve, reject, signal, input: given };
          running.set(name, mine);
          signal.addEventListener('abort', () => {
            if (running.get(name) === mine) running.delete(name);
          });
        }),
    );

  const actor = createStrategyActor({
    input: { name: 'ema-cross', clock, ...input },
    ports: {
      actors: {
        launch: promise<unknown, DeadlineInput>('launch'),
        recover: promise<Recovered, DeadlineInput>('recover'),
        cancelEntries: promise<Cancelled, DeadlineInput>('cancelEntries'),
        flatten: promise<Flattened, DeadlineInput>('flatten'),
        drain: promise<Drained, DrainInput>('drain'),
        abandon: promise<Cancelled, DeadlineInput>('abandon'),
      },
      actions: {
        closeGate: action('closeGate', () => (gate.open = false)),
        openGate: action('openGate', () => (gate.open = true)),
        terminateGuest: action('terminateGuest'),
      },
      ...(guards !== undefined && { guards: guards(broken) }),
    },
    onTransition: (transition) => transitions.push(transition),
    onFault: (fault) => faults.push(fault),
  });

  const take = (name: PromiseName): Pending => {
    const one = running.get(name);
    if (one === undefined) throw new Error(`${name} is not running`);
    running.delete(name);
    return one;
  };
  const harness: Harness = {
    clock,
    actor,
    transitions,
    faults,
    actions,
    broken,
    gate,
    pending: (name) => running.get(name),
    done: async (name, output = GOOD[name]) => {
      take(name).resolve(output);
      await settle();
    },
    fail: async (name) => {
      take(name).reject(new Error(`${name} failed`));
      await settle();
    },
    send: async (...events) => {
      for (const event of events) {
        actor.send(event);
        await settle();
      }
    },
    toTrading: async () => {
      await harness.send(EVENTS.START);
      await harness.done('launch');
      await harness.done('recover');
      await harness.send(EVENTS.WARMED);
    },
  };
  return harness;
}
