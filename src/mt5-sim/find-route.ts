/** Which route a request is for. */
import { labelOf, type Route } from './route.ts';
import { GATEWAY_ROUTES } from './routes.ts';
import { SIM_ROUTES } from './routes-sim.ts';

export interface FoundRoute {
  readonly route: Route;
  readonly label: string;
  /** What the path has in the place of `<ticket>`; empty where it has none. */
  readonly parameter: string;
  /** The simulator's own, not the gateway's. */
  readonly isOwn: boolean;
}

interface Pattern extends Omit<FoundRoute, 'parameter'> {
  readonly path: RegExp;
}

const ALL: readonly Pattern[] = [...GATEWAY_ROUTES, ...SIM_ROUTES].map((route) => ({
  route,
  label: labelOf(route),
  isOwn: route.path.startsWith('/sim/'),
  path: new RegExp(`^${route.path.replace(/<\w+>/, '([^/]+)')}$`),
}));
const PLAIN: ReadonlyMap<string, FoundRoute> = new Map(
  ALL.map(({ route, label, isOwn }) => [label, { route, label, isOwn, parameter: '' }]),
);
const WITH_PARAMETER = ALL.filter(({ label }) => label.includes('<'));

/** Undefined: there is no such route. */
export function findRoute(method: string, path: string): FoundRoute | undefined {
  const plain = PLAIN.get(`${method} ${path}`);
  if (plain !== undefined) return plain;
  for (const { path: pattern, route, label, isOwn } of WITH_PARAMETER) {
    const parameter = route.method === method ? pattern.exec(path)?.[1] : undefined;
    if (parameter !== undefined) return { route, label, isOwn, parameter: decoded(parameter) };
  }
  return undefined;
}

/** Is there a route of that path, whatever its method? */
export const isPath = (path: string): boolean => ALL.some(({ path: pattern }) => pattern.test(path));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
