/** Answers to what is no HTTP request at all: raw bytes on a socket, too slow, too large or malformed. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { toJson } from '../domain/json.ts';
import { QktError, toProblem, type ErrorCode } from '../errors.ts';
import { PROBLEM_TYPE } from './problems.ts';

/** The last request of each connection: an answer that has begun must not be written into. */
const exchanges = new WeakMap<object, { request: IncomingMessage; response: ServerResponse }>();

export function rememberExchange(request: IncomingMessage, response: ServerResponse): void {
  const last = exchanges.get(request.socket);
  if (last === undefined) exchanges.set(request.socket, { request, response });
  else [last.request, last.response] = [request, response];
}

/** Handler of the server's `clientError`: gives the code of the error that was answered, if any was. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): ErrorCode | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable || midAnswer(socket)) {
    socket.destroy();
    return undefined;
  }
  const refusal = describe(error.code);
  const problem = toProblem(refusal);
  const body = toJson(problem);
  socket.write(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n` +
      `Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.destroySoon();
  return refusal.code;
}

function midAnswer(socket: Socket): boolean {
  const last = exchanges.get(socket);
  if (last === undefined) return false;
  const over = last.response.writableFinished && last.request.complete;
  return !over && last.response.headersSent;
}

function describe(code: string | undefined): QktError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new QktError('QKT_E_REQUEST_TIMEOUT', 'the request took too long to arrive');
    case 'HPE_HEADER_OVERFLOW':
      return new QktError('QKT_E_HEADERS_TOO_LARGE', 'the headers are over 16 KiB');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new QktError('QKT_E_BODY_TOO_LARGE', 'the chunk extensions are too large');
    default:
      return new QktError('QKT_E_BAD_REQUEST', `this is not HTTP/1.1${code === undefined ? '' : ` (${code})`}`);
  }
}
