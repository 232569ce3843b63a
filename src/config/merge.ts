/** Layers one configuration over another and remembers which layer each value came from. */
import { pointerTo, type Plain } from './read-yaml.ts';
import type { Origin } from './types.ts';

type Tree = { [key: string]: Plain };

/** A merged tree; `origins` by JSON pointer of each leaf (a list is a leaf). */
export interface Merged {
  readonly tree: Tree;
  readonly origins: Map<string, Origin>;
}

export const emptyMerge = (): Merged => ({ tree: {}, origins: new Map() });

/** Lays `layer` over `base` in place: maps merge key by key, scalars and lists replace. */
export function overlay(base: Merged, layer: Tree, originOf: (pointer: string) => Origin): void {
  overlayTree(base.tree, layer, '', base.origins, originOf);
}

/** Gives `target` the members of `defaults` that it has not, in maps too. */
export function complete(base: Merged, target: Tree, pointer: string, defaults: Readonly<Record<string, Plain>>): void {
  for (const [key, value] of Object.entries(defaults)) {
    const at = pointerTo(pointer, key);
    if (isTree(value)) {
      const present = Object.hasOwn(target, key) ? target[key] : (target[key] = {});
      if (isTree(present)) complete(base, present, at, value);
    } else if (!Object.hasOwn(target, key)) {
      target[key] = value;
      base.origins.set(at, 'default');
    }
  }
}

function overlayTree(
  into: Tree,
  from: Tree,
  parent: string,
  origins: Map<string, Origin>,
  originOf: (pointer: string) => Origin,
): void {
  for (const [key, value] of Object.entries(from)) {
    const pointer = pointerTo(parent, key);
    if (isTree(value)) {
      const present = Object.hasOwn(into, key) ? into[key] : undefined;
      const target = isTree(present) && sameKind(present, value) ? present : {};
      if (target !== present) forget(origins, pointer);
      into[key] = target;
      overlayTree(target, value, pointer, origins, originOf);
    } else {
      into[key] = structuredClone(value);
      origins.set(pointer, originOf(pointer));
    }
  }
}

/** A venue of another type is another venue: nothing of the one below shows through. */
const sameKind = (a: Tree, b: Tree): boolean => b['type'] === undefined || a['type'] === b['type'];

function forget(origins: Map<string, Origin>, pointer: string): void {
  for (const known of origins.keys()) if (known.startsWith(`${pointer}/`)) origins.delete(known);
}

function isTree(value: Plain | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
