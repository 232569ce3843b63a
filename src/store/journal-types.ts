/** What the journal holds and how it answers. The store gives these members no meaning beyond order and place. */
import type { EpochMs } from '../domain/time.ts';

/** A trading event as it is kept: plain data, decimals as text. */
export interface JournalEvent {
  /** Gap-free per strategy, from 1. */
  readonly journalSeq: number;
  /** Place in the strategy's event sequence: grows, with gaps. */
  readonly seq: number;
  readonly ts: EpochMs;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What one call stores of a strategy, all of it or nothing. */
export interface StrategyChange {
  /** May be empty. */
  readonly events: readonly JournalEvent[];
  /** The strategy's whole recoverable state; replaces the one before. Left out: that stays. */
  readonly state?: unknown;
  /** Small facts beside the state, replaced in the same way. */
  readonly meta?: unknown;
}

/**
 * When a change is safe. Both promises reject with QKT_E_JOURNAL_FAILED when it could not be written
 * at once; it is kept in memory all the same, and written in order as soon as that is possible
 * (`state$` tells). Nobody has to listen to them.
 */
export interface Commit {
  /** Survives the death of the process. */
  readonly written: Promise<void>;
  /** Survives a power failure: flushed to the disk. */
  readonly synced: Promise<void>;
}

export interface CommitOptions {
  /** Halts and cancels: may use the reserve when the disk is full. */
  readonly urgent?: boolean;
}

/** What is known of a strategy when the journal is opened. */
export interface StrategyRecord {
  readonly state: unknown;
  readonly meta: unknown;
  /** 0 before the first event. */
  readonly lastJournalSeq: number;
  /** `seq` of the last event; 0 before the first. */
  readonly lastSeq: number;
  /** `journalSeq` of the oldest event still kept; 1 before the first event. */
  readonly oldest: number;
  /** No event carries a `seq` above this; 0 when none was reserved. */
  readonly reservedSeq: number;
}

/** `full`: no space. `io`: the system refused the write. `stalled`: the disk does not answer. */
export type FailureCause = 'full' | 'io' | 'stalled';

export interface JournalState {
  readonly status: 'ok' | 'failed';
  readonly cause?: FailureCause;
  /** The system's words for it. */
  readonly detail?: string;
  readonly since: EpochMs;
  /** Whether the space for halts and cancels is still there. */
  readonly reserve: 'held' | 'released';
  /** What waits in memory to be written. */
  readonly keptBytes: number;
}

/** One write that reached the disk. */
export interface SyncSample {
  readonly ms: number;
  readonly bytes: number;
}

/** An operator's act, before it is chained. */
export interface OperatorEntry {
  readonly ts: EpochMs;
  readonly by: string;
  readonly command: string;
  /** A strategy's name, or `daemon`. */
  readonly target: string;
  readonly reason?: string;
  readonly args?: unknown;
  readonly outcome: string;
}

/** An operator's act in the chain: `hash` is over everything else, `prev` is the hash of the one before. */
export interface OperatorRecord extends OperatorEntry {
  readonly n: number;
  readonly prev: string;
  readonly hash: string;
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly records: number;
  /** The first record that is changed, missing or out of place. */
  readonly firstBad?: number;
}
