/** Requests that no handler should see: unknown paths, wrong methods, names that are none. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isStrategyName } from '../domain/ids.ts';
import { QktError } from '../errors.ts';
import type { AllowedMethods } from './allowed-methods.ts';

/** Refuses by path, method and strategy name, before a token, query or body is looked at. */
export function misdirected(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: AllowedMethods,
): QktError | undefined {
  if (request.is404) return wrongPathOrMethod(request, reply, methods);
  const { name } = request.params as { readonly name?: string };
  if (name === undefined || isStrategyName(name)) return undefined;
  return new QktError('QKT_E_STRATEGY_NAME', `${JSON.stringify(name.slice(0, 80))} is not a strategy name`);
}

function wrongPathOrMethod(request: FastifyRequest, reply: FastifyReply, methods: AllowedMethods): QktError {
  const path = request.url.split('?', 1)[0]!;
  const allowed = methods.of(path);
  if (allowed.length === 0 && request.method !== 'OPTIONS') {
    return new QktError('QKT_E_UNKNOWN_PATH', `there is nothing at ${JSON.stringify(path.slice(0, 200))}`);
  }
  reply.header('allow', allowed.join(', '));
  return new QktError('QKT_E_METHOD', `${request.method} is not taken here; ${allowed.join(', ') || 'nothing'} is`);
}
