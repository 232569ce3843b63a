/**
 * Losses of a strategy's code: why it was lost, how often that is answered by a restart, after
 * which pause, and when no restart is left. Pure functions that the machine's named actions apply.
 */
import { iso, type EpochMs } from '../domain/time.ts';
import { LOSS_CAUSES, type ErrorView, type LossCause, type LossView } from '../domain/loss-views.ts';
import { QktError } from '../errors.ts';
import { errorText, errorView } from './fault-tolerant.ts';
import type { StrategyContext } from './strategy-events.ts';

type Change = Partial<StrategyContext>;

/** Losses that are shown; older ones are in the events and the log. */
export const KEPT_LOSSES = 20;

interface Loss {
  readonly cause: LossCause;
  readonly error: ErrorView;
}

const CAUSES: ReadonlySet<unknown> = new Set(LOSS_CAUSES);

/** What a failure of the author's code says of itself (`GuestFailure.cause`), or `otherwise`. */
export function causeOf(thrown: unknown, otherwise: LossCause): LossCause {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (CAUSES.has(error.cause)) return error.cause as LossCause;
  return otherwise;
}

/** Why the guest was lost, as the event that ended it tells; a hang is its own cause when its grace is over. */
function lossOf(context: StrategyContext, event: { readonly type: string }): Loss {
  if (event.type === 'CRASHED') return event as Loss & typeof event;
  if (event.type === 'FAULT') return { cause: 'fault', error: (event as { error: ErrorView } & typeof event).error };
  if ('error' in event) return { cause: causeOf(event.error, 'launchFailed'), error: errorView(event.error) };
  if (context.hang !== null && context.lastError !== null)
    return { cause: context.hang.cause, error: context.lastError };
  const error = errorView(new QktError('QKT_E_DEPLOY_TIMEOUT', 'the strategy did not get ready in time'));
  return { cause: 'launchFailed', error };
}

function noted({ losses, clock }: StrategyContext, { cause, error }: Loss): readonly LossView[] {
  const loss = { ts: iso(clock.now()), cause, detail: errorText(error), error, restartedAt: null };
  return [...losses, loss].slice(-KEPT_LOSSES);
}

/** The last loss has been answered by a start. */
export function restarted(losses: readonly LossView[], at: EpochMs): readonly LossView[] {
  const last = losses.at(-1);
  return last?.restartedAt === null ? [...losses.slice(0, -1), { ...last, restartedAt: iso(at) }] : losses;
}

/** Losses that count towards the budget, one at this moment included. */
function crashesWithNow({ clock, crashes, settings }: StrategyContext): readonly EpochMs[] {
  const now = clock.now();
  return [...crashes.filter((at) => at > now - settings.restartWindowMs), now];
}

/** A loss while it is meant to run: a restart is due after a pause that doubles, or none is left. */
export function crash(context: StrategyContext, event: { readonly type: string }): Change {
  const loss = lossOf(context, event);
  const crashes = crashesWithNow(context);
  const { backOffMs, longestBackOffMs } = context.settings;
  const pause = Math.min(longestBackOffMs, backOffMs * 2 ** (crashes.length - 1));
  return {
    guest: 'dead',
    hang: null,
    crashes,
    losses: noted(context, loss),
    latched: context.latched ?? latchReason(context, crashes.length),
    lastError: loss.error,
    deadlines: { ...context.deadlines, restart: context.clock.now() + pause },
  };
}

/** @param count losses within the window, this one included */
function latchReason({ ran, settings }: StrategyContext, count: number): string | null {
  const { restartBudget, restartWindowMs } = settings;
  if (!ran) return 'its first start failed';
  if (restartBudget === 0) return 'a bounded run starts nothing again';
  if (count <= restartBudget) return null;
  return `its code was lost ${count} times within ${restartWindowMs / 60_000} min: ${restartBudget} restarts are allowed`;
}

/** A loss during a stop: nothing is started again. */
export function lostInStop(context: StrategyContext, event: { readonly type: string }): Change {
  const loss = lossOf(context, event);
  return { guest: 'dead', hang: null, lastError: loss.error, losses: noted(context, loss) };
}

/** A throw of the daemon's own while a restart was due. */
export function latch(context: StrategyContext, event: { readonly type: string }): Change {
  const loss = lossOf(context, event);
  return {
    latched: `a fault in the daemon while a restart was due: ${loss.error.message}`,
    lastError: loss.error,
    losses: noted(context, loss),
  };
}

/** What the entering of a state tells of a loss; undefined for a state that is none. */
export function lossEntered(
  to: string,
  { hang, losses, lastError, latched }: StrategyContext,
): { readonly loss: LossCause; readonly detail: string } | undefined {
  if (to === 'unresponsive') return hang === null ? undefined : { detail: hang.detail, loss: hang.cause };
  const last = losses.at(-1);
  if ((to !== 'crashed' && to !== 'failed') || last === undefined) return undefined;
  const detail = lastError === null ? last.detail : errorText(lastError);
  return { detail: to === 'failed' && latched !== null ? `${detail} (${latched})` : detail, loss: last.cause };
}
