/** A stream of lines from the daemon to stdout, no faster than stdout takes them. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { QktError } from '../errors.ts';

/**
 * Writes each line that is not empty (a blank one keeps the connection alive) until the stream ends.
 * @throws QktError QKT_E_NO_DAEMON when it is cut before its end.
 */
export async function writeLines(stream: IncomingMessage, shown: (line: string) => string): Promise<void> {
  stream.setEncoding('utf8');
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (line !== '' && !process.stdout.write(`${shown(line)}\n`)) await once(process.stdout, 'drain');
    }
  } catch (error) {
    throw new QktError('QKT_E_NO_DAEMON', 'the daemon cut the stream; go on with --since', { cause: error });
  }
}
