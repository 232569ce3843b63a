/**
 * The request gate: what stands before every route, so that no web page can read from or command a
 * daemon. A page on another loopback port can POST here, a public one can navigate here, and a
 * rebound name sends neither Origin nor Sec-Fetch: hence the list of hosts first.
 */
import type { IncomingMessage } from 'node:http';
import { QktError } from '../errors.ts';
import type { OwnNames } from './bind.ts';

/** Says why a request is refused; `undefined` lets it pass. */
export type Gate = (request: IncomingMessage) => QktError | undefined;

/** On every answer, refusals included. */
export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** The gate of a TCP port. The names are asked for at each request: the port is known only once bound. */
export function tcpGate(names: () => OwnNames): Gate {
  return (request) => {
    const own = names();
    return checkHost(request, own) ?? checkTarget(request) ?? checkOrigin(request, own) ?? checkFetchSite(request);
  };
}

/** The gate of the unix socket, which no browser reaches: Host and Origin are not asked. */
export const socketGate: Gate = (request) => checkTarget(request);

function checkHost({ rawHeaders }: IncomingMessage, own: OwnNames): QktError | undefined {
  let host: string | undefined;
  // Node keeps only the first of several Host headers in `headers`.
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== undefined) return new QktError('QKT_E_FOREIGN_HOST', 'there is more than one Host header');
    host = rawHeaders[i + 1]!;
  }
  if (host === undefined) return new QktError('QKT_E_FOREIGN_HOST', 'there is no Host header');
  if (own.hosts.has(host) || own.hosts.has(host.toLowerCase())) return undefined;
  return new QktError('QKT_E_FOREIGN_HOST', `the Host ${JSON.stringify(host.slice(0, 100))} is not one of ours`);
}

function checkTarget({ url = '' }: IncomingMessage): QktError | undefined {
  if (url.startsWith('/') && !url.startsWith('//')) return undefined;
  return new QktError('QKT_E_BAD_REQUEST', 'the request target must be a path that starts with a single /');
}

function checkOrigin({ headers }: IncomingMessage, own: OwnNames): QktError | undefined {
  const { origin } = headers;
  if (origin === undefined || own.origins.has(origin.toLowerCase())) return undefined;
  return new QktError('QKT_E_FOREIGN_ORIGIN', `the Origin ${JSON.stringify(origin.slice(0, 100))} is not our own`);
}

function checkFetchSite({ headers }: IncomingMessage): QktError | undefined {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  return new QktError('QKT_E_FOREIGN_ORIGIN', `Sec-Fetch-Site ${JSON.stringify(site)} comes from another page`);
}
