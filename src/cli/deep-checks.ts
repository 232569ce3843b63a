/** `qkt status --deep`: every check as ok, warn or fail with its figure. Pure: views in, checks out. */
import type { LeaseView } from '../domain/health-views.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import type { Exact } from './exact-json.ts';
import { causeText, headroomText, usedShare } from './halt-words.ts';
import { unstopped } from './protection-words.ts';
import { lastErrorAge } from './status-summary.ts';
import { ago, plural } from './words.ts';

export type Verdict = 'ok' | 'warn' | 'fail';
export interface Check {
  /** A strategy, or `daemon`. */
  readonly subject: string;
  readonly check: string;
  readonly verdict: Verdict;
  readonly figure: string;
}
export type Finding = Omit<Check, 'subject'>;

type Status = Exact<StatusView>;

/** Above this share of a limit a person should look. */
const CLOSE = 0.8;
/** Nothing of it runs: what a running strategy must have is not asked. */
const ENDED: ReadonlySet<StrategyState> = new Set(['stopped', 'crashed', 'failed']);
const BROKEN: ReadonlySet<StrategyState> = new Set(['unresponsive', 'crashed', 'failed']);

/** The checks of one strategy; `gatewayCause` is what the daemon says of a gateway that is not ready. */
export function strategyFindings(
  status: Status,
  leases: readonly Exact<LeaseView>[],
  gatewayCause: string | null,
  now: number,
): readonly Finding[] {
  const runs = !ENDED.has(status.state);
  return [
    stateFinding(status),
    ...(runs ? leaseFindings(leases) : []),
    haltFinding(status, now),
    ...headroomFindings(status),
    unknownOrders(status),
    protection(status),
    ...(runs ? [dataFinding(status, now)] : []),
    gatewayFinding(status, gatewayCause),
    lastError(status, now),
    figures(status),
  ];
}

export function leaseFindings(leases: readonly Exact<LeaseView>[]): readonly Finding[] {
  return leases.map(({ name, ok, ageMs, limitMs, inSession, reason }) => ({
    check: `lease ${name}`,
    verdict: ok || inSession === false ? 'ok' : 'fail',
    figure:
      inSession === false
        ? 'suspended: out of session'
        : `${ageMs} of ${limitMs} ms${reason === undefined ? '' : `: ${reason}`}`,
  }));
}

function stateFinding({ state, restarts }: Status): Finding {
  const verdict = BROKEN.has(state) ? 'fail' : state === 'trading' ? 'ok' : 'warn';
  return { check: 'state', verdict, figure: `${state}, ${plural(Number(restarts), 'restart')}` };
}

/** A halt by a person is known to somebody; one by a rule waits for a person. */
function haltFinding({ riskState }: Status, now: number): Finding {
  const { causes, halted } = riskState;
  if (!halted) return { check: 'halted', verdict: 'ok', figure: 'no' };
  const verdict = causes.every(({ by, durable }) => by !== null && durable !== false) ? 'warn' : 'fail';
  return { check: 'halted', verdict, figure: causes.map((cause) => causeText(cause, now)).join('; ') };
}

function headroomFindings({ riskState, currency }: Status): readonly Finding[] {
  return riskState.headroom.map((headroom) => {
    const share = usedShare(headroom);
    const verdict = share === undefined ? 'warn' : share > 1 ? 'fail' : share > CLOSE ? 'warn' : 'ok';
    return { check: 'headroom', verdict, figure: headroomText(headroom, currency) };
  });
}

function unknownOrders({ orders }: Status): Finding {
  const unknown = orders.filter(({ status }) => status === 'unknown').map(({ id }) => id);
  const figure = [String(unknown.length), ...unknown].join(' ');
  return { check: 'unknown orders', verdict: unknown.length === 0 ? 'ok' : 'fail', figure };
}

/** Without a stop a position has nobody but the strategy's own code, and that may not run. */
function protection({ positions, orders, state }: Status): Finding {
  const bare = positions.flatMap((position) => {
    const { symbol, qty, stopLoss } = position;
    const part = unstopped(position, orders);
    return part.isZero()
      ? []
      : [stopLoss === undefined ? `${symbol} ${qty}` : `${symbol} ${part.toString()} of ${qty}`];
  });
  const check = 'unprotected positions';
  if (bare.length === 0) return { check, verdict: 'ok', figure: `0 of ${positions.length}` };
  return {
    check,
    verdict: ENDED.has(state) || BROKEN.has(state) ? 'fail' : 'warn',
    figure: `${bare.length} of ${positions.length}: ${bare.join(', ')}`,
  };
}

function dataFinding({ data }: Status, now: number): Finding {
  const age = data.lastTickAt === null ? 'no tick yet' : `last tick ${ago(data.lastTickAt, now)}`;
  const dropped = `${plural(Number(data.droppedTicks), 'tick')} dropped`;
  const stale = data.stale.length === 0 ? [] : [`stale: ${data.stale.join(', ')}`];
  const verdict = stale.length > 0 ? 'fail' : data.lastTickAt === null ? 'warn' : 'ok';
  return { check: 'data', verdict, figure: [...stale, age, dropped].join(', ') };
}

function gatewayFinding({ gateway }: Status, cause: string | null): Finding {
  const ready = gateway.state === 'ready';
  const why = ready || cause === null ? '' : `: ${cause}`;
  return { check: 'gateway', verdict: ready ? 'ok' : 'fail', figure: `${gateway.name} ${gateway.state}${why}` };
}

function lastError(status: Status, now: number): Finding {
  const { lastError: error, state } = status;
  if (error === undefined) return { check: 'last error', verdict: 'ok', figure: 'none' };
  const figure = `${lastErrorAge(status, now)}${error.message}`;
  return { check: 'last error', verdict: BROKEN.has(state) ? 'fail' : 'warn', figure };
}

function figures({ unknown = [] }: Status): Finding {
  const verdict = unknown.length === 0 ? 'ok' : 'warn';
  return { check: 'unknown figures', verdict, figure: unknown.length === 0 ? 'none' : unknown.join(', ') };
}
