/** Beside a table of strategies: what keeps those that trade from entering. */
import type { GatewayView } from '../domain/gateway-views.ts';
import type { DaemonHealthView } from '../domain/health-views.ts';
import type { DaemonClient } from './client.ts';
import { parseExact } from './exact-json.ts';
import { isBroken, leaseTrouble } from './lease-words.ts';
import { note, printable } from './output.ts';

/** A line per lease of the daemon that is broken, and per gateway that is not ready, on stderr. */
export async function noteTrouble(client: DaemonClient): Promise<void> {
  const { leases = [] } = parseExact<Partial<DaemonHealthView>>((await client.ask('/daemon/health')).text);
  for (const lease of leases.filter(isBroken)) {
    // A journal that is only late keeps nobody out.
    const closed = lease.name === 'journal' && lease.reason !== undefined ? '; entries are closed meanwhile' : '';
    note(printable(`The daemon is not healthy: ${leaseTrouble(lease)}${closed}`));
  }
  const gateways = parseExact<GatewayView[]>((await client.get('/daemon/gateways')).text);
  for (const { name, state, cause } of gateways.filter((gateway) => gateway.state !== 'ready'))
    note(
      printable(`Gateway ${name} is ${state}${cause === null ? '' : `: ${cause}`}; no entry passes to it meanwhile`),
    );
}
