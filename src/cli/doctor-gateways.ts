/** `qkt doctor`: the MT5 gateways of the configuration, asked directly: a daemon need not run. */
import type { Mt5VenueConfig } from '../config/mt5-venue.ts';
import { hideLogin } from '../config/secrets.ts';
import type { VenueConfig } from '../config/types.ts';
import { fail, warn, well, word, type Ailment } from './doctor-findings.ts';

const PATIENCE_MS = 3000;

interface Readiness {
  readonly status?: unknown;
  readonly mt5_status?: unknown;
  readonly error?: unknown;
  readonly kill_switch_active?: unknown;
}

export async function gatewayFindings(venues: Iterable<VenueConfig>): Promise<readonly Ailment[]> {
  const gateways = [...venues].filter((venue) => venue.type === 'mt5');
  return Promise.all(gateways.map(gatewayFinding));
}

/** The truth is at `/health/ready`: `/health` answers 200 whatever has happened. */
async function gatewayFinding({ name, gatewayUrl, apiKey }: Mt5VenueConfig): Promise<Ailment> {
  const check = `MT5 ${name}`;
  // As the daemon asks it: nobody is sent a name and password of an address.
  const address = hideLogin(gatewayUrl, '').replace(/\/$/, '');
  const url = `${address}/health/ready`;
  const mend = `curl -s ${word(url)}`;
  try {
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 401) return fail(check, `${address} refuses the key`, 'qkt config check');
    const said = (await answer.json()) as Readiness;
    if (answer.status === 200 && said.status === 'ready') return well(check, `${address} is ready`);
    if (said.kill_switch_active === true) return warn(check, `${address}: the kill switch is on`, mend);
    return fail(check, `${address} is not ready: ${reasonOf(said, answer.status)}`, mend);
  } catch (error) {
    return fail(check, `${address} does not answer: ${causeOf(error)}`, mend);
  }
}

const reasonOf = ({ error, mt5_status: status }: Readiness, http: number): string =>
  [error, status, `HTTP ${http}`].find((part) => typeof part === 'string' && part !== '') as string;

/** Fetch puts what has happened into the cause of its error. */
function causeOf(error: unknown): string {
  const { cause, message, name } = error as Error;
  if (name === 'TimeoutError') return `nothing within ${PATIENCE_MS / 1000} s`;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
