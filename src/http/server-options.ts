/** The node:http server under each Fastify instance: limits on what may come in, and the gate before everything. */
import {
  createServer,
  type IncomingMessage,
  ServerResponse,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { rememberExchange } from './client-errors.ts';
import { discardBody } from './discard-body.ts';
import { writeProblem } from './problems.ts';
import { SECURITY_HEADERS, type Gate } from './request-gate.ts';

export const BODY_LIMIT = 64 * 1024;

export const LIMITS = {
  /** Bytes; more is answered 431. */
  maxHeaderSize: 16 * 1024,
  /** Until the headers are complete, counted from the connection or the first byte. */
  headersTimeout: 5000,
  /** Until the whole request has come in; an answer may take as long as it needs. */
  requestTimeout: 10_000,
  /** How often the two are looked at, and so how late they may be. */
  connectionsCheckingInterval: 500,
  keepAliveTimeout: 5000,
  /** The gate refuses a request without Host itself, with the status that it should have. */
  requireHostHeader: false,
} as const;

const MAX_CONNECTIONS = 128;

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

const SECURITY = Object.entries(SECURITY_HEADERS).flat();

/** Whoever writes the head of an answer, the framework, a stream or Node itself: what no answer may lack is in it. */
class GuardedResponse extends ServerResponse {
  override writeHead(status: number, message?: string, headers?: Headers): this;
  override writeHead(status: number, headers?: Headers): this;
  override writeHead(status: number, second?: string | Headers, third?: Headers): this {
    const [message, headers] = typeof second === 'string' ? [second, third] : [undefined, second];
    // A flat list of names and values is what Node itself makes of any other form.
    const all = [...SECURITY];
    if (Array.isArray(headers)) all.push(...(headers as string[]));
    else for (const name in headers) all.push(name, headers[name] as string);
    return message === undefined ? super.writeHead(status, all) : super.writeHead(status, message, all);
  }
}

/** A server whose every request passes the gate before `handle` sees it. */
export function createGatedServer(gate: Gate, handle: RequestListener): Server {
  const server = createServer<typeof IncomingMessage, typeof GuardedResponse>(
    { ...LIMITS, ServerResponse: GuardedResponse },
    (request, response) => {
      rememberExchange(request, response);
      const refusal = gate(request);
      if (refusal === undefined) {
        handle(request, response);
        return;
      }
      writeProblem(response, refusal);
      discardBody(request);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
