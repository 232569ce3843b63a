/** One look at a daemon's health from outside, within a bound, whatever answers or does not. */
import { asQktError } from '../errors.ts';
import { readOwnerToken } from '../http/owner-token.ts';
import { endpointOf, lockHolder, noDaemon, type Endpoint } from './endpoint.ts';
import { send, textOf } from './http-call.ts';
import { duration, plural } from './words.ts';
import type { Seen } from './watch.ts';

interface Health {
  readonly pid?: number;
  readonly status?: string;
  readonly broken?: readonly string[];
}

/** Finds the daemon anew each time: its port may have moved, its directory may have come back. Never rejects. */
export async function lookAtDaemon(stateDir: string, withinMs: number): Promise<Seen> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    const endpoint = endpointOf(stateDir);
    if (endpoint === undefined) return { ok: false, cause: (await noDaemon(stateDir)).message };
    const headers = authorization(endpoint, stateDir);
    const message = await send({ ...endpoint, path: '/daemon/health', headers, signal });
    return judged(message.statusCode ?? 0, await textOf(message), endpoint, stateDir);
  } catch (error) {
    const cause = signal.aborted ? `no answer within ${duration(withinMs)}` : asQktError(error).message;
    return { ok: false, cause };
  }
}

/** The socket lies in the directory; what listens on a port may be anybody, who must not get a token. */
function authorization(endpoint: Endpoint, stateDir: string): Readonly<Record<string, string>> {
  if (!('socketPath' in endpoint)) return {};
  try {
    return { Authorization: `Bearer ${readOwnerToken(stateDir)}` };
  } catch {
    return {};
  }
}

function judged(status: number, text: string, endpoint: Endpoint, stateDir: string): Seen {
  const { pid, status: state = 'unknown', broken = [] } = parsed(text);
  if ('port' in endpoint && pid !== lockHolder(stateDir))
    return { ok: false, cause: `what answers on port ${endpoint.port} is not the daemon of ${stateDir}` };
  if (status === 200) return { ok: true };
  const leases = broken.length === 0 ? '' : `, ${plural(broken.length, 'broken lease')}: ${broken.join(', ')}`;
  return { ok: false, cause: `/daemon/health answers ${status}: ${state}${leases}` };
}

function parsed(text: string): Health {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
