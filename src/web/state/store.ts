/** All that the page shows, as signals: only what reads a value that changed is drawn again. */
import { computed, signal, type Signal } from '@preact/signals';
import type { OverviewLine, OverviewRow, StrategyLine } from '../../domain/overview.ts';
import { dateOf } from './words.ts';
import type { Wire } from './wire.ts';

export type Row = Wire<OverviewRow>;
export type Overview = Wire<OverviewLine>;
export type Strategy = Wire<StrategyLine>;
/** An event, or a gap. Its members are those of docs/events.md. */
export interface LiveEvent {
  readonly type: string;
  readonly strategy: string;
  readonly seq: number;
  readonly ts: string;
  readonly [member: string]: unknown;
}

/** Whether the daemon is there: `lost` says since when, `refused` that it wants a token for reading. */
export type Link =
  { readonly state: 'connecting' | 'live' } | { readonly state: 'lost' | 'refused'; readonly since: number };

const EVENTS_KEPT = 400;
const LOG_KEPT = 500;
const CURVE_POINTS = 60;
const CURVE_STEP_MS = 10_000;

export const link = signal<Link>({ state: 'connecting' });
export const daemon = signal<Overview['health'] | null>(null);
/** Time of the daemon's last word. */
export const asOf = signal<string | null>(null);
/** Undefined before the first answer. */
export const names = signal<readonly string[] | undefined>(undefined);
export const events = signal<readonly LiveEvent[]>([]);
/** The strategy that is looked at. */
export const chosen = signal<Strategy | null>(null);
export const log = signal<readonly string[]>([]);
/** The second hand, for ages. */
export const now = signal(Date.now());
/** In UTC. */
export const today = computed(() => dateOf(now.value));

const rows = new Map<string, Signal<Row | null>>();
const curves = new Map<string, Signal<readonly (number | null)[]>>();
let curveStep = 0;

const held = <T>(map: Map<string, Signal<T>>, name: string, first: T): Signal<T> => {
  let found = map.get(name);
  if (found === undefined) map.set(name, (found = signal(first)));
  return found;
};
export const rowOf = (name: string): Signal<Row | null> => held(rows, name, null as Row | null);
export const curveOf = (name: string): Signal<readonly (number | null)[]> =>
  held(curves, name, [] as readonly (number | null)[]);

/** Whether there is something that a resume of the book could lift. */
export const isBookHalted = computed(() => (names.value ?? []).some((name) => rowOf(name).value?.bookHalted === true));

export function takeOverview(line: Overview): void {
  for (const row of line.rows) rowOf(row.name).value = row;
  if (line.names !== undefined) names.value = line.names;
  daemon.value = line.health;
  asOf.value = line.asOf;
  extendCurves(Date.parse(line.asOf));
}

/** The curves of before this page was opened. */
export function takeCurves(answer: Readonly<Record<string, readonly (number | null)[]>>): void {
  for (const [name, points] of Object.entries(answer)) curveOf(name).value = points.slice(-CURVE_POINTS);
}

/** The last point is that of now; every ten seconds it stays, and a new one begins. */
function extendCurves(at: number): void {
  const step = Math.floor(at / CURVE_STEP_MS);
  const isNew = step !== curveStep;
  curveStep = step;
  for (const name of names.value ?? []) {
    const curve = curveOf(name);
    const equity = rowOf(name).value?.equity ?? null;
    const before = isNew ? curve.value : curve.value.slice(0, -1);
    if (isNew || curve.value.at(-1) !== equity) curve.value = [...before, equity].slice(-CURVE_POINTS);
  }
}

/** Events may come twice after a reconnection. */
export function takeEvents(fresh: readonly LiveEvent[]): void {
  if (fresh.length === 0) return;
  const known = new Set(events.value.map(({ strategy, seq }) => `${strategy}:${seq}`));
  const added = fresh.filter(({ strategy, seq }) => !known.has(`${strategy}:${seq}`));
  events.value = [...events.value, ...added].slice(-EVENTS_KEPT);
}

export function takeLog(lines: readonly string[]): void {
  if (lines.length > 0) log.value = [...log.value, ...lines].slice(-LOG_KEPT);
}
