/** A server of its own for each strategy, on a port of the pool. */
import type { OpenPort } from '../actors/member-port.ts';
import type { StrategyPort } from '../domain/ports.ts';
import type { HttpOptions } from '../http/http-server.ts';
import type { OperationRegistry } from '../http/operations.ts';
import { createStrategyServer } from '../http/strategy-server.ts';
import { PortPool } from '../store/port-pool.ts';

/** Opens a strategy's server on the port that it had, or on the lowest that is free. @throws QktError QKT_E_PORT_POOL_EMPTY */
export type OpenStrategyPort = (strategy: StrategyPort, preferred: number | undefined) => Promise<OpenPort>;

export function strategyPorts(
  range: ConstructorParameters<typeof PortPool>[0],
  http: HttpOptions,
  operations: OperationRegistry,
): OpenStrategyPort {
  const pool = new PortPool(range);
  return async (strategy, preferred) => {
    const server = createStrategyServer({ ...http, strategy, operations });
    const port = await pool.claim(preferred, (candidate) => listens(server, candidate));
    return {
      port,
      readers: () => server.readers(),
      close: async () => {
        await server.close();
        pool.release(port);
      },
    };
  };
}

async function listens(server: { listen(where: { port: number }): Promise<number> }, port: number): Promise<boolean> {
  try {
    await server.listen({ port });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
