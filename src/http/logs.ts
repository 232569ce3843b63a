/** `/logs`: the tail of a strategy's log file, and what is added to it. */
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LogQuery, LogSource } from '../domain/ports.ts';
import { streamAnswer, type StreamContext } from './open-stream.ts';
import type { LogsQuery } from './schemas.ts';
import { badField } from './validation.ts';

const DEFAULT_LINES = 200;
const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z$/;
const TYPES = { text: 'text/plain; charset=utf-8', json: 'application/x-ndjson' } as const;

/** Answers a request for log lines. @throws QktError for what cannot be answered */
export async function answerLogs(
  logs: LogSource,
  context: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const asked = request.query as Static<typeof LogsQuery>;
  const query = readLogQuery(asked);
  const headers = { 'content-type': TYPES[query.format] };
  if (asked.follow !== true) {
    const lines = await logs.tail(query);
    reply.headers(headers).send(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    return;
  }
  if (request.method === 'HEAD') {
    reply.headers(headers).send();
    return;
  }
  await streamAnswer(context, request, reply, { headers, keepAlive: '\n' }, async (writer, signal) => {
    for await (const line of logs.follow(query, signal)) {
      writer.write(`${line}\n`);
      if (!(await writer.room())) return;
    }
  });
}

function readLogQuery({ lines, since, level, format }: Static<typeof LogsQuery>): LogQuery {
  return {
    lines: lines ?? DEFAULT_LINES,
    format: format ?? 'text',
    ...(since === undefined ? {} : { since: parseSince(since) }),
    ...(level === undefined ? {} : { level }),
  };
}

function parseSince(text: string): number {
  const time = ISO_UTC.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw badField('since', 'the query parameter `since` must be an ISO-8601 UTC time as 2026-11-22T07:28:33.123Z');
}
