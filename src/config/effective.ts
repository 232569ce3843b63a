/** The effective configuration as a list of values, for `qkt config check`. */
import type { Loaded } from './load.ts';
import { hideLogin, isSecret } from './secrets.ts';
import type { Origin } from './types.ts';

export interface EffectiveValue {
  /** As it would be written in the file: `http.controlPort`. */
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/** Every value with its origin, in the order of the reference. */
export function effectiveValues({ effective, origins }: Loaded): readonly EffectiveValue[] {
  const rows: EffectiveValue[] = [];
  walk(effective, [], (path, pointer, value) => {
    const shown = isSecret(path) && value !== '' ? '***' : withoutLogins(value);
    rows.push({ key: path.join('.'), value: shown, origin: origins.get(pointer) ?? 'default' });
  });
  return rows;
}

function withoutLogins(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLogins);
  return typeof value === 'string' ? hideLogin(value) : value;
}

/** Every value by its key, as JSON, secrets included: for comparing two configurations, never for showing. */
export function leavesOf(effective: Loaded['effective']): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  walk(effective, [], (path, _pointer, value) => leaves.set(path.join('.'), JSON.stringify(value)));
  return leaves;
}

type Visit = (path: readonly string[], pointer: string, value: unknown) => void;

function walk(value: unknown, path: readonly string[], visit: Visit): void {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (entries.length === 0) {
    const isEmptyMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isEmptyMap) visit(path, pointerOf(path), value);
    return;
  }
  for (const [key, member] of entries) walk(member, [...path, key], visit);
}

const pointerOf = (path: readonly string[]): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
