/** What a drill is, and what comes of it. */
import type { EpochMs } from '../domain/time.ts';
import type { TwinVenue } from './strategies.ts';
import type { Twin } from './twin.ts';

export const FAULTS = [
  'hang',
  'crash',
  'crash-loop',
  'out-of-memory',
  'worker-flood',
  'stale-feed',
  'gateway-loss',
  'rejection-storm',
  'slow-disk',
  'full-disk',
  'clock-jump',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Where a fault must be told: the target's `/health` or `/health/ready`, or `/daemon/health`. */
export type Surface = 'health' | 'ready' | 'daemon';

/** The longest that each may take, in milliseconds; null where it must not come about, or need not. */
export interface Expectation {
  readonly detectedMs: number;
  readonly gateClosedMs: number | null;
  readonly haltedMs: number | null;
  readonly alertedMs: number | null;
  readonly recoveredMs: number;
}

export interface Drill {
  readonly fault: Fault;
  /** Done to what, in the words of the document. */
  readonly what: string;
  readonly surface: Surface;
  /** Id of the alert rule that tells of it; absent where it is over before anybody need be called. */
  readonly alert?: string;
  /** Where the target trades; on paper when absent. */
  readonly venue?: TwinVenue;
  /** Keeps a processor to itself: nothing is measured beside it. */
  readonly busy?: boolean;
  /** The target's misdeed, as author's code; `again`: it is done whenever the code is built. */
  readonly misdeed?: string;
  readonly again?: boolean;
  readonly expect: Expectation;
  /** @returns when the fault began */
  readonly inject: (twin: Twin) => Promise<EpochMs>;
  /** Mends what was done, as an operator would; absent where that is the daemon's own part. @returns when */
  readonly mend?: (scene: Scene) => Promise<EpochMs>;
}

/** A twin with its target, while a fault is in force. */
export interface Scene {
  readonly twin: Twin;
  /** Waits for a state of the target. @throws QktError QKT_E_TIMEOUT */
  readonly reaches: (state: string, withinMs: number) => Promise<void>;
}

/** How late something was before a fault and while it lasted, in milliseconds at the 99th percentile. */
export interface Lateness {
  readonly count: number;
  readonly p99BeforeMs: number;
  readonly p99DuringMs: number;
}

/** What a fault has added to the lateness of the neighbour's ticks. */
export interface NeighbourLateness {
  readonly ticks: Lateness;
  /** A bare timer in a thread of the drill: what the machine was late by, whatever the daemon did. */
  readonly machine: Lateness;
  /**
   * The ticks' p99 over that before the fault, less what the machine's has grown by. Null on a machine so busy
   * that ticks were later than the bound before there was a fault: then it says nothing.
   */
  readonly addedMs: number | null;
}

/** Milliseconds from the fault; null for what did not come about. */
export interface DrillResult {
  readonly fault: Fault;
  readonly verdict: 'pass' | 'fail';
  readonly detectedMs: number | null;
  readonly gateClosedMs: number | null;
  readonly haltedMs: number | null;
  /** The alert that tells of it fired. */
  readonly alertedMs: number | null;
  /** From the fault, or from its end where it was mended from outside. */
  readonly recoveredMs: number | null;
  /** Answers of the surface that said "ok" while the fault was in force and had to be known. */
  readonly falseOk: number;
  /** Questions to `/health` of the target that nobody answered. */
  readonly unanswered: number;
  /** Answers of the neighbour's `/health` that were not "ok". */
  readonly falseAlarms: number;
  /** Questions asked over HTTP in all. */
  readonly samples: number;
  /** Null in a drill beside others, which would be measured with it, and where its ticks tell no time. */
  readonly neighbour: NeighbourLateness | null;
  /** What was expected and did not come about, in words. */
  readonly failures: readonly string[];
  readonly tookMs: number;
}
