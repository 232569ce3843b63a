/** An answer that stays open: takes a place, sends the headers, lets a producer write, and ends in order. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { HttpCounters } from './http-counters.ts';
import type { OpenRequests } from './open-requests.ts';
import { PacedWriter } from './paced-writer.ts';
import type { HttpFailure } from './problems.ts';
import type { ReaderShare } from './reader-share.ts';

export interface StreamContext {
  readonly clock: Clock;
  readonly open: OpenRequests;
  /** The daemon's. */
  readonly share: ReaderShare;
  readonly historyShare: ReaderShare;
  readonly counters: HttpCounters;
  readonly report: (failure: HttpFailure) => void;
}

export interface StreamHead {
  readonly headers: Readonly<Record<string, string>>;
  readonly keepAlive: string | Buffer;
}

/** @throws QktError QKT_E_TOO_MANY_STREAMS */
export async function streamAnswer(
  context: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { headers, keepAlive }: StreamHead,
  produce: (writer: PacedWriter, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const response = reply.raw;
  const { clock, counters } = context;
  const signal = context.open.openStream(response);
  reply.hijack();
  response.writeHead(200, headers);
  response.flushHeaders();
  try {
    await produce(new PacedWriter(response, clock, keepAlive, signal, () => counters.cut('stuck')), signal);
    response.end();
  } catch (error) {
    counters.cut('failed');
    // The status has gone out already: a broken connection is how the reader learns of it.
    context.report({ requestId: request.id, method: request.method, path: request.url, error });
    response.destroy();
  }
}
