/** `/events`: a page, a long poll, or a stream of JSON lines, server-sent events or msgpack values. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pack } from 'msgpackr';
import { isGap, type EventFilter, type EventItem, type EventPage } from '../domain/events.ts';
import { toPlain } from '../domain/json.ts';
import type { EventPort, EventSource } from '../domain/ports.ts';
import { itemObject, lines, MSGPACK, NDJSON, SSE, type EventFraming } from './event-lines.ts';
import { countEvents, nextTurn, readPage, waitForPage } from './event-poll.ts';
import { readEventRequest, type EventRequest } from './event-query.ts';
import { MSGPACK_TYPE } from './negotiate.ts';
import { Notices } from './notices.ts';
import { streamAnswer, type StreamContext } from './open-stream.ts';
import type { PacedWriter } from './paced-writer.ts';
import type { ReaderShare } from './reader-share.ts';

const CURSOR = 'qkt-next-since';
/** Events pulled at once for a stream, so that one reader's catching up leaves the loop to others in between. */
const STREAM_PAGE = 250;

/** Answers a request for events. @throws QktError for what cannot be answered */
export async function answerEvents<Cursor>(
  { source, consumers }: EventPort<Cursor>,
  context: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const asked = readEventRequest(request, source.form);
  const { consumer } = asked;
  const wanted =
    consumer === undefined ? asked : { ...asked, since: asked.since ?? consumers.get(consumer) ?? source.form.start };
  if (wanted.form === 'page') {
    sendPage(await pageFor(source, wanted, context, request, reply), source, wanted, reply);
    return;
  }
  const framing = wanted.form === 'sse' ? SSE : wanted.msgpack ? MSGPACK : NDJSON;
  const first = source.read(wanted.since, filterOf(wanted, Math.min(wanted.limit, STREAM_PAGE)));
  const headers = { 'content-type': framing.contentType, [CURSOR]: source.form.format(first.next) };
  if (request.method === 'HEAD') {
    reply.headers(headers).send();
    return;
  }
  await streamAnswer(context, request, reply, { headers, keepAlive: framing.keepAlive }, (writer, signal) =>
    follow(source, wanted, first, framing, context.share, writer, signal),
  );
}

function filterOf<Cursor>({ types, symbols }: EventRequest<Cursor>, limit: number): EventFilter {
  return { ...(types === undefined ? {} : { types }), ...(symbols === undefined ? {} : { symbols }), limit };
}

/** The page at hand, or the one that a long poll waits for. */
async function pageFor<Cursor>(
  source: EventSource<Cursor>,
  wanted: EventRequest<Cursor>,
  { clock, open }: StreamContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<EventPage<Cursor>> {
  const filter = filterOf(wanted, wanted.limit);
  const page = await readPage(source, wanted.since, filter);
  const atOnce =
    wanted.since === undefined || page.items.length > 0 || wanted.waitMs === 0 || request.method === 'HEAD';
  if (atOnce) return page;
  // A waiting reader holds a connection like any stream, and must leave room for commands too.
  const signal = open.openStream(reply.raw);
  return waitForPage(source, page.next, filter, wanted.waitMs, clock, signal);
}

function sendPage<Cursor>(
  { items, next }: EventPage<Cursor>,
  { form }: EventSource<Cursor>,
  { msgpack }: EventRequest<Cursor>,
  reply: FastifyReply,
): void {
  const shown = lossFirst(items);
  reply.header(CURSOR, form.format(next));
  if (msgpack) reply.header('content-type', MSGPACK_TYPE).send(pack(toPlain(shown.map(itemObject))));
  else reply.header('content-type', NDJSON.contentType).send(Buffer.from(lines(shown)));
}

/** A page is taken whole: its first line says whether something is missing. A stream tells each gap in its place. */
function lossFirst(items: readonly EventItem[]): readonly EventItem[] {
  const at = items.findIndex(isGap);
  return at <= 0 ? items : [items[at]!, ...items.slice(0, at), ...items.slice(at + 1)];
}

/**
 * Writes what there is, then what comes, until the reader goes or has had as many events as it asked for.
 * A closing server tells what happened last: a strategy's end is seen by who follows it.
 */
async function follow<Cursor>(
  source: EventSource<Cursor>,
  wanted: EventRequest<Cursor>,
  first: EventPage<Cursor>,
  framing: EventFraming,
  share: ReaderShare,
  writer: PacedWriter,
  signal: AbortSignal,
): Promise<void> {
  const notices = new Notices(source, signal);
  try {
    let left = wanted.limited ? wanted.limit : Infinity;
    let page = first;
    for (;;) {
      const shown = page;
      share.spend(() => writer.write(framing.frame(shown, source.form)));
      left -= countEvents(page.items);
      if (left <= 0 || !(await writer.room())) return;
      if (page === first || page.more) await nextTurn();
      else await notices.next();
      await share.turn(signal);
      page = share.spend(() => source.read(shown.next, filterOf(wanted, Math.min(left, STREAM_PAGE))));
      if (signal.aborted) {
        writer.last(framing.frame(page, source.form));
        return;
      }
    }
  } finally {
    notices.close();
  }
}
