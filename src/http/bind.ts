/** Which addresses a server may listen on, and which Host and Origin headers are then our own. */
import { isIP } from 'node:net';
import { QktError } from '../errors.ts';

/** True for the addresses that only this machine reaches. */
export function isLoopback(bind: string): boolean {
  return bind === 'localhost' || bind === '::1' || (isIP(bind) === 4 && bind.startsWith('127.'));
}

/**
 * Refuses an address that other machines reach unless that was asked for by name.
 * @returns whether reading needs a token there.
 * @throws QktError QKT_E_BIND
 */
export function checkBind(bind: string, expose: boolean): { readonly readsNeedToken: boolean } {
  if (isLoopback(bind)) return { readsNeedToken: false };
  if (!expose) throw new QktError('QKT_E_BIND', `${bind} is not a loopback address, and --expose was not given`);
  return { readsNeedToken: true };
}

/** The address to listen on; a name would be looked up, and could come out as something else. */
export const listenAddress = (bind: string): string => (bind === 'localhost' ? '127.0.0.1' : bind);

export interface OwnNames {
  /** Values of the Host header that we answer to, in lower case. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** @param allowedHosts names given with `--allowed-host`, with or without a port. */
export function ownNames(port: number, bind: string, allowedHosts: readonly string[]): OwnNames {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
  if (bind !== '0.0.0.0' && bind !== '::') hosts.add(isIP(bind) === 6 ? `[${bind}]:${port}` : `${bind}:${port}`);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  for (const name of allowedHosts.map((host) => host.toLowerCase())) {
    // A proxy in front may speak TLS on its default port: then neither header has a port.
    for (const host of [name, `${name}:${port}`]) {
      hosts.add(host);
      origins.add(`http://${host}`).add(`https://${host}`);
    }
  }
  return { hosts, origins };
}
