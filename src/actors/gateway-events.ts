/**
 * What a gateway's machine is told, what it keeps, and what it asks of the venue.
 *
 * | actor       | done when                                                                              |
 * |-------------|----------------------------------------------------------------------------------------|
 * | `connect`   | service and terminal answer                                                            |
 * | `verify`    | it is the account that it should be, with known terms                                  |
 * | `reconcile` | the venue's book has been read whole and every strategy's has been compared with it    |
 *
 * Each is a promise whose input is the absolute deadline, after which the machine goes on without
 * it; one that fails with a {@link LinkError} names what has failed.
 */
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { errorView, type FaultEvent } from './fault-tolerant.ts';

export type GatewayEvent =
  | { readonly type: 'CONNECT' }
  | { readonly type: 'DISCONNECT' }
  /** It answers, but late, or its quotes are old; `link` names what fails. */
  | { readonly type: 'DEGRADED'; readonly cause: string; readonly link: GatewayLink }
  | { readonly type: 'RECOVERED' }
  | { readonly type: 'LOST'; readonly cause: string; readonly link: GatewayLink }
  /** While it is down: what did not answer does so again. */
  | { readonly type: 'RETURNED' }
  /** Its kill switch is on: it takes no order and closes nothing. */
  | { readonly type: 'KILLED' }
  | { readonly type: 'RELEASED' }
  /** A check was made and found nothing new. */
  | { readonly type: 'CHECKED' }
  | FaultEvent;

/** Between a strategy and its market, from near to far: the first that fails is named. */
const GATEWAY_LINKS = [
  'configuration',
  'gateway actor',
  'venue',
  'service',
  'terminal',
  'login',
  'account',
  'tradePermission',
  'reconciliation',
  'quotes',
  'killSwitch',
] as const;
export type GatewayLink = (typeof GATEWAY_LINKS)[number];

/** Why a gateway cannot be used, and which link it is. */
export class LinkError extends Error {
  readonly link: GatewayLink;

  constructor(link: GatewayLink, detail: string) {
    super(detail);
    this.link = link;
  }
}

export type GatewayTag = 'takesEntries' | 'takesExits' | 'takesCancels';

export interface GatewayContext {
  readonly name: string;
  readonly clock: Clock;
  readonly cause: string | null;
  readonly failingLink: GatewayLink | null;
  readonly lastCheck: EpochMs | null;
  /** Whether the kill switch is on, as far as is known. */
  readonly killed: boolean;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** When the step under way is given up. */
  readonly stepBy: EpochMs;
  readonly retryAt: EpochMs;
}
export interface GatewayInput {
  readonly name: string;
  readonly clock: Clock;
}

const KILL_SWITCH_ON = "the gateway's kill switch is on";

const STEP_MS = 15_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** The machine's delays in a reader's words. */
export const DELAY_TEXTS = { stepTimeout: '15 s', backOff: '1 s, doubling to 30 s' } as const;

type Change = Partial<GatewayContext>;

export const initialContext = (input: GatewayInput): GatewayContext => ({
  ...input,
  cause: null,
  failingLink: null,
  lastCheck: null,
  killed: false,
  failures: 0,
  stepBy: 0,
  retryAt: 0,
});

/** Trouble as the event tells it: a stated cause, a failed promise, a fault, or a deadline that has passed. */
export function trouble({ clock }: GatewayContext, event: { readonly type: string }): Change {
  const lastCheck = clock.now();
  if (event.type === 'DEGRADED' || event.type === 'LOST') {
    const { cause, link } = event as Extract<GatewayEvent, { cause: string }>;
    return { cause, failingLink: link, lastCheck };
  }
  const cause = 'error' in event ? errorView(event.error).message : 'the venue did not answer in time';
  return { cause, failingLink: linkOf(event), lastCheck };
}

function linkOf(event: { readonly type: string; readonly error?: unknown }): GatewayLink {
  if (event.type === 'FAULT') return 'gateway actor';
  return event.error instanceof LinkError ? event.error.link : 'service';
}

export const wellAgain = ({ clock }: GatewayContext): Change => ({
  cause: null,
  failingLink: null,
  failures: 0,
  lastCheck: clock.now(),
});

export const armStep = ({ clock }: GatewayContext): Change => ({ stepBy: clock.now() + STEP_MS });

export const backOff = ({ clock, failures }: GatewayContext): Change => ({
  failures: failures + 1,
  retryAt: clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures),
});

export const killSwitched = ({ clock }: GatewayContext): Change => ({
  cause: KILL_SWITCH_ON,
  failingLink: 'killSwitch',
  failures: 0,
  lastCheck: clock.now(),
});
