/** HTTP as the client sees it, and the connections that carry it; a test may bring a transport of its own. */
import type { Pool } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Transport {
  /** One request, sent once. Rejects when there is no whole answer. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** Of one gateway, at once. */
export const MOST_CONNECTIONS = 16;
const CONNECT_TIMEOUT_MS = 5000;
const LARGEST_ANSWER = 64 * 1024 * 1024;

/**
 * Keeps connections to a gateway. undici is loaded only here: a daemon without MT5 does not need it.
 * @param url http or https; a path in it goes before every route
 */
export async function openTransport(url: string): Promise<Transport> {
  const { Pool } = await import('undici');
  const { origin, pathname } = new URL(url);
  // Without pipelining a request that fails was the only one on its connection: nothing is ever sent again.
  const pool = new Pool(origin, {
    connections: MOST_CONNECTIONS,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    maxResponseSize: LARGEST_ANSWER,
  });
  const prefix = pathname.replace(/\/$/, '');
  return { send: (request) => sendBy(pool, prefix, request), close: () => pool.destroy() };
}

async function sendBy(
  pool: Pool,
  prefix: string,
  { method, path, headers, body, signal }: HttpRequest,
): Promise<HttpAnswer> {
  const answer = await pool.request({
    method,
    path: prefix + path,
    headers,
    signal,
    ...(body !== undefined && { body }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: singleValues(answer.headers), text };
}

function singleValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
