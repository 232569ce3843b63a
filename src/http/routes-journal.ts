/** The journal's routes: operators' acts, the check of their chain, exports, backups. */
import { isAbsolute } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DaemonPort, ExportFormat, JournalPort } from '../domain/ports.ts';
import type { Steps } from '../domain/steps.ts';
import { QktError } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import { answerCommand, type CommandContext } from './commands.ts';
import { unknownStrategy } from './find-strategy.ts';
import type { HttpApp } from './http-app.ts';
import {
  BackedUp,
  BackupBody,
  Chain,
  ExportQuery,
  JOURNAL_LIMIT,
  JournalReadQuery,
  OperatorRecords,
} from './journal-schemas.ts';
import { goneSignal, inTurns, nextStep } from './in-turns.ts';
import { sendObject } from './negotiate.ts';
import { streamAnswer } from './open-stream.ts';
import { COMMAND_WAIT_S, CommandQuery, FormatQuery, NameParams, SECURED } from './schemas.ts';
import { badField } from './validation.ts';

const EXPORT_TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

/** @param daemon knows the names that come close to one that nothing is kept under */
export function registerJournalRoutes(
  app: HttpApp,
  journal: JournalPort,
  daemon: DaemonPort,
  context: CommandContext,
): void {
  registerChain(app, journal, daemon, context);
  registerExport(app, journal, daemon, context);
  registerBackup(app, journal, context);
}

function registerChain(app: HttpApp, journal: JournalPort, daemon: DaemonPort, context: CommandContext): void {
  const whole = <Result>(steps: Steps<Result>, reply: FastifyReply): Promise<Result> =>
    inTurns(steps, context.historyShare, goneSignal(reply));
  const records = {
    summary: "Operators' acts, oldest first",
    querystring: JournalReadQuery,
    response: Answer.answers({ 200: OperatorRecords }),
  };
  app.get('/daemon/journal', { schema: records }, async (request, reply) => {
    const { format: _, limit = JOURNAL_LIMIT, ...query } = request.query;
    const { strategy } = query;
    if (strategy !== undefined && daemon.strategy(strategy) === undefined)
      if (!(await whole(journal.knows(strategy), reply))) throw unknownStrategy(daemon, strategy);
    sendObject(request, reply, 200, await whole(journal.read({ ...query, limit }), reply));
  });
  const verify = {
    summary: "Whether the chain of operators' acts holds",
    querystring: FormatQuery,
    response: Answer.answers({ 200: Chain }),
  };
  app.get('/daemon/journal/verify', { schema: verify }, async (request, reply) => {
    sendObject(request, reply, 200, await whole(journal.verify(), reply));
  });
}

function registerExport(app: HttpApp, journal: JournalPort, daemon: DaemonPort, context: CommandContext): void {
  const schema = {
    summary: 'All trades or trading events that are kept, of removed strategies too',
    params: NameParams,
    querystring: ExportQuery,
    response: Answer.textAnswer('text/csv'),
  };
  app.get('/daemon/strategies/:name/export', { schema }, async (request, reply) => {
    const { name } = request.params;
    const { format = 'csv', what = 'trades' } = request.query;
    const { historyShare } = context;
    const pieces = journal.export(name, format, what)[Symbol.iterator]();
    try {
      // Asked for before the status goes out, so that a refusal still can.
      const first = await nextStep(pieces, historyShare, goneSignal(reply)).catch((error: unknown) => {
        throw isUnknown(error) ? unknownStrategy(daemon, name) : error;
      });
      await answerExport(first, pieces, format, context, request, reply);
    } finally {
      pieces.return?.();
    }
  });
}

const isUnknown = (error: unknown): boolean => error instanceof QktError && error.code === 'QKT_E_UNKNOWN_STRATEGY';

async function answerExport(
  first: IteratorResult<string> | undefined,
  rest: Iterator<string>,
  format: ExportFormat,
  context: CommandContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = { 'content-type': EXPORT_TYPES[format] };
  if (request.method === 'HEAD') {
    reply.headers(headers).send();
    return;
  }
  await streamAnswer(context, request, reply, { headers, keepAlive: '' }, async (writer, signal) => {
    for (let piece = first; piece?.done !== true; piece = await nextStep(rest, context.historyShare, signal)) {
      if (piece !== undefined) writer.write(piece.value);
      if (piece !== undefined && (await writer.room())) continue;
      // The daemon stops, or the reader has gone: a part must not be taken for the whole.
      reply.raw.destroy();
      return;
    }
  });
}

function registerBackup(app: HttpApp, journal: JournalPort, context: CommandContext): void {
  const schema = {
    summary: 'The whole state into one new file',
    querystring: CommandQuery,
    body: BackupBody,
    security: SECURED,
    response: Answer.answers({ 200: BackedUp, 202: Answer.Underway }),
  };
  app.post('/daemon/backup', { config: { scope: 'admin' }, schema }, (request, reply) => {
    const { file } = request.body;
    if (!isAbsolute(file)) throw badField('file', 'the body member `file` must be an absolute path');
    return answerCommand(context, request, reply, {
      name: 'backup',
      strategy: null,
      args: { file },
      wait: request.query.wait ?? COMMAND_WAIT_S,
      execute: async () => ({ status: 200, result: { file, ...(await journal.backup(file)) } }),
    });
  });
}
