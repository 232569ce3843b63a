/** What is left of a layer without its mistakes, so that these hide none of the others. */
import type { ErrorObject } from 'ajv';
import { compileSchema } from './checks.ts';
import { pointerTo, type Plain, type YamlLayer } from './read-yaml.ts';

export interface SoundPart {
  /** As the schema wants it; undefined when taking mistakes away does not lead there. */
  readonly tree: YamlLayer['tree'] | undefined;
  /** Pointers of what was taken away. */
  readonly removed: readonly string[];
}

/** Taking a value away may leave its map without something that it needs, which then goes too: as deep as a file is. */
const ROUNDS = 16;

/** Where in the tree values stand that could not be read. */
export function unreadIn({ values, problems }: YamlLayer): readonly string[] {
  const places = new Set(problems.map(({ line, column }) => `${line}:${column}`));
  return [...values].flatMap(([pointer, { line, column }]) => (places.has(`${line}:${column}`) ? [pointer] : []));
}

/** @param unread pointers of values that could not be read */
export function soundPart({ tree }: YamlLayer, unread: readonly string[]): SoundPart {
  const validate = compileSchema();
  const left = structuredClone(tree);
  const removed = [...unread];
  for (const pointer of unread) remove(left, pointer);
  for (let round = 0; round < ROUNDS; round++) {
    if (validate(left)) return { tree: left, removed };
    for (const pointer of new Set((validate.errors ?? []).map(placeOf))) {
      remove(left, pointer);
      removed.push(pointer);
    }
  }
  return { tree: undefined, removed };
}

/** Of what a mistake is about: an unknown key, a badly named one, or the value itself. */
function placeOf({ keyword, instancePath, params, propertyName }: ErrorObject): string {
  if (keyword === 'additionalProperties') return pointerTo(instancePath, String(params['additionalProperty']));
  if (keyword === 'propertyNames') return pointerTo(instancePath, String(params['propertyName']));
  return propertyName === undefined ? instancePath : pointerTo(instancePath, propertyName);
}

function remove(tree: Plain, pointer: string): void {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop();
  let holder: Plain | undefined = tree;
  for (const step of steps) holder = member(holder, step);
  if (last === undefined || typeof holder !== 'object' || holder === null) return;
  // Of a list the others would move, and no longer stand where the file has them.
  if (Array.isArray(holder)) remove(tree, pointer.slice(0, pointer.lastIndexOf('/')));
  else delete holder[last];
}

const member = (holder: Plain | undefined, key: string): Plain | undefined =>
  typeof holder === 'object' && holder !== null ? (holder as { [key: string]: Plain })[key] : undefined;

/** Whether a later complaint may only come from something having been taken away. */
export function comesOfRemoval(pointer: string, detail: string, removed: readonly string[]): boolean {
  return removed.some((gone) => {
    const name = gone.slice(gone.lastIndexOf('/') + 1);
    return gone === pointer || gone.startsWith(`${pointer}/`) || detail.includes(`"${name}"`);
  });
}
