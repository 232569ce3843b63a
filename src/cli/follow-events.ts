/** Events as they come, over cuts and restarts of the daemon: each once, from where the last one was read. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { CursorForm } from '../domain/cursors.ts';
import type { EventItem } from '../domain/events.ts';
import { QktError } from '../errors.ts';
import { DaemonClient, type Query } from './client.ts';
import { DaemonRefusal } from './exit.ts';
import { note } from './output.ts';

/** As many as one answer holds. */
const PAGE = 10_000;
const RETRY_MS = 500;
/** A daemon that starts knows its strategies some moments after it answers. */
const PATIENCE_MS = 30_000;

export interface EventReading<Cursor> {
  readonly stateDir: string;
  readonly path: string;
  readonly form: CursorForm<Cursor>;
  readonly types: string | undefined;
  readonly shown: (line: string) => string;
}

/** Writes what there is after a cursor (what the daemon holds, without one), and gives the cursor after it. */
export async function writeEvents<Cursor>(reading: EventReading<Cursor>, since?: Cursor): Promise<Cursor> {
  const { stateDir, path, form, types, shown } = reading;
  const client = new DaemonClient(stateDir);
  for (let cursor = since; ;) {
    const query = cursor === undefined ? { types } : { since: form.format(cursor), types, wait: 0, limit: PAGE };
    const page = await client.stream(path, query);
    let events = 0;
    try {
      for await (const line of linesOf(page)) {
        await write(shown(line));
        events += 1;
      }
    } catch (cause) {
      throw new QktError('QKT_E_NO_DAEMON', 'the daemon cut the stream; go on with --since', { cause });
    }
    cursor = form.parse(String(page.headers['qkt-next-since'])) ?? cursor ?? form.start;
    if (query.limit === undefined || events < PAGE) return cursor;
  }
}

/** Goes on after a cursor until it is interrupted. @throws DaemonRefusal when the daemon goes on refusing. */
export async function followEvents<Cursor>(reading: EventReading<Cursor>, since: Cursor): Promise<never> {
  let cursor = since;
  let awaySince: number | undefined;
  for (;;) {
    try {
      const stream = await connect(reading, cursor);
      awaySince = undefined;
      for await (const line of linesOf(stream)) {
        cursor = reading.form.after(cursor, JSON.parse(line) as EventItem);
        await write(reading.shown(line));
      }
    } catch (error) {
      const refused = error instanceof DaemonRefusal;
      const tooLong = awaySince !== undefined && Date.now() - awaySince > PATIENCE_MS;
      if (refused ? tooLong : !isCut(error)) throw error;
    }
    if (awaySince === undefined) note('qkt: the daemon ended the stream; waiting for it to come back');
    awaySince ??= Date.now();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** With a client of its own: a daemon that came back may be somewhere else. */
function connect<Cursor>({ stateDir, path, form, types }: EventReading<Cursor>, since: Cursor) {
  const query: Query = { follow: true, since: form.format(since), types };
  return new DaemonClient(stateDir).stream(path, query);
}

const CUTS = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ERR_STREAM_PREMATURE_CLOSE']);

function isCut(error: unknown): boolean {
  if (error instanceof QktError) return error.code === 'QKT_E_NO_DAEMON' || error.code === 'QKT_E_TIMEOUT';
  return CUTS.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Whole lines that are not empty (an empty one keeps the connection alive); what a cut has torn is left out. */
async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield line;
  }
}

async function write(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
