/** `/events`: a page, a long poll, or a stream of JSON lines or server-sent events. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pack } from 'msgpackr';
import type { EventPage } from '../domain/events.ts';
import { toPlain } from '../domain/json.ts';
import type { EventSource } from '../domain/ports.ts';
import { NDJSON, pageObjects, pageText, SSE, type EventFraming } from './event-lines.ts';
import { isEmpty, readAfter, waitForPage } from './event-poll.ts';
import { readEventRequest, type EventRequest } from './event-query.ts';
import { MSGPACK_TYPE } from './negotiate.ts';
import { Notices } from './notices.ts';
import { streamAnswer, type StreamContext } from './open-stream.ts';
import type { PacedWriter } from './paced-writer.ts';

const CURSOR = 'qkt-next-since';
/** Events pulled at once for a stream, so that one reader's catching up leaves the loop to others in between. */
const STREAM_PAGE = 250;

/** Answers a request for events. @throws QktError for what cannot be answered */
export async function answerEvents(
  source: EventSource,
  context: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const wanted = readEventRequest(request);
  const first = readAfter(source, wanted.since, filterOf(wanted, wanted.limit));
  if (wanted.form === 'page') {
    sendPage(await pageFor(source, wanted, first, context, request, reply), wanted, reply);
    return;
  }
  const framing = wanted.form === 'sse' ? SSE : NDJSON;
  const headers = { 'content-type': framing.contentType, [CURSOR]: String(first.next) };
  if (request.method === 'HEAD') {
    reply.headers(headers).send();
    return;
  }
  await streamAnswer(context, request, reply, { headers, keepAlive: framing.keepAlive }, (writer, signal) =>
    follow(source, wanted, first, framing, writer, signal),
  );
}

function filterOf({ types }: EventRequest, limit: number) {
  return types === undefined ? { limit } : { types, limit };
}

/** The page at hand, or the one that a long poll waits for. */
async function pageFor(
  source: EventSource,
  wanted: EventRequest,
  first: EventPage,
  { clock, open }: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<EventPage> {
  const atOnce = wanted.since === undefined || !isEmpty(first) || wanted.waitMs === 0 || request.method === 'HEAD';
  if (atOnce) return first;
  // A waiting reader holds a connection like any stream, and must leave room for commands too.
  const signal = open.openStream(reply.raw);
  return waitForPage(source, first.next, filterOf(wanted, wanted.limit), wanted.waitMs, clock, signal);
}

function sendPage(page: EventPage, { msgpack }: EventRequest, reply: FastifyReply): void {
  reply.header(CURSOR, page.next);
  if (msgpack) reply.header('content-type', MSGPACK_TYPE).send(pack(toPlain(pageObjects(page))));
  else reply.header('content-type', NDJSON.contentType).send(Buffer.from(pageText(page, NDJSON)));
}

/**
 * Writes what there is, then what comes, until the reader goes or has had as many events as it asked for.
 * A closing server tells what happened last: a strategy's end is seen by who follows it.
 */
async function follow(
  source: EventSource,
  wanted: EventRequest,
  first: EventPage,
  framing: EventFraming,
  writer: PacedWriter,
  signal: AbortSignal,
): Promise<void> {
  const notices = new Notices(source, signal);
  try {
    let left = wanted.limit;
    let page = first;
    for (;;) {
      writer.write(pageText(page, framing));
      if (wanted.limited) left -= page.events.length;
      if (left <= 0 || !(await writer.room())) return;
      const size = Math.min(left, STREAM_PAGE);
      if (page !== first && page.events.length < size) await notices.next();
      else await nextTurn();
      page = readAfter(source, page.next, filterOf(wanted, size));
      if (signal.aborted) {
        writer.last(pageText(page, framing));
        return;
      }
    }
  } finally {
    notices.close();
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
