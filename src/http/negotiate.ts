/** JSON or msgpack: the same object, decimals as plain numbers in one and as strings in the other. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pack } from 'msgpackr';
import { toPlain } from '../domain/json.ts';
import { quality } from './accept.ts';
import { viewJson } from './view-json.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const MSGPACK_TYPE = 'application/msgpack';

/** True when the request asks for msgpack; a `format` parameter wins over the Accept header. */
export function wantsMsgpack(request: FastifyRequest): boolean {
  const { format } = request.query as { readonly format?: string };
  return format === undefined ? acceptsMsgpack(request.headers.accept) : format === 'msgpack';
}

/** Answers with an object in the form that the request asks for. */
export function sendObject(request: FastifyRequest, reply: FastifyReply, status: number, body: object): FastifyReply {
  reply.code(status);
  if (!wantsMsgpack(request)) return reply.header('content-type', JSON_TYPE).send(viewJson(body));
  return reply.header('content-type', MSGPACK_TYPE).send(pack(toPlain(body)));
}

function acceptsMsgpack(accept: string | undefined): boolean {
  if (accept === undefined || !/msgpack/i.test(accept)) return false;
  const msgpack = quality(accept, MSGPACK_TYPE);
  return msgpack > 0 && msgpack >= quality(accept, 'application/json');
}
