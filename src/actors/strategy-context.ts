/** How the strategy machine's context changes: pure functions that its named actions apply. */
import type { EpochMs } from '../domain/time.ts';
import type { HaltCauseView } from '../domain/risk-views.ts';
import { leftOfBoth } from './left-behind.ts';
import { restarted } from './losses.ts';
import {
  DEFAULT_SETTINGS,
  type Cancelled,
  type Flattened,
  type Hang,
  type StopRecord,
  type StrategyContext,
  type StrategyDeadline,
  type StrategyEvent,
  type StrategyInput,
  type StrategySettings,
} from './strategy-events.ts';

type Change = Partial<StrategyContext>;

/** Shares of a stop's time after which cancelling and flattening are given up. */
const CANCEL_SHARE = 0.3;
const LAST_STEP_SHARE = 0.9;

/** Of a strategy that nothing runs of yet, with what is kept of its past. */
export function initialContext(input: StrategyInput): StrategyContext {
  return {
    name: input.name,
    clock: input.clock,
    settings: { ...DEFAULT_SETTINGS, ...input.settings },
    view: input.view ?? null,
    guest: 'absent',
    hang: null,
    warmed: false,
    ran: input.ran ?? false,
    startedAt: null,
    haltCauses: input.haltCauses ?? [],
    haltLeft: [],
    stop: input.stop === undefined ? null : stopRestored(input.stop, input.clock.now()),
    restarts: input.restarts ?? 0,
    crashes: input.crashes ?? [],
    losses: input.losses ?? [],
    latched: input.latched ?? null,
    deadlines: {},
    lastError: typeof input.latched === 'string' ? (input.losses?.at(-1)?.error ?? null) : null,
  };
}

/** A stop that was under way when the daemon ended has not come about: what it left is taken up by the next one. */
function stopRestored(stop: StopRecord, now: EpochMs): StopRecord {
  if (stop.endedAt !== null) return stop;
  const left = [...stop.left, 'flattening was cut off by the end of the daemon'];
  return { ...stop, endedAt: now, flattened: false, verified: false, left };
}

/** The stop that a restart of the daemon must not forget: it was to flatten, and that is not verified. */
export function unfinished({ stop }: Pick<StrategyContext, 'stop'>): StopRecord | undefined {
  return stop !== null && stop.flatten && (stop.endedAt === null || !stop.verified) ? stop : undefined;
}

/** Milliseconds left of a named deadline. */
export function untilDeadline(context: StrategyContext, name: StrategyDeadline): number {
  return untilTime(context, context.deadlines[name]);
}

/** Milliseconds left; 0 once the moment is past, and where there is none. */
export function untilTime(context: StrategyContext, time: EpochMs | undefined): number {
  return Math.max(0, (time ?? 0) - context.clock.now());
}

const STEP_TIMEOUT = {
  launch: 'launchTimeoutMs',
  recover: 'recoverTimeoutMs',
  halt: 'haltTimeoutMs',
  hang: 'hangGraceMs',
} as const satisfies Partial<Record<StrategyDeadline, keyof StrategySettings>>;

/** Sets the deadline of a step, counted from now, in the place of the one before. */
export function arm(context: StrategyContext, name: keyof typeof STEP_TIMEOUT): Change {
  const time = context.clock.now() + context.settings[STEP_TIMEOUT[name]];
  return { deadlines: { ...context.deadlines, [name]: time } };
}

/** A start by a person: what counts towards the restart budget is forgotten, halts and losses are not. */
export function begin(context: StrategyContext, event: StrategyEvent): Change {
  const crashes = event.type === 'START' && event.again === true ? context.crashes : [];
  return { ...freshGuest(context), stop: null, crashes, latched: null, lastError: null };
}

/** A start by the machine itself after a loss. */
export function restart(context: StrategyContext): Change {
  return { ...freshGuest(context), restarts: context.restarts + 1 };
}

function freshGuest(context: StrategyContext): Change {
  const startedAt = context.clock.now();
  return { guest: 'absent', hang: null, warmed: false, startedAt, losses: restarted(context.losses, startedAt) };
}

/** Causes that are in force already are left as they are. */
export function addCauses(context: StrategyContext, causes: readonly HaltCauseView[]): Change {
  const ids = new Set(context.haltCauses.map((cause) => cause.causeId));
  return { haltCauses: [...context.haltCauses, ...causes.filter((cause) => !ids.has(cause.causeId))] };
}

