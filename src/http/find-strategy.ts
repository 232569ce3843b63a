/** The strategy that a request means. */
import type { FastifyRequest } from 'fastify';
import { closest } from '../domain/near-names.ts';
import type { DaemonPort, StrategyPort } from '../domain/ports.ts';
import { QktError } from '../errors.ts';
import type { CommandContext } from './commands.ts';

/** Where the routes of a strategy are, and whose they are. */
export interface StrategyRoutes {
  /** `` or `/daemon/strategies/:name`. */
  readonly prefix: string;
  readonly context: CommandContext;
  /** The name that a request means, whether there is such a strategy or not. */
  readonly nameOf: (request: FastifyRequest) => string;
  /** @throws QktError QKT_E_UNKNOWN_STRATEGY */
  readonly find: (request: FastifyRequest) => StrategyPort;
}

/** The strategy's name in a path of the control plane. */
export const nameIn = (request: FastifyRequest): string => (request.params as { readonly name: string }).name;

/** @throws QktError QKT_E_UNKNOWN_STRATEGY, with the names that come close */
export function findStrategy(daemon: DaemonPort, request: FastifyRequest): StrategyPort {
  const name = nameIn(request);
  const strategy = daemon.strategy(name);
  if (strategy !== undefined) return strategy;
  throw unknownStrategy(daemon, name);
}

/** The refusal of a name, with the deployed ones that come close. */
export function unknownStrategy(daemon: DaemonPort, name: string): QktError {
  const candidates = closest(name, daemon.names());
  return new QktError('QKT_E_UNKNOWN_STRATEGY', `no strategy is named ${name}`, { candidates });
}
