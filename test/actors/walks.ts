/** Walks over a machine's own definition: for every transition that can be reached the shortest way to it. */
import { getInitialSnapshot, getNextSnapshot, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { allNodes, transitionKey } from './transition-coverage.ts';

export interface Step {
  readonly type: string;
  /** Told apart from others of its type. */
  readonly label?: string;
  readonly [member: string]: unknown;
}

/** What is needed to walk over a machine. */
export interface Model {
  readonly machine: AnyStateMachine;
  readonly input?: unknown;
  /** Events from outside; delays and the ends of invoked actors are taken from the definition. */
  readonly events: readonly Step[];
  /** What of the context decides a guard. */
  readonly key?: (context: never) => unknown;
}

export interface Walk {
  readonly steps: readonly Step[];
  readonly before: AnyMachineSnapshot;
  readonly after: AnyMachineSnapshot;
}

const MOST_STATES = 3000;

/** @param look called with every snapshot that is reached */
export function shortestWalks(model: Model, look: (snapshot: AnyMachineSnapshot) => void): ReadonlyMap<string, Walk> {
  const { machine, input } = model;
  const steps = [...model.events, ...ownSteps(machine)];
  const start = getInitialSnapshot(machine, input) as AnyMachineSnapshot;
  const queue: { readonly snapshot: AnyMachineSnapshot; readonly steps: readonly Step[] }[] = [
    { snapshot: start, steps: [] },
  ];
  const seen = new Set([keyOf(model, start)]);
  const walks = new Map<string, Walk>();
  look(start);
  for (let at = 0; at < queue.length && queue.length < MOST_STATES; at++) {
    const { snapshot: before, steps: taken } = queue[at]!;
    for (const step of steps) {
      const transitions = machine.getTransitionData(before, step);
      if (transitions.length === 0) continue;
      const after = getNextSnapshot(machine, before, step) as AnyMachineSnapshot;
      look(after);
      const walk = { steps: [...taken, step], before, after };
      for (const transition of transitions) {
        const key = transitionKey(transition);
        if (!walks.has(key)) walks.set(key, walk);
      }
      const key = keyOf(model, after);
      if (seen.has(key) || after.status !== 'active') continue;
      seen.add(key);
      queue.push({ snapshot: after, steps: walk.steps });
    }
  }
  return walks;
}

const keyOf = ({ key = () => null }: Model, { value, context }: AnyMachineSnapshot): string =>
  JSON.stringify([value, key(context as never)]);

/** Delays that are over, actors that end or fail. */
function ownSteps(machine: AnyStateMachine): readonly Step[] {
  const types = allNodes(machine.root).flatMap((node) => [...node.transitions.keys()]);
  const own = types.filter((type) => type.startsWith('xstate.') && !type.endsWith('.*'));
  return [...new Set(own)].map((type) => ({ type, output: undefined, error: new Error('failed') }));
}
