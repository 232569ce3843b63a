/** Events as they come, over cuts and restarts of the daemon: each once, from where the last one was read. */
import type { CursorForm } from '../domain/cursors.ts';
import type { EventItem } from '../domain/events.ts';
import { QktError } from '../errors.ts';
import { DaemonClient, type Query } from './client.ts';
import { linesOf, stayConnected, writeLine } from './stay-connected.ts';

/** As many as one answer holds. */
const PAGE = 10_000;

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
        await writeLine(shown(line));
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
export function followEvents<Cursor>(reading: EventReading<Cursor>, since: Cursor): Promise<never> {
  let cursor = since;
  return stayConnected(async (connected) => {
    const stream = await connect(reading, cursor);
    connected();
    for await (const line of linesOf(stream)) {
      cursor = reading.form.after(cursor, JSON.parse(line) as EventItem);
      await writeLine(reading.shown(line));
    }
  });
}

/** With a client of its own: a daemon that came back may be somewhere else. */
function connect<Cursor>({ stateDir, path, form, types }: EventReading<Cursor>, since: Cursor) {
  const query: Query = { follow: true, since: form.format(since), types };
  return new DaemonClient(stateDir).stream(path, query);
}
