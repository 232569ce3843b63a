import { describe, expect, it } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { MACHINES } from '../../src/observe/diagrams/machines.ts';
import { allNodes } from './transition-coverage.ts';

const leaves = (node: AnyStateNode): AnyStateNode[] => allNodes(node).filter((one) => one.type === 'atomic');

/** Whether a state or one that holds it (the root apart) takes FAULT, without a guard in the last resort. */
function takesFault(node: AnyStateNode): boolean {
  const own = node.transitions.get('FAULT');
  if (own !== undefined) return own.at(-1)?.guard === undefined;
  return node.parent !== undefined && node.parent.path.length > 0 && takesFault(node.parent);
}

describe.each(Object.entries(MACHINES))('the %s machine', (name, { machine }) => {
  it('is built, with every state described and all its parts named', () => {
    expect(machine.id).toBe(name);
    expect(leaves(machine.root).filter((node) => (node.description ?? '') === '')).toEqual([]);
    const parts = allNodes(machine.root).flatMap((node) => [
      ...node.invoke.map(({ src }) => src),
      ...[...node.transitions.values()].flat().flatMap(({ guard, actions }) => [guard ?? '', ...actions]),
    ]);
    expect(parts.filter((part) => typeof part === 'function')).toEqual([]);
  });

  it('takes FAULT in every state', () => {
    expect(
      leaves(machine.root)
        .filter((node) => !takesFault(node))
        .map((node) => node.id),
    ).toEqual([]);
  });

  it("has no '*' transition, and an onError for every actor that it invokes", () => {
    for (const node of allNodes(machine.root)) {
      expect([...node.transitions.keys()]).not.toContain('*');
      for (const { id } of node.invoke) expect(node.transitions.has(`xstate.error.actor.${id}`)).toBe(true);
    }
  });

  it('has about a dozen states at most', () => {
    expect(leaves(machine.root).length).toBeLessThanOrEqual(13);
  });
});