/** Of one scope alone. What a halt could not cancel is told of until no cause is left. */
export function liftCauses(context: StrategyContext, scope: string): Change {
  const haltCauses = context.haltCauses.filter((cause) => cause.scope !== scope);
  return haltCauses.length > 0 ? { haltCauses } : { haltCauses, haltLeft: [] };
}

/** A resume of blanks is none. */
export function hasReason(event: StrategyEvent): boolean {
  return event.type === 'RESUME' && event.reason.trim() !== '';
}

/** Whether this is a resume of the whole book: it is about one that does not run as well. */
export function liftsBook(event: StrategyEvent): boolean {
  return event.type === 'RESUME' && event.scope === 'book' && hasReason(event);
}

/** Whether this resume leaves no cause in force. */
export function liftsAll(context: StrategyContext, event: StrategyEvent): boolean {
  if (event.type !== 'RESUME' || !hasReason(event)) return false;
  return context.haltCauses.every((cause) => cause.scope === (event.scope ?? 'strategy'));
}

/** The guest does not answer; nothing is lost yet. */
export function hang(hang: Hang): Change {
  return { guest: 'hung', hang, lastError: { code: 'QKT_E_UNRESPONSIVE', message: `${hang.cause}: ${hang.detail}` } };
}

/** The guest answers. A hang that is over has lost nothing: the last error is again the one before it. */
export function guestRuns({ hang: over, losses, lastError }: StrategyContext): Change {
  const isOfHang = over !== null && lastError?.code === 'QKT_E_UNRESPONSIVE';
  return { guest: 'running', hang: null, ...(isOfHang && { lastError: losses.at(-1)?.error ?? null }) };
}

/** The deadlines are counted from now; when it was first asked for, and what it has cancelled, is kept of a stop under way. */
export function requestStop(context: StrategyContext, by: string, flatten: boolean, timeoutMs: number): Change {
  const now = context.clock.now();
  const after = (share: number): EpochMs => now + Math.round(timeoutMs * share);
  const underWay = context.stop?.endedAt === null ? context.stop : null;
  return {
    latched: null,
    stop: {
      by,
      flatten,
      requestedAt: underWay?.requestedAt ?? now,
      cancelBy: after(flatten ? CANCEL_SHARE : LAST_STEP_SHARE),
      flattenBy: after(LAST_STEP_SHARE),
      deadline: after(1),
      endedAt: null,
      cancelled: underWay?.cancelled ?? 0,
      flattened: false,
      verified: true,
      left: [],
    },
  };
}

function changeStop(context: StrategyContext, change: (stop: StopRecord) => Partial<StopRecord>): Change {
  return context.stop === null ? {} : { stop: { ...context.stop, ...change(context.stop) } };
}

/** Adds what a step took back, and what it had to leave: with that the stop is not verified. */
export function stopCancelled(context: StrategyContext, { cancelled, left }: Cancelled): Change {
  return changeStop(context, (stop) => ({
    cancelled: stop.cancelled + cancelled,
    left: [...stop.left, ...left],
    verified: stop.verified && left.length === 0,
  }));
}

/** Orders that cancelling has left stay named beside what is not flat. */
export function stopFlattened(context: StrategyContext, { flat, left }: Flattened): Change {
  return changeStop(context, (stop) => {
    const all = leftOfBoth(stop.left, left);
    return { flattened: flat, left: all, verified: flat && all.length === 0 };
  });
}

/** A step of the stop that failed or ran out of time: its outcome is not known, and is said so. */
export function stopUnverified(context: StrategyContext, what: string): Change {
  return changeStop(context, (stop) => ({ left: [...stop.left, what], verified: false }));
}

/** The guest is gone, whatever the stop has left. */
export function endStop(context: StrategyContext): Change {
  return { guest: 'absent', ...changeStop(context, () => ({ endedAt: context.clock.now() })) };
}

/** A stop of a stopped strategy runs again when the last one left something to do. */
export function stopsAgain({ stop }: StrategyContext, flatten: boolean): boolean {
  return stop === null || !stop.verified || (flatten && !stop.flattened);
}

/** Why entries are refused, for whoever reads a denial. */
export function closedReason({ haltCauses, stop, guest }: StrategyContext): string {
  const cause = haltCauses[0];
  if (cause !== undefined) return `halted: ${cause.reason}`;
  if (stop !== null && stop.endedAt === null) return 'the strategy is stopping';
  return guest === 'hung' ? 'the strategy does not answer' : 'the strategy is not running';
}
