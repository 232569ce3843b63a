/** How late the neighbour's ticks were before a fault and while it lasted, against a bare timer beside the twin. */
import type { EpochMs } from '../domain/time.ts';
import { LATE } from './strategies.ts';
import type { Lateness, NeighbourLateness } from './types.ts';

/** The contract's bound on what a fault adds to the lateness of other strategies' ticks, at p99. */
export const MOST_ADDED_MS = 5;

/** Something that was due at a time, and came by so many milliseconds later. */
export interface Late {
  readonly at: EpochMs;
  readonly lateMs: number;
}

export interface Periods {
  readonly quietFrom: EpochMs;
  readonly faultAt: EpochMs;
  readonly endedAt: EpochMs;
}

/** @returns null when one of the two periods has no ticks */
export function neighbourLateness(log: string, machine: readonly Late[], periods: Periods): NeighbourLateness | null {
  const [ticks, bare] = [lateness(ticksOf(log), periods), lateness(machine, periods)];
  if (ticks === null || bare === null) return null;
  const addedMs = rounded(growth(ticks) - Math.max(0, growth(bare)));
  return { ticks, machine: bare, addedMs: ticks.p99BeforeMs > MOST_ADDED_MS ? null : addedMs };
}

const growth = ({ p99BeforeMs, p99DuringMs }: Lateness): number => p99DuringMs - p99BeforeMs;

function lateness(all: readonly Late[], { quietFrom, faultAt, endedAt }: Periods): Lateness | null {
  const between = (start: EpochMs, end: EpochMs): readonly number[] =>
    all.filter(({ at }) => at >= start && at < end).map(({ lateMs }) => lateMs);
  const before = between(quietFrom, faultAt);
  const during = between(faultAt, endedAt);
  if (before.length === 0 || during.length === 0) return null;
  return { count: during.length, p99BeforeMs: p99(before), p99DuringMs: p99(during) };
}

/** @param log lines of `/logs?format=json` */
function ticksOf(log: string): readonly Late[] {
  return log.split('\n').flatMap((line) => {
    if (line === '') return [];
    const { msg, 'log.ticks': ticks } = JSON.parse(line) as { readonly msg: string; readonly 'log.ticks'?: string };
    if (msg !== LATE || ticks === undefined) return [];
    return ticks.split(' ').map((tick) => {
      const [at, lateMs] = tick.split(':');
      return { at: Number(at), lateMs: Number(lateMs) };
    });
  });
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.ceil(sorted.length * 0.99) - 1]!);
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
