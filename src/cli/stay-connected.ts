/** Streams that go on over cuts and restarts of the daemon. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { QktError } from '../errors.ts';
import { DaemonRefusal } from './exit.ts';
import { note } from './output.ts';

const RETRY_MS = 500;
/** A daemon that starts knows its strategies some moments after it answers. */
const PATIENCE_MS = 30_000;

/**
 * Reads again whenever the stream has ended, until it is interrupted.
 * @param read reads one stream to its end, from where the last one was left; it says when it is connected
 * @throws DaemonRefusal when the daemon goes on refusing.
 */
export async function stayConnected(read: (connected: () => void) => Promise<void>): Promise<never> {
  let awaySince: number | undefined;
  for (;;) {
    try {
      await read(() => (awaySince = undefined));
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

const CUTS = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ERR_STREAM_PREMATURE_CLOSE']);

function isCut(error: unknown): boolean {
  if (error instanceof QktError) return error.code === 'QKT_E_NO_DAEMON' || error.code === 'QKT_E_TIMEOUT';
  return CUTS.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Whole lines that are not empty (an empty one keeps the connection alive); what a cut has torn is left out. */
export async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield line;
  }
}

/** To stdout, no faster than it takes them. */
export async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
