/** The server on a strategy's own port. */
import type { StrategyPort } from '../domain/ports.ts';
import { createHttpServer, type HttpOptions, type HttpServer } from './http-server.ts';
import type { OperationRegistry } from './operations.ts';
import { registerOpenapi } from './routes-openapi.ts';
import { registerStrategyRoutes } from './routes-strategy.ts';

export interface StrategyServerOptions extends HttpOptions {
  readonly strategy: StrategyPort;
  /** The daemon's, so that a command sent here can be asked for at the control plane too. */
  readonly operations: OperationRegistry;
}

/** @throws QktError QKT_E_BIND */
export function createStrategyServer(options: StrategyServerOptions): HttpServer {
  const { strategy } = options;
  return createHttpServer(`qkt strategy ${strategy.name}`, options, (app, open) => {
    const context = { ...options, open, operationsPrefix: '' };
    registerStrategyRoutes(app, { prefix: '', context, nameOf: () => strategy.name, find: () => strategy });
    registerOpenapi(app);
  });
}
