/**
 * One look at an MT5 gateway: does it answer, is its terminal there and logged in, is the kill
 * switch on. `/health/ready` is the truth; `/health`, which is 200 whatever has happened, names the
 * link that fails.
 */
import type { Clock } from '../clock.ts';
import type { GatewayHealth, Mt5Client, Read, Readiness } from '../venues/mt5/types.ts';
import type { GatewayLink } from './gateway-events.ts';

/** How long a look may take: three that fail must fit into what a health check is patient for. */
const PROBE_LIMIT_MS = 3000;

export interface Probe {
  /** What fails; undefined: service, terminal and login are there, whatever the kill switch says. */
  readonly trouble: { readonly link: GatewayLink; readonly cause: string } | undefined;
  readonly killed: boolean;
  /** The account that the terminal is logged in to, where it says. */
  readonly login: number | undefined;
  readonly tookMs: number;
}

/** Never rejects. */
export async function probeGateway(client: Pick<Mt5Client, 'ready' | 'health'>, clock: Clock): Promise<Probe> {
  const begun = clock.monotonic();
  const [ready, health] = await Promise.all([inTime(client.ready(), clock), inTime(client.health(), clock)]);
  return {
    trouble: troubleOf(ready, health),
    killed: (ready.known && ready.value.killed) || (health.known && health.value.killed),
    login: health.known ? health.value.login : undefined,
    tookMs: clock.monotonic() - begun,
  };
}

const CONNECTED = 'connected';
const UNAUTHORIZED = 401;

function troubleOf(ready: Read<Readiness>, health: Read<GatewayHealth>): Probe['trouble'] {
  if (!ready.known) {
    const hint = ready.status === UNAUTHORIZED ? ': it wants another API key than apiKey of this venue' : '';
    return { link: 'service', cause: `${ready.reason}${hint}` };
  }
  const { value } = ready;
  if (value.ready) return undefined;
  const said = value.error ?? (health.known ? health.value.lastError : undefined);
  if (value.mt5Status !== CONNECTED)
    return { link: 'terminal', cause: said ?? `the terminal is ${value.mt5Status || 'not connected'}` };
  // Connected, and no kill switch that would explain it: the terminal has no account to tell of.
  if (value.killed) return undefined;
  return { link: 'login', cause: said ?? 'the terminal is connected and not ready: it tells of no account' };
}

function inTime<T>(read: Promise<Read<T>>, clock: Clock): Promise<Read<T>> {
  return new Promise((resolve) => {
    const reason = `no answer within ${PROBE_LIMIT_MS} ms`;
    const cancel = clock.at(clock.now() + PROBE_LIMIT_MS, () => resolve({ known: false, reason }));
    void read.then((answer) => {
      cancel();
      resolve(answer);
    });
  });
}
