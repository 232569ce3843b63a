/** What `/daemon/gateways` shows of a gateway that has nothing but its state; others say more. */
import type { Clock } from '../clock.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { GatewayActor } from './gateway-actor.ts';

/** @param type of the venue @param lastGood when it was last found in order */
export function gatewayView(
  name: string,
  type: string,
  { state, since, context }: GatewayActor,
  clock: Clock,
  lastGood: EpochMs | null,
): GatewayView {
  const { cause, failingLink, killed, lastCheck } = context;
  return {
    name,
    type,
    state,
    ...UNREACHED,
    since: iso(since),
    cause,
    failingLink,
    killed,
    lastCheck: lastCheck === null ? null : iso(lastCheck),
    lastGood: lastGood === null ? null : iso(lastGood),
    lastGoodAgeMs: lastGood === null ? null : Math.max(0, clock.now() - lastGood),
  };
}

/** A venue that could not be opened: the configuration or a file is wrong. */
export function closedGatewayView(name: string, type: string, cause: string): GatewayView {
  return { name, type, state: 'down', ...UNREACHED, failingLink: 'configuration', cause };
}

/** Of a gateway that nothing is known of. */
const UNREACHED = {
  since: null,
  cause: null,
  failingLink: null,
  inMaintenance: false,
  killed: false,
  lastCheck: null,
  lastGood: null,
  lastGoodAgeMs: null,
  probeMs: null,
  serverOffsetMs: null,
  account: null,
  differences: [],
  requests: null,
} as const satisfies Omit<GatewayView, 'name' | 'type' | 'state'>;
