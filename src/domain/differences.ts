/**
 * Where the book and a venue's own account disagree without a deal that explains it, and what is
 * done about each kind of it.
 */
import type { EpochMs } from './time.ts';

/**
 * `position`: a quantity that no deal explains. `protectionMissing`: a stop or target of ours is
 * gone. `protectionMoved`: it is at another level, or there is one that nobody here set. `foreign`:
 * a position or pending order with our magic number that no strategy knows.
 */
export const DIFFERENCE_KINDS = ['position', 'protectionMissing', 'protectionMoved', 'foreign'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/**
 * `adopt`: the venue's word becomes ours. `ignore`: it is shown, and nothing changes; protection that
 * is gone there is held here. `halt`: as ignore, and the strategy is halted.
 */
export const RECONCILE_POLICIES = ['adopt', 'ignore', 'halt'] as const;
export type ReconcilePolicy = (typeof RECONCILE_POLICIES)[number];

export type ReconcilePolicies = Readonly<Record<DifferenceKind, ReconcilePolicy>>;

export const DEFAULT_POLICIES: ReconcilePolicies = {
  position: 'halt',
  protectionMissing: 'halt',
  protectionMoved: 'adopt',
  foreign: 'ignore',
};

/** One difference, in words that a person can act on. */
export interface Difference {
  /** The same as long as it lasts. */
  readonly id: string;
  readonly kind: DifferenceKind;
  /** Null where it is nobody's. */
  readonly strategy: string | null;
  readonly symbol: string;
  /** What the book has, such as `long 0.3`; null: nothing. */
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly policy: ReconcilePolicy;
  /** What was done about it, such as `halted` or `taken over by gold`. */
  readonly done: string;
  readonly since: EpochMs;
}
