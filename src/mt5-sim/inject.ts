/** Requests to a server in this process: the same routes and bytes as over a socket, without one. */
import type { FastifyInstance } from 'fastify';

export interface InjectedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Injected {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @throws when the connection would be cut without an answer */
export async function inject(server: FastifyInstance, request: InjectedRequest): Promise<Injected> {
  const { method, url, headers = {}, body } = request;
  const answer = await server.inject({ method, url, headers, ...(body !== undefined && { payload: body }) });
  const texts = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: answer.statusCode, headers: Object.fromEntries(texts), body: answer.payload };
}
