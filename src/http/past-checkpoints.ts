/**
 * Where earlier readers of a strategy's past have been: the fold as it stood there. A reader of any moment begins
 * at the nearest one before it, and folds some thousand events instead of all that are kept.
 */
import { isGap, type EventItem } from '../domain/events.ts';
import type { StrategyPort } from '../domain/ports.ts';
import type { PastFold } from '../observe/past.ts';
import { isUpTo, type Trail, type Wanted } from './past-trail.ts';

/** Checkpoints of a strategy; when there are more, every second one goes. */
const MOST = 64;
/** Events between two of them, at first. */
const SPACING = 2000;

export interface Checkpoint {
  /** Everything up to it has been folded. */
  readonly cursor: number;
  readonly events: number;
  /** Time of the last event. */
  readonly ts: number;
  readonly fold: PastFold;
  readonly trail: Trail;
}

export class Checkpoints {
  #spacing = SPACING;
  #kept: readonly Checkpoint[] = [];

  /** The last one that is not after the wanted place. */
  nearest(wanted: Wanted | undefined): Checkpoint | undefined {
    return this.#kept.findLast(({ cursor, ts }) => isUpTo(wanted, cursor, ts));
  }

  /** Whether a reader that has folded so many events should leave a checkpoint. */
  isDue(events: number): boolean {
    return events >= (this.#kept.at(-1)?.events ?? 0) + this.#spacing;
  }

  add(checkpoint: Checkpoint): void {
    this.#kept = [...this.#kept, checkpoint];
    if (this.#kept.length <= MOST) return;
    this.#kept = this.#kept.filter((_, index) => index % 2 === 1);
    this.#spacing *= 2;
  }
}

interface Begun {
  readonly begin: string;
  readonly checkpoints: Checkpoints;
}
const all = new WeakMap<StrategyPort, Begun>();

/**
 * Those of a strategy, as long as it is deployed.
 * @param first item of all that is kept now: once it is another, sums are others, and nothing of before holds
 */
export function checkpointsOf(strategy: StrategyPort, first: EventItem | undefined): Checkpoints {
  const begin = first === undefined ? '' : isGap(first) ? `${first.from}-${first.to}` : `${first.seq}`;
  const known = all.get(strategy);
  if (known?.begin === begin) return known.checkpoints;
  const checkpoints = new Checkpoints();
  all.set(strategy, { begin, checkpoints });
  return checkpoints;
}
