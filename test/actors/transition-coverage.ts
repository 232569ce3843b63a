/** Which transitions of a machine a test has really taken. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate';

const guardName = (guard: unknown): string =>
  typeof guard === 'string' ? guard : ((guard as { readonly type?: string } | undefined)?.type ?? '');

/** `trading HALT [] → halting`: the same text for the same transition of any copy of a machine. */
export const transitionKey = ({ source, eventType, guard, target }: AnyTransitionDefinition): string => {
  const targets = ((target ?? []) as readonly AnyStateNode[]).map((node) => node.path.join('.'));
  return `${source.path.join('.')} ${eventType} [${guardName(guard)}] → ${targets.join()}`;
};

export function allNodes(node: AnyStateNode): AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(allNodes)];
}

export function allTransitions(machine: AnyStateMachine): string[] {
  return allNodes(machine.root)
    .flatMap((node) => [...(node.always ?? []), ...[...node.transitions.values()].flat()])
    .map(transitionKey);
}

export class TransitionCoverage {
  readonly #taken = new Set<string>();

  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    const { _transitions: transitions } = event;
    for (const transition of transitions) this.#taken.add(transitionKey(transition));
  };

  /** Transitions of the machine that no actor with this inspector has taken. */
  missing(machine: AnyStateMachine): string[] {
    return allTransitions(machine).filter((key) => !this.#taken.has(key));
  }
}
