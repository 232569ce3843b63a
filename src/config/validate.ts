/** Holds a file's layer against the schema; what does not fit becomes problems with line and column. */
import type { ErrorObject } from 'ajv';
import { parse } from 'yaml';
import { compileSchema } from './checks.ts';
import { suggestion, type ConfigProblem } from './problems.ts';
import { pointerTo, type Plain, type YamlLayer } from './read-yaml.ts';
import { isSecret } from './secrets.ts';

/** What may be a name and password, in what was meant as an address and is none. */
const LOGIN = /^(\s*[a-z][a-z0-9+.-]*:[/\\]*).*@/is;

/** The problems of a layer. Scalars from variables take the type that the schema wants, in place. */
export function validateLayer(layer: YamlLayer): readonly ConfigProblem[] {
  const validate = compileSchema();
  if (validate(layer.tree)) return [];
  const retyped = (validate.errors ?? []).filter((error) => retype(layer, error.instancePath));
  if (retyped.length > 0 && validate(layer.tree)) return [];
  const problems = (validate.errors ?? []).map((error) => describe(error, layer));
  return onePerPlace(problems.filter((problem) => problem !== undefined));
}

/** A value of the wrong type also misses its bounds: one complaint is enough. */
function onePerPlace(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const first = new Map<string, ConfigProblem>();
  for (const problem of problems) {
    const key = `${problem.line}:${problem.column}`;
    if (!first.has(key)) first.set(key, problem);
  }
  return [...first.values()];
}

/** `"${PORT}"` is text until a number or a boolean is wanted. */
function retype(layer: YamlLayer, pointer: string): boolean {
  if (!layer.expanded.has(pointer)) return false;
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop()!;
  let holder: Plain = layer.tree;
  for (const step of steps) holder = (holder as { [key: string]: Plain })[step]!;
  const members = holder as { [key: string]: Plain };
  const text = members[last];
  const typed: unknown = typeof text === 'string' ? parse(text, { schema: 'core' }) : text;
  if (typeof typed !== 'number' && typeof typed !== 'boolean') return false;
  members[last] = typed;
  return true;
}

interface Annotated {
  readonly expect?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly enum?: readonly string[];
}

function describe(error: ErrorObject, layer: YamlLayer): ConfigProblem | undefined {
  const schema = (error.parentSchema ?? {}) as Annotated;
  const { instancePath: at, keyword } = error;
  const key = nameOf(at);
  const value = (pointer: string, detail: string): ConfigProblem => ({ ...place(layer.values, pointer), detail });
  switch (keyword) {
    case 'additionalProperties': {
      const unknown = String(error.params['additionalProperty']);
      const detail = unknownKey(unknown, Object.keys(schema.properties ?? {}));
      return { ...place(layer.keys, pointerTo(at, unknown)), detail };
    }
    case 'required':
      return value(at, `${quoted(at)}needs a value for "${String(error.params['missingProperty'])}"`);
    case 'discriminator':
      return describeTag(error, layer);
    case 'propertyNames':
    case 'oneOf':
      return undefined;
    case 'pattern': {
      const name = String(error.propertyName);
      return { ...place(layer.keys, pointerTo(at, name)), detail: `"${name}" is not ${schema.expect ?? 'a name'}` };
    }
    default: {
      const hint = typeof error.data === 'string' ? suggestion(error.data, schema.enum ?? []) : '';
      return value(
        at,
        `"${key}" must be ${schema.expect ?? error.message ?? 'valid'}, not ${isSecret(at.split('/').slice(1)) ? kindOf(error.data) : shown(error.data)}${hint}`,
      );
    }
  }
}

function describeTag(error: ErrorObject, layer: YamlLayer): ConfigProblem {
  const tag = String(error.params['tag']);
  const { instancePath: at } = error;
  const branches =
    ((error.parentSchema ?? {}) as { oneOf?: { properties: Record<string, { const: string }> }[] }).oneOf ?? [];
  const values = branches.map((branch) => branch.properties[tag]!.const);
  const given = error.params['tagValue'];
  const detail = `"${tag}" must be one of ${values.join(', ')}, not ${shown(given)}`;
  const hint = typeof given === 'string' ? suggestion(given, values) : '';
  return { ...place(layer.values, pointerTo(at, tag), at), detail: detail + hint };
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = suggestion(key, known);
  return `unknown key "${key}"${hint === '' ? `; the keys here are ${known.join(', ')}` : hint}`;
}

function place(places: YamlLayer['values'], ...pointers: readonly string[]) {
  for (const pointer of pointers) {
    const found = places.get(pointer);
    if (found !== undefined) return found;
  }
  return { line: 1, column: 1 };
}

/** The map that something is missing from, by its last name. */
const quoted = (pointer: string): string => (pointer === '' ? '' : `"${nameOf(pointer)}" `);

/** The last name of a pointer; what stands in a list by its number is named from the top: `risk.halt[0]`. */
function nameOf(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  if (!/^\d+$/.test(steps.at(-1) ?? '')) return steps.at(-1) ?? '';
  return steps.reduce(
    (path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
    '',
  );
}

function shown(value: unknown): string {
  if (value === undefined || typeof value === 'object') return kindOf(value);
  const text = typeof value === 'string' ? value.replace(LOGIN, '$1***@') : undefined;
  return JSON.stringify(text !== undefined && text.length > 60 ? `${text.slice(0, 60)}…` : (text ?? value));
}

/** What it is, without what is in it. */
function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (value === undefined) return 'left out';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}
