/** A server of ours from its options to a listening socket. */
import type { Clock } from '../clock.ts';
import { checkBind, listenAddress, ownNames, type OwnNames } from './bind.ts';
import { createHttpApp, type HttpApp } from './http-app.ts';
import type { QueueView } from '../domain/health-views.ts';
import type { HttpCounters } from './http-counters.ts';
import { MAX_STREAMS, OpenRequests } from './open-requests.ts';
import type { HttpFailure } from './problems.ts';
import type { ReaderShare } from './reader-share.ts';
import { socketGate, tcpGate } from './request-gate.ts';
import type { TokenStore } from './tokens.ts';

export interface HttpOptions {
  readonly clock: Clock;
  /** One store for all servers of a daemon: failed attempts are counted over all of them. */
  readonly tokens: TokenStore;
  /** Of qkt, for the OpenAPI document. */
  readonly version: string;
  /** Address to listen on; anything but loopback needs `expose`, and then reading needs a token. */
  readonly bind: string;
  readonly expose: boolean;
  /** Names beyond our own that the Host header may hold. */
  readonly allowedHosts: readonly string[];
  /** One for all servers of a daemon: what following events may take of the main thread. */
  readonly share: ReaderShare;
  /** One for all servers of a daemon: what looking into the past may take of it, for as long as somebody waits. */
  readonly historyShare: ReaderShare;
  /** One for all servers of a daemon. */
  readonly counters: HttpCounters;
  /** Told of every unexpected error, whose text no answer carries. */
  readonly report: (failure: HttpFailure) => void;
}

/** Where a server listens. On a unix socket Host and Origin are not asked, the token is. */
export type Where = { readonly port: number } | { readonly path: string };

export interface HttpServer {
  /**
   * @returns the port (the one that was free for port 0; 0 for a unix socket)
   * @throws Error with code EADDRINUSE when the address is taken; another may be tried then
   */
  listen(where: Where): Promise<number>;
  /** Streams and waiting polls that are open, and the most that may be. */
  readers(): QueueView;
  /** Ends the streams, lets the commands under way answer for a second, and closes. Never hangs. */
  close(): Promise<void>;
}

/** @throws QktError QKT_E_BIND */
export function createHttpServer(
  title: string,
  options: HttpOptions,
  routes: (app: HttpApp, open: OpenRequests) => void,
): HttpServer {
  const { readsNeedToken } = checkBind(options.bind, options.expose);
  const open = new OpenRequests(options.clock);
  let names: OwnNames | undefined;
  let gate = tcpGate(() => (names ??= ownNames(boundPort(app), options.bind, options.allowedHosts)));
  const app = createHttpApp({ ...options, title, readsNeedToken, gate: (request) => gate(request) }, (instance) =>
    routes(instance, open),
  );
  app.server.on('drop', () => options.counters.turnedAway());
  app.addHook('preClose', () => open.finish());
  return {
    async listen(where) {
      if ('path' in where) {
        gate = socketGate;
        await app.listen({ path: where.path });
        return 0;
      }
      await app.listen({ port: where.port, host: listenAddress(options.bind) });
      return boundPort(app);
    },
    readers: () => ({ name: 'readers', depth: open.streams, limit: MAX_STREAMS }),
    close: () => app.close(),
  };
}

const boundPort = (app: HttpApp): number => (app.server.address() as { readonly port: number }).port;
