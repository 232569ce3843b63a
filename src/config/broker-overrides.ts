/**
 * `QKT_BROKER_<NAME>_<FIELD>`: environment variables above the file, for what differs between
 * machines. `GATEWAY_URL` or `GATEWAYURL` is `gatewayUrl`, `EXPECT_LOGIN` is `expect.login`.
 */
import { QktError } from '../errors.ts';
import { Mt5VenueSchema } from './mt5-venue.ts';
import { suggestion, type Place } from './problems.ts';
import { pointerTo, type Plain } from './read-yaml.ts';
import { validateLayer } from './validate.ts';

const PREFIX = 'QKT_BROKER_';

type Tree = { [key: string]: Plain };

export interface BrokerOverrides {
  /** In the shape of a file. */
  readonly tree: Tree;
  /** Variables that fit nothing here, in words: another configuration may be what they are for. */
  readonly warnings: readonly string[];
}

interface Problem {
  readonly variable: string;
  readonly detail: string;
}

/**
 * Those that are set; one that is empty counts as not set. @param venues the names of the MT5 venues
 * @throws QktError QKT_E_CONFIG for a field that there is not, or a value that does not fit it
 */
export function brokerOverrides(env: NodeJS.ProcessEnv, venues: readonly string[]): BrokerOverrides {
  const tree: Tree = {};
  const places = new Map<string, Place>();
  const [variables, warnings, problems]: [string[], string[], Problem[]] = [[], [], []];
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || value === '') continue;
    const rest = squashed(variable.slice(PREFIX.length));
    const venue = venues.filter((name) => rest.startsWith(squashed(name))).toSorted((a, b) => b.length - a.length)[0];
    const field = venue === undefined ? undefined : FIELDS.get(rest.slice(squashed(venue).length));
    if (venue === undefined) warnings.push(`${variable}: no MT5 venue has that name`);
    else if (field === undefined) problems.push({ variable, detail: unknownField(rest, venue) });
    else places.set(put(tree, ['venues', venue, ...field], value), { line: variables.push(variable), column: 1 });
    if (field !== undefined) put(tree, ['venues', venue!, 'type'], 'mt5');
  }
  refuse([...problems, ...(variables.length === 0 ? [] : mistakesIn(tree, places, variables))]);
  return { tree, warnings };
}

/** Values are text, and take the type that their key wants. A place's line is the number of the variable. */
function mistakesIn(tree: Tree, places: ReadonlyMap<string, Place>, variables: readonly string[]): readonly Problem[] {
  const expanded = new Set(places.keys());
  const layer = {
    tree,
    values: places,
    keys: places,
    expanded,
    fromEnvironment: expanded,
    problems: [],
    isWhole: true,
  };
  return validateLayer(layer).map(({ line, detail }) => ({ variable: variables[line - 1]!, detail }));
}

function refuse(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new QktError('QKT_E_CONFIG', first.detail, {
    location: { file: first.variable },
    members: { problems: problems.map(({ variable, detail }) => ({ detail: `${variable}: ${detail}` })) },
  });
}

function unknownField(rest: string, venue: string): string {
  const names = [...FIELDS.values()].map(variableName);
  return `an MT5 venue has no such field${suggestion(rest.slice(squashed(venue).length), names)}`;
}

/** @returns the pointer to it */
function put(tree: Tree, path: readonly string[], value: string): string {
  let holder = tree;
  for (const step of path.slice(0, -1)) {
    // A venue may be called `constructor`.
    if (!Object.hasOwn(holder, step)) holder[step] = {};
    holder = holder[step] as Tree;
  }
  holder[path.at(-1)!] = value;
  return path.reduce(pointerTo, '');
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly type?: string;
}

/** Single values only: what is a list or a map of names belongs into the file. */
function pathsOf({ properties = {} }: Schema): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([key, child]) => {
    if (child.properties !== undefined) return pathsOf(child).map((path) => [key, ...path]);
    return key === 'type' || child.type === 'array' || child.type === 'object' ? [] : [[key]];
  });
}

const squashed = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
/** `gatewayUrl` as `GATEWAY_URL`. */
const variableName = (path: readonly string[]): string =>
  path.map((key) => key.replaceAll(/[A-Z]/g, '_$&').toUpperCase()).join('_');

const FIELDS = new Map(pathsOf(Mt5VenueSchema as Schema).map((path) => [squashed(path.join('')), path]));
