/** Refusals and failures as `application/problem+json` (RFC 9457). */
import type { ServerResponse } from 'node:http';
import { toJson } from '../domain/json.ts';
import { QktError, toProblem, type ErrorCode, type Problem } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** An unexpected error, for the daemon's log; the answer carries the id and nothing of the error. */
export interface HttpFailure {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly error: unknown;
}

const BY_FASTIFY_CODE: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_BAD_URL: ['QKT_E_BAD_REQUEST', 'the path holds a malformed percent-encoding'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['QKT_E_BODY_TOO_LARGE', 'the body is over 65536 bytes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['QKT_E_MEDIA_TYPE', 'the Content-Type is not application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['QKT_E_BAD_REQUEST', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['QKT_E_BAD_REQUEST', 'the body is not as long as its Content-Length'],
};

/** What the framework or a handler threw, as a catalogue error. */
export function asRefusal(thrown: unknown): QktError {
  if (thrown instanceof QktError) return thrown;
  const { code, statusCode, message } = thrown as { code?: string; statusCode?: number; message?: string };
  const known = code === undefined ? undefined : BY_FASTIFY_CODE[code];
  if (known !== undefined) return new QktError(known[0], known[1]);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new QktError('QKT_E_BAD_REQUEST', message ?? 'the request is not valid');
  }
  return new QktError('QKT_E_INTERNAL', 'an unexpected error', { cause: thrown });
}

/** The answer to an unexpected error: its text may hold anything, so it goes to the log only. */
export function hiddenFailure(requestId: string): QktError {
  return new QktError('QKT_E_INTERNAL', `request ${requestId} failed; the daemon's log says why`, {
    members: { requestId },
  });
}

/** Headers that go with a problem beyond the common ones. */
export function problemHeaders(problem: Problem): Record<string, string> {
  switch (problem.status) {
    case 401:
      return { 'WWW-Authenticate': 'Bearer' };
    case 503:
      return { 'Retry-After': '5' };
    default:
      return {};
  }
}

/** Writes a problem where no framework is in the way yet (the gate). */
export function writeProblem(response: ServerResponse, error: QktError): void {
  const problem = toProblem(error);
  const body = Buffer.from(toJson(problem));
  response.writeHead(problem.status, {
    ...problemHeaders(problem),
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': body.length,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
