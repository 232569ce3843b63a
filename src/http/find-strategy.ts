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
  /** @throws QktError QKT_E_UNKNOWN_STRATEGY */
  readonly find: (request: FastifyRequest) => StrategyPort;
}

/** @throws QktError QKT_E_UNKNOWN_STRATEGY, with the names that come close */
export function findStrategy(daemon: DaemonPort, request: FastifyRequest): StrategyPort {
  const { name } = request.params as { readonly name: string };
  const strategy = daemon.strategy(name);
  if (strategy !== undefined) return strategy;
  throw unknownStrategy(daemon, name);
}

/** The refusal of a name, with the deployed ones that come close. */
export function unknownStrategy(daemon: DaemonPort, name: string): QktError {
  const candidates = closest(name, daemon.names());
  return new QktError('QKT_E_UNKNOWN_STRATEGY', `no strategy is named ${name}`, { candidates });
}
