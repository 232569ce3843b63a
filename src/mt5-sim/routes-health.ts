/** Whether the gateway, its terminal and its account are there; and the kill switch. */
import { closeAll } from './close-positions.ts';
import { done, type Answer } from './answers.ts';
import type { Gateway } from './gateway.ts';
import type { Call, Route } from './route.ts';

const DISCONNECTED = 'MT5 terminal is not connected';

function health(_call: Call, gateway: Gateway): Answer {
  const mt5 = gateway.faults.state('health-degraded') === undefined ? gateway.mt5Status : 'disconnected';
  const connected = mt5 === 'connected';
  const now = gateway.clock.now();
  return done({
    status: connected ? 'healthy' : 'degraded',
    mt5_status: mt5,
    uptime_seconds: gateway.uptimeSeconds,
    kill_switch_active: gateway.isKilled(),
    version: gateway.options.version,
    mt5_account: connected ? loginOf(gateway) : null,
    last_error: connected ? null : DISCONNECTED,
    ...(gateway.has('0.3.15') && { server_time: gateway.shownSeconds(now) }),
  });
}

function ready(_call: Call, gateway: Gateway): Answer {
  const kill_switch_active = gateway.isKilled();
  const degraded = gateway.faults.state('health-degraded') !== undefined;
  const mt5_status = degraded ? 'disconnected' : gateway.mt5Status;
  const connected = mt5_status === 'connected';
  if (connected && !kill_switch_active) return done({ status: 'ready', mt5_status });
  const error = connected ? null : DISCONNECTED;
  return { status: 503, body: { status: 'not_ready', mt5_status, error, kill_switch_active } };
}

function metrics(_call: Call, gateway: Gateway): Answer {
  const body = gateway.metrics.text({ connected: gateway.isConnected(), killed: gateway.isKilled() });
  return { status: 200, body, headers: { 'content-type': 'text/plain; charset=utf-8' } };
}

function lastError(_call: Call, { lastError: [error_code, error_message] }: Gateway): Answer {
  return done({ error_code, error_message });
}

/** The account that the terminal says it is logged in to. */
export function loginOf({ faults, options }: Gateway): number {
  const wrong = faults.state('wrong-login');
  return typeof wrong === 'number' ? wrong : options.login;
}

/** Flattening takes away pending orders too, whatever becomes of that, and works while the switch is on. */
function kill({ query, route }: Call, gateway: Gateway): Answer {
  gateway.kill.engage();
  if (query['flatten'] !== 'true') return done({ kill_switch_active: true, flatten: null });
  for (const { ticket } of gateway.terminal.pendings()) gateway.send({ action: 'remove', order: ticket }, route);
  const { closed, failed } = closeAll(gateway, gateway.positions(), route);
  return done({ kill_switch_active: true, flatten: { closed, failed } });
}

function release(_call: Call, gateway: Gateway): Answer {
  gateway.kill.release();
  return done({ kill_switch_active: gateway.isKilled() });
}

export const HEALTH_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/health', withoutMt5: true, handle: health },
  { method: 'GET', path: '/health/ready', withoutMt5: true, handle: ready },
  { method: 'GET', path: '/health/live', open: true, withoutMt5: true, handle: () => done({ status: 'alive' }) },
  { method: 'GET', path: '/metrics', withoutMt5: true, handle: metrics },
  { method: 'GET', path: '/last_error', withoutMt5: true, handle: lastError },
  { method: 'GET', path: '/last_error_str', withoutMt5: true, handle: lastError },
  { method: 'POST', path: '/kill', withoutMt5: true, handle: kill },
  { method: 'POST', path: '/kill/release', withoutMt5: true, handle: release },
];
