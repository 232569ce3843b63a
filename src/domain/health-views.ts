/** Leases, queues, and what they say of a strategy or of the daemon. */
import type { ChannelView } from './channels.ts';
import type { LastRunView } from './last-run.ts';
import type { StrategyState } from './strategy-states.ts';

export interface LeaseView {
  readonly name: string;
  readonly ageMs: number;
  readonly limitMs: number;
  readonly ok: boolean;
  /** Of a feed: false while its market is closed, which suspends it. */
  readonly inSession?: boolean;
  /** What has failed, where more is known than the age. */
  readonly reason?: string;
  /** Of the disk. */
  readonly freeBytes?: number;
}

/** A bounded queue as it is now. */
export interface QueueView {
  readonly name: string;
  /** What waits, and the most that may. */
  readonly depth: number;
  readonly limit: number;
  /** What depth and limit count; items unless said. */
  readonly unit?: 'bytes' | 'characters';
  /** Of the inbox: what the author's code has been given and has not answered. */
  readonly inFlight?: number;
  /** Quotes that newer ones have replaced. */
  readonly conflated?: number;
  /** What was left out because the queue was full. */
  readonly dropped?: number;
}

export interface HealthView {
  readonly ok: boolean;
  readonly status: StrategyState;
  readonly uptimeMs: number;
  readonly leases: readonly LeaseView[];
  readonly broken?: readonly string[];
}

export interface ReadyView {
  readonly ready: boolean;
  readonly status: StrategyState;
  /** What is missing for "would a signal now become an order?". */
  readonly missing: readonly string[];
}

export interface DaemonHealthView {
  readonly ok: boolean;
  readonly status: 'starting' | 'running' | 'stopping';
  readonly uptimeMs: number;
  readonly pid: number;
  readonly version: string;
  /** `total`, how many are in each state, and `halted`: how many a halt is in force for, in whatever state. */
  readonly strategies: Readonly<Record<string, number>>;
  readonly leases: readonly LeaseView[];
  readonly queues: readonly QueueView[];
  /** Where alerts go, and when each channel was last proven to work; absent where none is configured. */
  readonly channels?: readonly ChannelView[];
  readonly broken?: readonly string[];
  /** How the run before this one ended; absent for the first. */
  readonly lastRun?: LastRunView;
}
