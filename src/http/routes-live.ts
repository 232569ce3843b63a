/** The dashboard's stream. */
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { POSITIONS } from '../domain/cursors.ts';
import type { DaemonPort } from '../domain/ports.ts';
import * as Answer from './answer-schemas.ts';
import type { CommandContext } from './commands.ts';
import { NDJSON } from './event-lines.ts';
import { cursorOf } from './event-query.ts';
import { unknownStrategy } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import { LiveStream, type LiveRequest } from './live-stream.ts';
import { streamAnswer } from './open-stream.ts';
import { Overview } from './overview.ts';
import { closed } from './schemas.ts';

const LiveQuery = closed({
  since: Type.Optional(Type.String({ description: '`next` of the last line that was read; from now on without it.' })),
  recent: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1000,
      description: 'So many of the latest events first; only without `since`.',
    }),
  ),
  strategy: Type.Optional(Type.String({ description: 'One to be told in full.' })),
});

export function registerLive(app: HttpApp, daemon: DaemonPort, context: CommandContext): void {
  const overview = new Overview(daemon, context.clock);
  const schema = {
    summary: "The dashboard's stream: events, rows of the fleet, one strategy in full, its log",
    querystring: LiveQuery,
    response: Answer.textAnswer(NDJSON.contentType),
  };
  app.get('/daemon/live', { schema }, (request, reply) => {
    const { since, strategy, recent = 0 } = request.query;
    if (strategy !== undefined && daemon.strategy(strategy) === undefined) throw unknownStrategy(daemon, strategy);
    const from = since === undefined ? undefined : cursorOf(since, POSITIONS, 'since');
    return answerLive({ daemon, overview, strategy, since: from, recent }, context, request, reply);
  });
}

async function answerLive(
  asked: LiveRequest,
  context: CommandContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { contentType, keepAlive } = NDJSON;
  const headers = { 'content-type': contentType };
  if (request.method === 'HEAD') {
    reply.headers(headers).send();
    return;
  }
  await streamAnswer(context, request, reply, { headers, keepAlive }, (writer, signal) =>
    new LiveStream(asked, context, writer, signal).run(),
  );
}
