/** The HTTP face: carries requests and answers. It stands in for a foreign service and shares nothing with ours. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { internalError } from './answers.ts';
import { exchange, type WireAnswer } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { CUT } from './respond.ts';
import { toJson } from '../domain/json.ts';

const BODY_LIMIT = 16_384;

export function createServer(gateway: Gateway): FastifyInstance {
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parsed) => parsed(null, text));
  const carry = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { method, url, headers, body } = request;
    const sent = typeof body === 'string' ? { body } : {};
    const answer = await exchange(gateway, { method, url, headers, ...sent });
    if (answer !== CUT) return send(reply, answer);
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  };
  app.all('/*', carry);
  app.setNotFoundHandler(carry);
  app.setErrorHandler((error: Error, request, reply) => {
    const { status, body } = internalError(`${request.method} ${request.url}`, error.message).answer;
    const headers = { 'content-type': 'application/json', 'x-request-id': request.id };
    return send(reply, { status, headers, body: toJson({ ...(body as object), ok: false, request_id: request.id }) });
  });
  return app;
}

function send(reply: FastifyReply, { status, headers, body }: WireAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
