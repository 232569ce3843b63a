/** The moments around a place in the past: where it is, what came before and after it. */
import type { QktEvent } from '../domain/events.ts';
import type { Moment, StoredTransition } from '../domain/history.ts';
import { iso } from '../domain/time.ts';

/** A place in the past: right after an event, or at a time. */
export type Wanted = { readonly seq: number } | { readonly ts: number };

export const isUpTo = (wanted: Wanted | undefined, seq: number, ts: number): boolean =>
  wanted === undefined || ('seq' in wanted ? seq <= wanted.seq : ts <= wanted.ts);

/** Walks events in order, and stops after the wanted place. */
export class Trail {
  readonly #wanted: Wanted | undefined;
  first: Moment | null = null;
  last: Moment | null = null;
  before: Moment | null = null;
  next: Moment | null = null;

  /** @param from goes on where that one stands */
  constructor(wanted: Wanted | undefined, from?: Trail) {
    this.#wanted = wanted;
    if (from === undefined) return;
    this.first = from.first;
    this.last = from.last;
    this.before = from.before;
  }

  /** False for what comes after the wanted place. */
  pass(moment: Moment, ts: number): boolean {
    this.first ??= moment;
    if (this.next !== null || !isUpTo(this.#wanted, moment.seq, ts)) {
      this.next ??= moment;
      return false;
    }
    this.before = this.last;
    this.last = moment;
    return true;
  }
}

export function together(a: Trail, b: Trail): Record<'at' | 'previous' | 'next', Moment | null> {
  const at = latest(a.last, b.last);
  const others = [a.last, a.before, b.last, b.before].filter((moment) => moment?.seq !== at?.seq);
  return { at, previous: latest(...others), next: earliest(a.next, b.next) };
}

type Maybe = Moment | null;
const ordered = (moments: readonly Maybe[]): readonly Moment[] =>
  moments.filter((moment) => moment !== null).toSorted((a, b) => a.seq - b.seq);
export const latest = (...moments: readonly Maybe[]): Maybe => ordered(moments).at(-1) ?? null;
export const earliest = (...moments: readonly Maybe[]): Maybe => ordered(moments)[0] ?? null;

export const momentOf = ({ seq, ts, type }: QktEvent): Moment => ({ seq, ts: iso(ts), type });
export const transitionMoment = ({ seq, ts }: StoredTransition): Moment => ({ seq, ts, type: 'lifecycle' });
