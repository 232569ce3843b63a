/** The strategy that a path names. */
import type { FastifyRequest } from 'fastify';
import type { DaemonPort, StrategyPort } from '../domain/ports.ts';
import { QktError } from '../errors.ts';
import { closest } from './validation.ts';

/** @throws QktError QKT_E_UNKNOWN_STRATEGY, with the names that come close */
export function findStrategy(daemon: DaemonPort, request: FastifyRequest): StrategyPort {
  const { name } = request.params as { readonly name: string };
  const strategy = daemon.strategy(name);
  if (strategy !== undefined) return strategy;
  const candidates = closest(name, daemon.names());
  throw new QktError('QKT_E_UNKNOWN_STRATEGY', `no strategy is named ${name}`, { candidates });
}
